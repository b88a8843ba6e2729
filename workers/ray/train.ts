import { setTimeout as sleep } from "node:timers/promises";
import { eq } from "drizzle-orm";
import { run as runs } from "../../db/schema";
import { openCluster, submissionIdOf } from "../../server/cluster/cluster";
import {
  type ClusterFile,
  type ClusterJob,
  jobFiles,
  nextSubmission,
  noteSubmitted,
  readJob,
  reserveJob,
} from "../../server/cluster/jobs";
import { ClusterError, type RayCluster, type RayJob } from "../../server/cluster/ray";
import { signRunToken } from "../../server/token/run";
import { TransientError, type Work } from "../run/handler";
import type { Follower } from "../training/follower";
import { Mirror } from "./mirror";
import { jobPackage } from "./package";
import { inWords, refusalOf, type Scaling } from "./resources";

interface Waiting {
  pollMs: number;
  /** How long a submission may wait for machines before the run fails. */
  pendingMs: number;
  /** How long a cluster may be out of reach before the attempt ends; a later one looks again. */
  awayMs: number;
  /** How long a cluster that is coming up may lack machines: it answers before they have joined. */
  joiningMs: number;
}

const USUAL: Waiting = { pollMs: 2000, pendingMs: 15 * 60_000, awayMs: 10 * 60_000, joiningMs: 5 * 60_000 };
/** Time to save and to make the model of what was learnt, before Ray kills the job. */
const STOP_GRACE_SECONDS = 600;
/** A job lost this often since its last checkpoint will be lost again. */
const MOST_LOSSES = 3;
const CONSOLE_CHARACTERS = 4000;

export interface ClusterRun {
  runYaml: string;
  scaling: Scaling;
  follow: () => Follower;
  waiting?: Partial<Waiting>;
}

export interface Trained {
  follower: Follower;
  /** The run's folder as the job left it. */
  files: ClusterFile[];
}

/**
 * Has a Ray cluster train. The job is reserved in the database before it is submitted, tells its events and files to
 * the site by itself, and outlives this process: whoever takes up the run finds it again by its name. A job that the
 * cluster lost is submitted again and goes on from its last checkpoint.
 */
export async function trainOnCluster(work: Work, run: ClusterRun): Promise<Trained> {
  return new Attempt(work, run).execute();
}

/** What became of a submission. */
type End =
  | { kind: "done" }
  | { kind: "failed"; error: string }
  | { kind: "stopped" }
  | { kind: "lost"; why: string };

class Attempt {
  readonly #work: Work;
  readonly #run: ClusterRun;
  readonly #waiting: Waiting;
  readonly #mirror: Mirror;
  #losses = 0;
  #checkpoints = 0;
  #stopSent = false;
  #awaySince: number | null = null;
  #shortSince: number | null = null;

  constructor(work: Work, run: ClusterRun) {
    this.#work = work;
    this.#run = run;
    this.#waiting = { ...USUAL, ...run.waiting };
    this.#mirror = new Mirror(work.db, { runId: work.run.id, folder: work.folder, follow: run.follow });
  }

  async execute(): Promise<Trained> {
    const { db, run, log } = this.#work;
    let job = await reserveJob(db, run.id);
    if (job.submittedAt) await log("info", `Looks for its job ${submissionIdOf(job)} on the cluster.`);
    for (;;) {
      const end = await this.#see(job).catch(async (error: unknown) => {
        if (this.#work.signal.aborted) await this.#leave(job);
        throw error;
      });
      const files = await jobFiles(db, run.id);
      if (end.kind === "done") return { follower: await this.#mirror.finish(), files };
      const hasCheckpoint = files.some(({ path }) => path.startsWith("output/checkpoints/"));
      if (end.kind === "failed") await this.#giveUp(job, end.error);
      if (end.kind === "stopped") {
        if (!hasCheckpoint)
          await this.#giveUp(job, "Stopped before the first step: there is nothing to keep.");
        await log("info", "Stopped: the model is made from the last checkpoint.");
        job = await nextSubmission(db, { ...job, finishing: true });
      }
      if (end.kind === "lost") job = await this.#again(job, end.why, files);
    }
  }

  /** Follows one submission to its end; submits it first where that was not done. */
  async #see(job: ClusterJob): Promise<End> {
    const { signal, stop } = this.#work;
    const since = Date.now();
    for (;;) {
      signal.throwIfAborted();
      if ((await this.#mirror.pull()) > 0) this.#awaySince = null;
      if (this.#isDone(job)) return { kind: "done" };
      const found = await this.#ask(async (ray) => {
        if (stop.aborted && !job.finishing) await this.#sendStop(ray, job);
        return ray.job(submissionIdOf(job));
      });
      if (found === null) {
        const lost = (await readJob(this.#work.db, job.runId)).submittedAt !== null;
        if (lost) return { kind: "lost", why: "The cluster no longer knows the job: it was restarted." };
        if (stop.aborted && !job.finishing) return { kind: "stopped" };
        await this.#ask((ray) => this.#submit(ray, job));
      } else if (found !== "away") {
        await noteSubmitted(this.#work.db, job);
        const end = await this.#endOf(job, found);
        if (end) return end;
        await this.#refuseToWaitForEver(job, since);
      }
      await sleep(this.#waiting.pollMs, undefined, { signal }).catch(() => {});
    }
  }

  /** The last word of a job is `done`, and its files were there before that word. */
  #isDone({ generation }: ClusterJob): boolean {
    const { event, generation: said } = this.#mirror.last;
    return said === generation && event?.type === "done";
  }

  /** Asks the cluster. While it is out of reach the answer is "away", until patience ends. */
  async #ask<T>(question: (ray: RayCluster) => Promise<T>): Promise<T | "away"> {
    const { db, log } = this.#work;
    const opened = await openCluster(db);
    if (!opened)
      throw new Error("No cluster is set any more: an admin sets its address under Administration, Cluster.");
    try {
      const answer = await question(opened.ray);
      if (this.#awaySince !== null) await log("info", "The cluster answers again.");
      this.#awaySince = null;
      return answer;
    } catch (error) {
      if (!(error instanceof ClusterError) || error.reason !== "unreachable") throw error;
      if (this.#awaySince === null) await log("warning", error.message);
      this.#awaySince ??= Date.now();
      if (Date.now() - this.#awaySince > this.#waiting.awayMs) throw new TransientError(error.message);
      return "away";
    }
  }

  async #submit(ray: RayCluster, job: ClusterJob): Promise<void> {
    const { db, run, log } = this.#work;
    const { scaling, runYaml } = this.#run;
    const opened = await openCluster(db);
    if (!opened) return;
    if (await this.#lacksMachines(ray)) return;
    const submissionId = submissionIdOf(job);
    await ray.submit({
      submissionId,
      // Without a shell in between: the signal to stop must reach the program.
      entrypoint: "exec python -m concord_torch.ray_job",
      packageUri: await ray.upload(jobPackage(runYaml)),
      env: {
        CONCORD_SITE: opened.siteAddress,
        CONCORD_RUN_TOKEN: signRunToken(job),
        CONCORD_SCALING: JSON.stringify({
          num_workers: scaling.workers,
          use_gpu: scaling.useGpu,
          resources_per_worker: scaling.perWorker,
        }),
        CONCORD_JOB: submissionId,
        RAY_JOB_STOP_WAIT_TIME_S: String(STOP_GRACE_SECONDS),
      },
      metadata: { concord_run: run.id, submission: String(job.generation), title: run.title },
    });
    await noteSubmitted(db, job);
    await log(
      "info",
      `Submitted to the cluster as ${submissionId}: ${scaling.workers} × ${inWords(scaling.perWorker)}.`,
    );
  }

  /**
   * @returns whether it is worth waiting for machines: none has joined yet, or the job was lost with them
   * @throws when the run could never start there: Ray itself would let it wait for ever
   */
  async #lacksMachines(ray: RayCluster): Promise<boolean> {
    const nodes = await ray.nodes();
    const refusal = refusalOf(this.#run.scaling, nodes);
    if (refusal === null) return false;
    this.#shortSince ??= Date.now();
    const comingUp = nodes.length === 0 || this.#losses > 0;
    if (comingUp && Date.now() - this.#shortSince < this.#waiting.joiningMs) return true;
    throw new Error(refusal);
  }

  async #sendStop(ray: RayCluster, job: ClusterJob): Promise<void> {
    if (this.#stopSent) return;
    await ray.stop(submissionIdOf(job));
    this.#stopSent = true;
    await this.#work.log("info", "Asked the cluster to stop; the job saves first.");
  }

  /** @returns undefined while the job goes on. The status decides, never a log or a closed connection. */
  async #endOf(job: ClusterJob, { status, message }: RayJob): Promise<End | undefined> {
    if (status === "PENDING" || status === "RUNNING") return undefined;
    // Its last words may have come after the last look.
    await this.#mirror.pull();
    if (this.#isDone(job)) return { kind: "done" };
    const { event, generation } = this.#mirror.last;
    if (generation === job.generation && event?.type === "log" && event.level === "error")
      return { kind: "failed", error: event.message };
    if (this.#work.stop.aborted && !job.finishing) return { kind: "stopped" };
    if (status === "STOPPED")
      return {
        kind: "failed",
        error:
          "Somebody stopped the job on the cluster: try the run again to go on from its last checkpoint.",
      };
    return { kind: "lost", why: message?.split("\n")[0] || `The job ended as ${status} without a word.` };
  }

  async #refuseToWaitForEver(job: ClusterJob, since: number): Promise<void> {
    const { startedAt, submittedAt } = await readJob(this.#work.db, job.runId);
    const waits = Date.now() - (submittedAt?.getTime() ?? since);
    if (startedAt || waits < this.#waiting.pendingMs) return;
    const { scaling } = this.#run;
    const usage = await this.#ask((ray) => ray.usage());
    const free =
      usage === "away" || usage === null
        ? ""
        : ` Free now: ${inWords(
            Object.fromEntries(
              Object.keys(scaling.perWorker).map((name) => [
                name,
                (usage[name]?.total ?? 0) - (usage[name]?.used ?? 0),
              ]),
            ),
          )}.`;
    await this.#ask((ray) => ray.stop(submissionIdOf(job)));
    await this.#giveUp(
      job,
      `The cluster gave no machines for ${scaling.workers} × ${inWords(scaling.perWorker)} within ${Math.round(this.#waiting.pendingMs / 60_000)} minutes, or they could not reach this site.${free} Try again later, lower num_workers, or check the address of this site on the page Cluster.`,
    );
  }

  async #again(job: ClusterJob, why: string, files: readonly ClusterFile[]): Promise<ClusterJob> {
    const { db, log } = this.#work;
    const checkpoints = newestCheckpoint(files);
    this.#losses = checkpoints > this.#checkpoints ? 1 : this.#losses + 1;
    this.#checkpoints = checkpoints;
    await this.#logConsole(job);
    if (this.#losses > MOST_LOSSES)
      await this.#giveUp(job, `The job was lost ${this.#losses} times without a new checkpoint. ${why}`);
    this.#stopSent = false;
    await log(
      "warning",
      `${why} It is submitted again and goes on from ${checkpoints > 0 ? `step ${checkpoints}` : "the beginning"}.`,
    );
    return nextSubmission(db, job);
  }

  /** For a person to read; nothing is concluded from it. */
  async #logConsole(job: ClusterJob): Promise<void> {
    const tail = await this.#ask((ray) => ray.logTail(submissionIdOf(job), CONSOLE_CHARACTERS)).catch(
      () => "",
    );
    if (tail && tail !== "away") await this.#work.log("warning", `The end of the job's console:\n${tail}`);
  }

  /** Ends the run. Tried again by a person, it begins with a new submission. */
  async #giveUp(job: ClusterJob, error: string): Promise<never> {
    await nextSubmission(this.#work.db, { ...job, finishing: false });
    throw new Error(error);
  }

  /** A cancelled run takes its job along; when only this worker ends, the job goes on without it. */
  async #leave(job: ClusterJob): Promise<void> {
    const { db, run } = this.#work;
    const [now] = await db.select({ cancelled: runs.cancelRequested }).from(runs).where(eq(runs.id, run.id));
    if (now && !now.cancelled) return;
    await nextSubmission(db, { ...job, finishing: false });
    await this.#ask((ray) => ray.stop(submissionIdOf(job))).catch(() => {});
  }
}

const newestCheckpoint = (files: readonly ClusterFile[]) =>
  Math.max(0, ...files.map(({ path }) => Number(/^output\/checkpoints\/step-(\d+)\//.exec(path)?.[1] ?? 0)));
