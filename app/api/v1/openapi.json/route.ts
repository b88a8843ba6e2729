import { openApi } from "@/server/openapi/document";

export function GET() {
  return Response.json(openApi());
}
