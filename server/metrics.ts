import { and, count, eq, gt, sql } from "drizzle-orm";
import { collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { Db } from "../db/client";
import { annotation, assignment, person, run, worker } from "../db/schema";
import { siteFigures } from "./figure/site";

/** Metrics in Prometheus' text format. Counts come from the database, so every site process reports the same. */
export function metricsOf(db: Db): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: "concord_site_" });
  const registers = [registry];

  new Gauge({
    name: "concord_runs",
    help: siteFigures.siteRuns.is,
    labelNames: ["kind", "status"],
    registers,
    async collect() {
      this.reset();
      const rows = await db
        .select({ kind: run.kind, status: run.status, value: count() })
        .from(run)
        .groupBy(run.kind, run.status);
      for (const { kind, status, value } of rows) this.set({ kind, status }, value);
    },
  });
  new Gauge({
    name: "concord_assignments",
    help: siteFigures.siteSeats.is,
    labelNames: ["status"],
    registers,
    async collect() {
      this.reset();
      const rows = await db
        .select({ status: assignment.status, value: count() })
        .from(assignment)
        .where(eq(assignment.apart, false))
        .groupBy(assignment.status);
      for (const { status, value } of rows) this.set({ status }, value);
    },
  });
  new Gauge({
    name: "concord_annotations",
    help: siteFigures.siteJudgements.is,
    registers,
    async collect() {
      this.set(await db.$count(annotation, and(eq(annotation.current, true), eq(annotation.apart, false))));
    },
  });
  new Gauge({
    name: "concord_people",
    help: siteFigures.sitePeople.is,
    registers,
    async collect() {
      this.set(await db.$count(person, sql`${person.disabledAt} is null`));
    },
  });
  new Gauge({
    name: "concord_workers",
    help: siteFigures.siteWorkers.is,
    registers,
    async collect() {
      this.set(await db.$count(worker, gt(worker.heartbeatAt, sql`now() - interval '30 seconds'`)));
    },
  });
  return registry;
}
