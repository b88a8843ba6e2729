import { z } from "zod";
import { database } from "@/db/client";
import { eventLines, tellEvents } from "@/server/cluster/jobs";
import { limits } from "@/server/limits";
import { jobOf } from "@/server/machine/machine";
import { answer, jsonOf } from "@/server/rest/answer";
import { isAging, signRunToken } from "@/server/token/run";

/** Everything that a run's earlier submissions told: where a new one resumes. */
export async function GET(request: Request): Promise<Response> {
  return answer(async () => {
    const { db } = database();
    const { runId } = await jobOf(db, request.headers);
    return Response.json({ lines: await eventLines(db, runId) });
  });
}

const told = z.object({
  /** The number of the first line, from 0. */
  from: z.int().min(0),
  lines: z.array(z.string().max(1_000_000)).max(20_000),
});

/** Lines of a job's events.jsonl; without lines it asks what is wanted of it. Sent twice they count once. */
export async function POST(request: Request): Promise<Response> {
  return answer(async () => {
    const { db } = database();
    const claim = await jobOf(db, request.headers);
    const orders = await tellEvents(db, claim, told.parse(await jsonOf(request, limits.jobBytes)));
    return Response.json({ ...orders, ...(isAging(claim) ? { token: signRunToken(claim) } : {}) });
  });
}
