import type { Registry } from "prom-client";
import { contextOf } from "@/server/auth";
import { metricsOf } from "@/server/metrics";

let registry: Registry | undefined;

/** Prometheus metrics, for admins: give Prometheus an API token of one. */
export async function GET(request: Request) {
  const { db, viewer } = await contextOf(request.headers);
  if (!viewer) return new Response("Send an admin's API token.\n", { status: 401 });
  if (!viewer.isAdmin) return new Response("Only an admin may read metrics.\n", { status: 403 });
  registry ??= metricsOf(db);
  return new Response(await registry.metrics(), { headers: { "content-type": registry.contentType } });
}
