import { TRPCError } from "@trpc/server";
import { z } from "zod";
import { connect } from "../../db/client";
import { type KeptFailure, keptFailureSchema, keptKinds } from "../../db/shape/kept";
import { conclusions } from "../../server/conclusion/kept";
import { settleKept } from "../../server/look/kept";

/** One conclusion, reckoned in a process of its own; see keeper.ts. The worker holds its lease until it is kept. */
const messageSchema = z.object({
  input: z.object({ id: z.uuid(), projectId: z.uuid(), kind: z.enum(keptKinds), input: z.unknown() }),
});

/** What whoever asked is told. A defect in its own words is for the worker's log: they hold queries and what was asked. */
function failureOf(error: unknown): KeptFailure {
  const told = error instanceof TRPCError ? error : null;
  const code = keptFailureSchema.shape.code.catch(null).parse(told?.code ?? null);
  if (told && code !== null) return { code, message: told.message };
  process.send?.({ defect: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  return { code: null, message: "the worker's log says why." };
}

process.once("message", async (message: unknown) => {
  // A worker that was killed: its lease ends, and another one reckons.
  process.once("disconnect", () => process.exit(1));
  const { id, projectId, kind, input } = messageSchema.parse(message).input;
  const { db } = connect(process.env.DATABASE_URL ?? "", { max: 3 });
  const madeAt = new Date();
  const made = await conclusions[kind].anew(db, projectId, input).then(
    (answer) => ({ answer, failed: null }),
    (error: unknown) => ({ answer: null, failed: failureOf(error) }),
  );
  await settleKept(db, { id }, { madeAt, ...made });
  process.send?.({}, () => process.exit(0));
});
