import type { Figure } from "./figure";

/** Figures of the whole site, as Prometheus reads them. */
export const siteFigures = {
  siteRuns: {
    name: "Runs",
    is: "Runs by kind and status, of all projects.",
    counts: "Each run once, by its status now.",
    leftOut: "Nothing: a kind or status without runs has no line.",
    interval: null,
    by: "server/metrics.ts metricsOf",
    query: `select kind, status, count(*) as value from run group by kind, status`,
    fields: ["metrics concord_runs"],
  },
  siteSeats: {
    name: "Seats",
    is: "Seats of raters by status, of all projects.",
    counts: "Each seat once, by its status now.",
    leftOut: "Those of tasks whose answer is known. A status without seats has no line.",
    interval: null,
    by: "server/metrics.ts metricsOf",
    query: `select status, count(*) as value from assignment where not apart group by status`,
    fields: ["metrics concord_assignments"],
  },
  siteJudgements: {
    name: "Judgements in force",
    is: "Judgements in force, of all projects.",
    counts:
      "The latest revision of each; excluded ones, adjudications, models' and those of withdrawn consent too.",
    leftOut: "What was undone or replaced, and answers to tasks whose answer is known.",
    interval: null,
    by: "server/metrics.ts metricsOf",
    query: `select count(*) as value from annotation where current and not apart`,
    fields: ["metrics concord_annotations"],
  },
  sitePeople: {
    name: "People",
    is: "People who may sign in.",
    counts: "Each account once.",
    leftOut: "Accounts that are disabled.",
    interval: null,
    by: "server/metrics.ts metricsOf",
    query: `select count(*) as value from person where disabled_at is null`,
    fields: ["metrics concord_people"],
  },
  siteWorkers: {
    name: "Workers",
    is: "Workers heard of in the last 30 seconds.",
    counts: "Each process that takes runs, with or without one.",
    leftOut: "Those that ended or lost the database; they stay known for a while.",
    interval: null,
    by: "server/metrics.ts metricsOf",
    query: `select count(*) as value from worker where heartbeat_at > now() - interval '30 seconds'`,
    fields: ["metrics concord_workers"],
  },
} as const satisfies Record<string, Figure>;
