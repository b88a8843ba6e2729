import { TRPCError } from "@trpc/server";
import type { Db } from "../../db/client";
import { requireJob } from "../cluster/jobs";
import { findMachine } from "../token/machine";
import { type RunClaim, readRunToken } from "../token/run";

/** Who speaks without being a person: a machine with a worker's token, or the job of a run on a cluster. */
export type Machine = { kind: "worker"; tokenId: string } | { kind: "job"; claim: RunClaim };

/** @throws UNAUTHORIZED when the request bears no machine's token; CONFLICT when its run is over */
export async function machineOf(db: Db, headers: Headers): Promise<Machine> {
  const [, token = ""] = /^Bearer (\S+)$/.exec(headers.get("authorization") ?? "") ?? [];
  const claim = readRunToken(token);
  if (claim) {
    await requireJob(db, claim);
    return { kind: "job", claim };
  }
  const worker = await findMachine(db, token);
  if (worker) return { kind: "worker", tokenId: worker.tokenId };
  throw new TRPCError({
    code: "UNAUTHORIZED",
    message: "Send a machine's token, which an admin makes on the page Cluster, as Authorization: Bearer.",
  });
}

/** @throws FORBIDDEN for a machine that is not the job of a run */
export async function jobOf(db: Db, headers: Headers): Promise<RunClaim> {
  const machine = await machineOf(db, headers);
  if (machine.kind === "job") return machine.claim;
  throw new TRPCError({ code: "FORBIDDEN", message: "Only the job of a run on a cluster may do this." });
}
