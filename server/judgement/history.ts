import { and, desc, eq, isNotNull, ne, sql } from "drizzle-orm";
import type { z } from "zod";
import type { Db } from "../../db/client";
import { annotation, assignment, guidelineVersion, project, prompt, rater, task } from "../../db/schema";
import { policyFrom } from "../../db/shape/gold";
import { excerpt } from "../content/list";
import { containsWords } from "../content/search";
import { endOf } from "../cursor";
import { invalid, notFound } from "../errors";
import { toShown } from "../form/answers";
import { storedAnswers } from "../form/schema";
import { formQuestions } from "../form/versions";
import { currentGuidelines } from "../guidelines/guidelines";
import { waitingFor } from "../seat/claim";
import { normingStateOf, settleDue } from "../seat/norming";
import { qualifying } from "../seat/qualification";
import type { deskSchema, historyFilterSchema, historyRowSchema } from "./schema";

/** Days shown on the annotator's own page. */
const DAYS = 30;

/** The head of the desk: guidelines and instructions, and how the rater is getting on. */
export async function deskOf(
  db: Db,
  { raterId, timeZone }: { raterId: string; timeZone: string },
): Promise<z.infer<typeof deskSchema>> {
  if (!isTimeZone(timeZone)) throw invalid(`"${timeZone}" is not a time zone.`);
  const [me] = await db
    .select({ rater, project })
    .from(rater)
    .innerJoin(project, eq(project.id, rater.projectId))
    .where(eq(rater.id, raterId));
  if (!me) throw notFound("The rater");
  const policy = policyFrom(me.project.gold);
  await settleDue(db, me.project.id);
  const [guidelines, known, days, waiting, test, norming, [numbers]] = await Promise.all([
    currentGuidelines(db, me.project.id),
    knownGuidelines(db, raterId),
    countDays(db, raterId, timeZone),
    waitingFor(db, { ...me.rater, projectId: me.project.id }),
    me.rater.qualifiedAt || me.rater.blockedAt ? null : qualifying(db, { raterId, policy }),
    normingStateOf(db, raterId),
    db
      .select({
        total: db.$count(annotation, judgedHere(raterId)),
        returned: db.$count(
          assignment,
          and(eq(assignment.raterId, raterId), eq(assignment.status, "returned")),
        ),
        medianSeconds: sql<number | null>`(
          select percentile_cont(0.5) within group (order by visible_ms) / 1000 from (
            select ${annotation.visibleMs} from ${annotation}
            where ${annotation.raterId} = ${raterId} and current and ${annotation.visibleMs} is not null
            order by ${annotation.submittedAt} desc limit 100) newest)`,
      })
      .from(rater)
      .where(eq(rater.id, raterId)),
  ]);
  const date = new Intl.DateTimeFormat("en-CA", { timeZone }).format();
  const today = days.find(({ day }) => day === date);
  return {
    project: me.project,
    guidelines: guidelines && {
      ...guidelines,
      known: known && known.version < guidelines.version ? known : null,
    },
    rater: me.rater,
    today: today?.count ?? 0,
    secondsToday: today?.seconds ?? 0,
    ...waiting,
    ...numbers,
    qualifying: test,
    norming,
    days,
  };
}

/** The guidelines by which a rater judged last at the desk; null before they did, or where there were none. */
async function knownGuidelines(db: Db, raterId: string) {
  const [known] = await db
    .select({ version: guidelineVersion.version, markdown: guidelineVersion.markdown })
    .from(annotation)
    .innerJoin(guidelineVersion, eq(guidelineVersion.id, annotation.guidelineVersionId))
    .where(and(eq(annotation.raterId, raterId), eq(annotation.current, true)))
    .orderBy(desc(annotation.submittedAt))
    .limit(1);
  return known ?? null;
}

function isTimeZone(timeZone: string): boolean {
  return timeZone === "UTC" || Intl.supportedValuesOf("timeZone").includes(timeZone);
}

/** What a rater judged here. Labels that came with a file are no work of the day on which it came. */
const judgedHere = (raterId: string) =>
  and(eq(annotation.raterId, raterId), eq(annotation.current, true), ne(annotation.origin, "import"));

async function countDays(db: Db, raterId: string, timeZone: string) {
  const day = sql<string>`to_char(${annotation.submittedAt} at time zone ${timeZone}, 'YYYY-MM-DD')`;
  return db
    .select({
      day: day.as("day"),
      count: sql<number>`count(*)`.mapWith(Number),
      seconds: sql<number>`coalesce(sum(${annotation.visibleMs}), 0) / 1000`.mapWith(Number),
    })
    .from(annotation)
    .where(and(judgedHere(raterId), sql`${annotation.submittedAt} > now() - make_interval(days => ${DAYS})`))
    .groupBy(sql`1`)
    .orderBy(sql`1`);
}

type Filter = z.infer<typeof historyFilterSchema> & { raterId: string };

/** A rater's own seats that are done, sent back or skipped, newest first; one page after `cursor`. */
export async function historyOf(
  db: Db,
  { raterId, state, search, from, to, cursor, limit }: Filter & { cursor?: string; limit: number },
): Promise<{ items: z.infer<typeof historyRowSchema>[]; nextCursor: string | null }> {
  const at = sql<Date>`coalesce(${annotation.submittedAt}, ${assignment.leasedAt})`.mapWith(
    annotation.submittedAt,
  );
  const after = cursor === undefined ? undefined : endOf(cursor);
  const rows = await db
    .select({
      assignmentId: assignment.id,
      status: sql<"submitted" | "returned" | "skipped">`${assignment.status}`,
      excerpt,
      language: task.language,
      domain: task.domain,
      responses: sql<number>`cardinality(${task.responseIds})`,
      at,
      cursor: sql<string>`${at}::text`,
      revision: annotation.revision,
      answers: annotation.answers,
      order: annotation.order,
      formVersionId: annotation.formVersionId,
      visibleMs: annotation.visibleMs,
      flagReason: annotation.flagReason,
      skipReason: assignment.skipReason,
      returnComment: assignment.returnComment,
    })
    .from(assignment)
    .innerJoin(task, eq(task.id, assignment.taskId))
    .innerJoin(prompt, eq(prompt.id, task.promptId))
    .leftJoin(
      annotation,
      and(
        eq(annotation.assignmentId, assignment.id),
        eq(annotation.current, true),
        eq(annotation.raterId, raterId),
      ),
    )
    .where(
      and(
        eq(assignment.raterId, raterId),
        sql`${assignment.status} in ('submitted', 'returned', 'skipped')`,
        state === "flagged" ? isNotNull(annotation.flagReason) : undefined,
        state && state !== "flagged" ? eq(assignment.status, state) : undefined,
        search ? containsWords(prompt.searchText, search) : undefined,
        from ? sql`${at} >= ${from}::timestamptz` : undefined,
        to ? sql`${at} < ${to}::timestamptz` : undefined,
        after ? sql`(${at}, ${assignment.id}) < (${after.value}::timestamptz, ${after.id}::uuid)` : undefined,
      ),
    )
    .orderBy(desc(at), desc(assignment.id))
    .limit(limit);
  const last = rows.length === limit ? rows[rows.length - 1] : undefined;
  return {
    items: await Promise.all(
      rows.map(async ({ answers, order, formVersionId, cursor: _, ...row }) => ({
        ...row,
        answers:
          answers && order && formVersionId
            ? toShown(await formQuestions(db, formVersionId), storedAnswers(answers), order)
            : null,
      })),
    ),
    nextCursor: last ? `${last.cursor}_${last.assignmentId}` : null,
  };
}
