import { TRPCError } from "@trpc/server";
import { z } from "zod";
import { problem, problemOf, problemResponse } from "./problem";

/** Answers a request of a program; what is expected to go wrong becomes a problem document. */
export async function answer(work: () => Promise<Response>): Promise<Response> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TRPCError) return problemResponse(problemOf(error));
    if (error instanceof z.ZodError) return problemResponse(problem(400, z.prettifyError(error)));
    throw error;
  }
}

/** The body of a request, chunk by chunk. */
export async function* bodyOf(request: Request): AsyncGenerator<Uint8Array> {
  const reader = request.body?.getReader();
  if (!reader) return;
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    reader.releaseLock();
  }
}
