import { eq, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { cluster, run } from "../../db/schema";
import { type Actor, audit } from "../audit/audit";
import { notFound } from "../errors";
import { seal, unseal } from "../secret/seal";
import { ClusterError, RayCluster } from "./ray";
import type { ClusterInput, ClusterSettings, ClusterState } from "./schema";

const KIND = "ray";
const BOUND = "cluster/ray";
/** How long a page waits for a cluster before it says that there is no answer. */
const PAGE_PATIENCE = { timeoutMs: 8000, pausesMs: [300] };

/** The cluster's settings, without its token; null while none is set. */
export async function clusterSettings(db: Db): Promise<ClusterSettings | null> {
  const [found] = await db
    .select({
      address: cluster.address,
      hasToken: sql<boolean>`${cluster.tokenCiphertext} is not null`,
      siteAddress: cluster.siteAddress,
      updatedAt: cluster.updatedAt,
    })
    .from(cluster)
    .where(eq(cluster.kind, KIND));
  return found ?? null;
}

export async function setCluster(db: Db, actor: Actor, input: ClusterInput): Promise<ClusterSettings> {
  const { address, token, siteAddress } = input;
  return db.transaction(async (tx) => {
    const before = await clusterSettings(tx);
    // Left out it is kept, but only where it was meant to go.
    const isKept = token === undefined && before?.address === address;
    const values = {
      address,
      siteAddress,
      updatedBy: actor.personId,
      updatedAt: new Date(),
      ...(isKept ? {} : { tokenCiphertext: token ? seal(token, BOUND) : null }),
    };
    await tx
      .insert(cluster)
      .values({ kind: KIND, ...values })
      .onConflictDoUpdate({ target: cluster.kind, set: values });
    const after = await clusterSettings(tx);
    if (!after) throw notFound("The cluster");
    await audit(tx, actor, { action: "cluster.set", target: { kind: "cluster", id: KIND }, before, after });
    return after;
  });
}

export async function forgetCluster(db: Db, actor: Actor): Promise<void> {
  await db.transaction(async (tx) => {
    const before = await clusterSettings(tx);
    if (!before) throw notFound("The cluster");
    await tx.delete(cluster).where(eq(cluster.kind, KIND));
    await audit(tx, actor, { action: "cluster.forget", target: { kind: "cluster", id: KIND }, before });
  });
}

/** The cluster, ready to be asked; null while none is set. */
export async function openCluster(
  db: Db,
  patience?: ConstructorParameters<typeof RayCluster>[1],
): Promise<{ ray: RayCluster; address: string; siteAddress: string } | null> {
  const [found] = await db.select().from(cluster).where(eq(cluster.kind, KIND));
  if (!found) return null;
  const { address, siteAddress, tokenCiphertext } = found;
  const token = tokenCiphertext ? unseal(tokenCiphertext, BOUND) : null;
  return { ray: new RayCluster({ address, token }, patience), address, siteAddress };
}

/** What the cluster says of itself now, and which of its jobs are ours. */
export async function clusterState(db: Db): Promise<ClusterState | null> {
  const opened = await openCluster(db, PAGE_PATIENCE);
  if (!opened) return null;
  const began = performance.now();
  try {
    const rayVersion = await opened.ray.version();
    const milliseconds = Math.round(performance.now() - began);
    const [nodes, usage, jobs] = await Promise.all([
      opened.ray.nodes(),
      opened.ray.usage(),
      opened.ray.jobs(),
    ]);
    const ours = jobs.filter(
      ({ submission_id, status }) =>
        submission_id?.startsWith(SUBMISSION_MARK) && (status === "PENDING" || status === "RUNNING"),
    );
    return {
      answers: true,
      milliseconds,
      rayVersion,
      nodes,
      usage,
      jobs: await Promise.all(
        ours.map(async ({ submission_id, status, start_time }) => {
          const runId = runIdOf(submission_id ?? "");
          const [known] = runId
            ? await db
                .select({ title: run.title, projectId: run.projectId })
                .from(run)
                .where(eq(run.id, runId))
            : [];
          return {
            submissionId: submission_id ?? "",
            status,
            runId: known ? runId : null,
            projectId: known?.projectId ?? null,
            title: known?.title ?? null,
            startedAt: start_time ? new Date(start_time) : null,
          };
        }),
      ),
    };
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    return { answers: false, problem: error.message };
  }
}

const SUBMISSION_MARK = "concord-";

/** The name of a job: reserved before it is submitted, and never used twice. */
export const submissionIdOf = ({ runId, generation }: { runId: string; generation: number }) =>
  `${SUBMISSION_MARK}${runId}-${generation}`;

const runIdOf = (submissionId: string) =>
  /^concord-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-\d+$/.exec(submissionId)?.[1] ?? null;
