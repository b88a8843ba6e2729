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

function failureOf(error: unknown): KeptFailure {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof TRPCError ? error.code : null;
  return { code: keptFailureSchema.shape.code.catch(null).parse(code), message };
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
