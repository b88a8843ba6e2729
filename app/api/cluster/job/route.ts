import { database } from "@/db/client";
import { startJob } from "@/server/cluster/jobs";
import { jobOf } from "@/server/machine/machine";
import { answer } from "@/server/rest/answer";

/** A job on a cluster says that its training process is up, and is told the files of its run. */
export async function POST(request: Request): Promise<Response> {
  return answer(async () => {
    const { db } = database();
    return Response.json(await startJob(db, await jobOf(db, request.headers)));
  });
}
