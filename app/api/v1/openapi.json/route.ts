import { openApi } from "@/server/rest/openapi";

export function GET() {
  return Response.json(openApi());
}
