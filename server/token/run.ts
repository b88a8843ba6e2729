import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { keyFor } from "../secret/seal";

/** What a job on a cluster may speak for: one submission of one run, for a while. */
export interface RunClaim {
  runId: string;
  generation: number;
  expiresAt: Date;
}

const MARK = "crun_";
const HOUR_MS = 3_600_000;
/** A job that waits this long for machines, or for the site to come back, is lost. */
const LIFETIME_MS = 48 * HOUR_MS;

const claimSchema = z.tuple([z.uuid(), z.int().positive(), z.int().positive()]);

/** A signed token for one submission of a run. Nothing is stored: the signature and the run's row decide. */
export function signRunToken(
  { runId, generation }: Pick<RunClaim, "runId" | "generation">,
  now = Date.now(),
): string {
  const claim = Buffer.from(JSON.stringify([runId, generation, now + LIFETIME_MS])).toString("base64url");
  return `${MARK}${claim}.${signature(claim)}`;
}

/** @returns null for anything that this site did not sign, or that has expired */
export function readRunToken(token: string, now = Date.now()): RunClaim | null {
  if (!token.startsWith(MARK)) return null;
  const [claim = "", given = ""] = token.slice(MARK.length).split(".");
  const expected = Buffer.from(signature(claim));
  const received = Buffer.from(given);
  if (expected.length !== received.length || !timingSafeEqual(expected, received)) return null;
  const [runId, generation, expires] = claimSchema.parse(
    JSON.parse(Buffer.from(claim, "base64url").toString()),
  );
  return expires > now ? { runId, generation, expiresAt: new Date(expires) } : null;
}

/** Whether a job should be given a new token before this one ends. */
export const isAging = ({ expiresAt }: RunClaim, now = Date.now()) =>
  expiresAt.getTime() - now < LIFETIME_MS / 2;

const signature = (claim: string) =>
  createHmac("sha256", keyFor("concord run tokens")).update(claim).digest("base64url");
