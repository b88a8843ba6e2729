/** Kinds and states of runs, by themselves: the table's enums and, in the browser, the zod shapes read them. */
export const runKinds = [
  "import",
  "freeze",
  "export",
  "push",
  "sft",
  "reward",
  "preference",
  "kto",
  "generate",
  "score",
  "judge",
  "evaluate",
  "new_model",
  "preview",
  "chat",
  "collect",
] as const;

/**
 * - `queued`    waits for `availableAt` and a worker that can do it
 * - `running`   a worker holds the lease and renews it; past `leasedUntil` another worker takes it over
 * - `succeeded` / `failed` / `cancelled` are final
 */
export const runStatuses = ["queued", "running", "succeeded", "failed", "cancelled"] as const;
