import { database } from "@/db/client";
import { health } from "@/server/health";

/** 200 when the site, the database and a worker are up, else 503 with what is missing. */
export async function GET() {
  const state = await health(database().db);
  return Response.json(state, {
    status: state.status === "ok" ? 200 : 503,
    headers: { "cache-control": "no-store" },
  });
}
