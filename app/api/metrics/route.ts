import { TRPCError } from "@trpc/server";
import type { Registry } from "prom-client";
import { contextOf } from "@/server/auth";
import { forbidden } from "@/server/errors";
import { metricsOf } from "@/server/metrics";
import { answer } from "@/server/rest/answer";

let registry: Registry | undefined;

/** Prometheus metrics, for admins: give Prometheus an API token of one. */
export async function GET(request: Request) {
  return answer(async () => {
    const { db, viewer } = await contextOf(request);
    if (!viewer) throw new TRPCError({ code: "UNAUTHORIZED", message: "Send an admin's API token." });
    if (!viewer.isAdmin) throw forbidden("Only an admin may read metrics.");
    registry ??= metricsOf(db);
    return new Response(await registry.metrics(), {
      headers: { "content-type": registry.contentType, "cache-control": "no-store" },
    });
  });
}
