import { and, asc, eq, inArray, isNull } from "drizzle-orm";
import type { Db } from "../../db/client";
import { assignment, auditEntry, person, project, rater } from "../../db/schema";
import { audit, system } from "../audit/audit";
import { startCollection } from "../collection/collection";
import { addPrompts } from "../content/content";
import { eraseProject } from "../erasure/project";
import { toCanonical } from "../form/answers";
import type { Answers } from "../form/schema";
import { factsOf } from "../judgement/facts";
import { type Settled, storeJudgements } from "../judgement/store";
import { createProject } from "../project/project";
import { drawOrder } from "../seat/order";
import { insertTasks } from "../task/insert";
import { demoForm } from "./form";
import { type DemoItem, demoGuidelines, demoItems } from "./items";
import { placing, taskKeyOf } from "./placing";
import { randomFor } from "./random";
import { type DemoRater, demoRaters, judge } from "./raters";

const NAME = "Demo: which answer helps more?";
const OVERLAP = 3;
/** The demo raters worked on the days before the first start, nine hours a day. */
const DAYS = 10;
const DAY_HOURS = 9;

type Range = { from: number; to: number };

/**
 * Makes the demo project on the first start of an instance, and never again: who removed it does not want it back.
 * About six in ten tasks are judged by all three raters, two by some, two wait for the person at the desk.
 * @returns whether it was made now
 */
export async function seedDemo(db: Db): Promise<boolean> {
  const [seeded] = await db.select().from(auditEntry).where(eq(auditEntry.action, "demo.seed")).limit(1);
  const [admin] = await db
    .select()
    .from(person)
    .where(and(person.isAdmin, isNull(person.disabledAt)))
    .orderBy(asc(person.createdAt))
    .limit(1);
  if (seeded || !admin) return false;
  const items = await demoItems();
  const guidelines = await demoGuidelines();
  await db.transaction(async (tx) => {
    const viewer = { personId: admin.id, name: admin.name, email: admin.email, isAdmin: true, tokenId: null };
    const home = await createProject(tx, system, {
      viewer,
      input: {
        name: NAME,
        description:
          "Prompts and responses written for Concord, judged by programs that call themselves demo raters.",
        languages: [...new Set(items.map(({ language }) => language))],
        overlap: OVERLAP,
        questions: demoForm,
        guidelines,
      },
    });
    await tx.update(project).set({ isDemo: true }).where(eq(project.id, home.id));
    await addPrompts(tx, system, { projectId: home.id, prompts: items.map(toPrompt) });
    const taskIds = await addTasks(tx, home.id, items);
    await addJudgements(tx, {
      projectId: home.id,
      formVersionId: home.form.id,
      guidelineVersionId: home.guidelines?.id ?? null,
      items,
      taskIds,
    });
    await audit(tx, system, {
      action: "demo.seed",
      target: { kind: "project", id: home.id },
      projectId: home.id,
    });
  });
  return true;
}

/** Deletes the demo project with everything in it. @returns whether there was one */
export async function removeDemo(db: Db): Promise<boolean> {
  return db.transaction(async (tx) => {
    const gone = await tx
      .select({ id: project.id })
      .from(project)
      .where(eq(project.isDemo, true))
      .for("update");
    for (const { id } of gone) {
      await eraseProject(tx, id);
      await audit(tx, system, { action: "demo.remove", target: { kind: "project", id }, projectId: id });
      await startCollection(tx, system, { cause: "project deleted" });
    }
    return gone.length > 0;
  });
}

const toPrompt = ({ id, language, domain, messages, responses }: DemoItem) => ({
  messages,
  language,
  domain,
  source: "Concord demo",
  externalId: id,
  metadata: {},
  // The author's mark stays behind: nothing in the project may give the answer away.
  responses: responses.map(({ source, content }) => ({ source, content, metadata: {} })),
});

async function addTasks(tx: Db, projectId: string, items: readonly DemoItem[]): Promise<Map<string, string>> {
  const placeOf = await placing(tx, projectId);
  return insertTasks(tx, {
    projectId,
    tasks: items.map((item) => ({
      ...placeOf(item),
      overlap: OVERLAP,
      language: item.language,
      domain: item.domain,
    })),
  });
}

interface Study {
  projectId: string;
  formVersionId: string;
  guidelineVersionId: string | null;
  items: readonly DemoItem[];
  taskIds: ReadonlyMap<string, string>;
}

async function addJudgements(tx: Db, study: Study): Promise<void> {
  const { projectId, items, taskIds } = study;
  const raters = await tx
    .insert(rater)
    .values(
      demoRaters.map(({ id, name, languages, expertise }) => ({
        projectId,
        kind: "demo" as const,
        name,
        externalId: id,
        languages: [...languages],
        domains: [...expertise],
      })),
    )
    .returning({ id: rater.id, externalId: rater.externalId });
  const raterIds = new Map(raters.map(({ id, externalId }) => [externalId, id]));
  const tasks = await tx.query.task.findMany({ where: (t, { eq }) => eq(t.projectId, projectId) });
  const seats = await tx
    .select({ id: assignment.id, taskId: assignment.taskId })
    .from(assignment)
    .where(inArray(assignment.taskId, [...taskIds.values()]))
    .orderBy(asc(assignment.id));

  const span: Range = { from: Date.now() - DAYS * 86_400_000, to: Date.now() };
  const firsts = new Map<string, number[]>();
  const judgements: Settled[] = [];
  for (const item of items) {
    const todo = tasks.find(({ key }) => key === taskKeyOf(item));
    if (!todo) continue;
    const free = seats.filter(({ taskId }) => taskId === todo.id);
    const taskFirsts: number[] = [];
    for (const judging of ratersFor(item)) {
      const seat = free[taskFirsts.length];
      const raterId = raterIds.get(judging.id);
      if (!seat || !raterId) break;
      const random = randomFor("demo-seat", judging.id, item.id);
      const day = randomFor("demo-day", judging.id, item.id).below(DAYS);
      const dayFirsts = firsts.get(`${judging.id} ${day}`) ?? [];
      const order = drawOrder({ k: todo.responseIds.length, taskFirsts, dayFirsts }, random.uniform);
      taskFirsts.push(order[0]);
      dayFirsts[order[0]] = (dayFirsts[order[0]] ?? 0) + 1;
      firsts.set(`${judging.id} ${day}`, dayFirsts);
      judgements.push(
        await settle(tx, study, {
          item,
          judging,
          raterId,
          assignmentId: seat.id,
          task: todo,
          order,
          at: momentOf(day, random.uniform(), span),
        }),
      );
    }
  }
  await storeJudgements(tx, { projectId, judgements });
}

/** Six tasks in ten get all raters they need, two get one or two, two get none; by the item's own dice. */
function ratersFor(item: DemoItem): readonly DemoRater[] {
  const random = randomFor("demo-raters", item.id);
  const luck = random.uniform();
  const wanted = luck < 0.6 ? OVERLAP : luck < 0.8 ? 1 + random.below(OVERLAP - 1) : 0;
  const able: readonly DemoRater[] = demoRaters.filter(({ languages }: DemoRater) =>
    languages.includes(item.language),
  );
  return random.shuffled(able).slice(0, wanted);
}

function momentOf(day: number, share: number, { from }: Range): Date {
  const morning = new Date(from + day * 86_400_000);
  morning.setUTCHours(8, 0, 0, 0);
  return new Date(Math.min(Date.now() - 60_000, morning.getTime() + share * DAY_HOURS * 3_600_000));
}

interface Seat {
  item: DemoItem;
  judging: DemoRater;
  raterId: string;
  assignmentId: string;
  task: { id: string; promptId: string; responseIds: string[] };
  order: number[];
  at: Date;
}

async function settle(tx: Db, study: Study, seat: Seat): Promise<Settled> {
  const { projectId, formVersionId, guidelineVersionId } = study;
  const { item, judging, raterId, assignmentId, task, order, at } = seat;
  const judgement = judge(judging, {
    id: item.id,
    domain: item.domain,
    responses: order.map((slot) => item.responses[slot]),
    note: item.note,
  });
  const compared = demoForm.filter(({ type }) => type === judgement.comparison.type);
  const shown: Answers = {
    ...Object.fromEntries(compared.map(({ id }) => [id, judgement.comparison])),
    rationale: judgement.rationale,
  };
  const answers = toCanonical(demoForm, shown, order);
  const visibleMs = judgement.seconds * 1000;
  const shownAt = new Date(at.getTime() - visibleMs);
  const placed = { taskId: task.id, raterId, order, formVersionId, guidelineVersionId };
  await tx
    .update(assignment)
    .set({ ...placed, projectId, status: "submitted", leasedAt: shownAt })
    .where(eq(assignment.id, assignmentId));
  return {
    ...placed,
    promptId: task.promptId,
    assignmentId,
    origin: "demo",
    answers,
    facts: factsOf({ questions: demoForm, answers, order, responseIds: task.responseIds }),
    shownAt,
    firstDecisionAt: new Date(at.getTime() - visibleMs * 0.2),
    submittedAt: at,
    createdAt: at,
    visibleMs,
  };
}
