import type { Assembly } from "../../db/shape/judge";
import { getJudgeVersion } from "../../server/judge/judge";
import { memberReplies } from "../../server/judge/member-replies";
import { cascadeSays, type Member, panelSays, stands } from "../../server/judge/members";
import { recordVerdict } from "../../server/judge/record";
import { repliesWanted } from "../../server/judge/request";
import type { JudgeVersion } from "../../server/judge/schema";
import { readTasks, type TaskToJudge, withoutKin } from "../../server/judge/tasks";
import type { Judging, OpenJudge } from "./judging";

/** Tasks that a cascade hands on together. */
const TASKS_AT_ONCE = 100;

/**
 * A judge that is made of versions of others. They are asked as themselves, each where it may be: what they say is kept as
 * theirs, so that nothing is paid twice, whoever asks first. What it comes to is the verdict here.
 */
export class MembersJudge implements OpenJudge {
  readonly #judging: Judging;
  readonly #assembly: Assembly;
  readonly #openOne: (judging: Judging) => Promise<OpenJudge>;
  /** Opened when they are first asked: the last of a cascade may never be. */
  readonly #open = new Map<string, { version: JudgeVersion; judge: OpenJudge }>();

  constructor(judging: Judging, assembly: Assembly, openOne: (judging: Judging) => Promise<OpenJudge>) {
    this.#judging = judging;
    this.#assembly = assembly;
    this.#openOne = openOne;
  }

  async ask(tasks: readonly TaskToJudge[]): Promise<"cap" | "stopped" | null> {
    for (let at = 0; at < tasks.length; at += TASKS_AT_ONCE) {
      const why = await this.#page(tasks.slice(at, at + TASKS_AT_ONCE));
      if (why) return why;
    }
    return null;
  }

  async close(): Promise<void> {
    for (const { judge } of this.#open.values()) await judge.close();
  }

  async #page(tasks: readonly TaskToJudge[]): Promise<"cap" | "stopped" | null> {
    const { question, version } = this.#judging;
    const { settles } = version;
    const assembly = this.#assembly;
    const asked = new Map<string, Member[]>(tasks.map(({ taskId }) => [taskId, []]));
    let open = tasks.map(({ taskId }) => taskId);
    for (const [place, id] of assembly.members.entries()) {
      const mine = await withoutKin(this.#judging.work.db, {
        family: version.members[place].family,
        taskIds: open,
      });
      if (mine.length === 0) continue;
      const { why, said } = await this.#askOne(id, mine, assembly.slopes[place]);
      // What is missing of one is missing of all: nothing is said without it.
      if (why) return why;
      for (const [taskId, member] of said) asked.get(taskId)?.push(member);
      if (assembly.kind === "panel" || place === assembly.members.length - 1) continue;
      open = open.filter((taskId) => {
        const member = said.get(taskId);
        return !member || !stands({ question, settles }, member, assembly.thresholds[place]);
      });
    }
    for (const task of tasks)
      for (const place of task.wanted) {
        const members = asked.get(task.taskId) ?? [];
        const { said, account } =
          assembly.kind === "panel"
            ? panelSays({ question, panel: assembly }, members, place.order)
            : cascadeSays(question, members, place.order);
        await this.#judging.told({ taskId: task.taskId, ...place, said, account });
      }
    return null;
  }

  /** What one member says of tasks, those that it judged before included. */
  async #askOne(id: string, taskIds: readonly string[], slope: number) {
    const { work, question } = this.#judging;
    const { version, judge } = await this.#member(id);
    const tasks = await readTasks(work.db, { version, taskIds });
    const why = await judge.ask(tasks.filter(({ wanted }) => wanted.length > 0));
    work.signal.throwIfAborted();
    const replies = await memberReplies(work.db, { version, question, taskIds });
    const said = new Map(
      tasks.map(({ taskId, responses }): [string, Member] => {
        const own = replies.get(taskId) ?? [];
        const verdicts = own.filter(({ answer }) => answer !== null);
        return [
          taskId,
          {
            ...{ name: `${version.name} v${version.version}`, replies: own, slope },
            isWhole: verdicts.length === repliesWanted(version, responses.length),
          },
        ];
      }),
    );
    return { why, said };
  }

  async #member(judgeVersionId: string) {
    const known = this.#open.get(judgeVersionId);
    if (known) return known;
    const { work, question, cap } = this.#judging;
    const { db, run, projectId } = work;
    const version = await getJudgeVersion(db, { projectId, judgeVersionId });
    const judge = await this.#openOne({
      ...{ work, version, question, cap },
      async told(verdict) {
        await recordVerdict(db, { version, question, projectId, runId: run.id, ...verdict });
      },
    });
    const opened = { version, judge };
    this.#open.set(judgeVersionId, opened);
    return opened;
  }
}
