import { z } from "zod";
import { database } from "@/db/client";
import { tellFiles } from "@/server/cluster/jobs";
import { limits } from "@/server/limits";
import { jobOf } from "@/server/machine/machine";
import { answer, jsonOf } from "@/server/rest/answer";

/** Within the run's folder; what a worker writes to disk by it cannot leave the folder. */
const path = z
  .string()
  .min(1)
  .max(500)
  .refine((text) => text.split("/").every((part) => part !== "" && part !== "." && part !== ".."), {
    message: "A path lies within the run's folder.",
  });
const told = z.object({
  add: z.array(z.object({ path, sha256: z.string().regex(/^[0-9a-f]{64}$/) })).max(20_000),
  remove: z.array(path).max(1000),
});

/** A job names uploaded files as those of its run: a checkpoint appears whole or not at all. */
export async function POST(request: Request): Promise<Response> {
  return answer(async () => {
    const { db } = database();
    const claim = await jobOf(db, request.headers);
    return Response.json(await tellFiles(db, claim, told.parse(await jsonOf(request, limits.jobBytes))));
  });
}
