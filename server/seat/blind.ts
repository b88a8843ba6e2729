import { type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "../../db/client";
import { statement } from "../../db/prepared";
import { annotation, assignment, guidelineVersion, prompt, response, task } from "../../db/schema";
import { messageSchema } from "../../db/shape/content";
import { parseJson, parseRowJson } from "../../db/shape/written-json";
import { toShown } from "../form/answers";
import type { Answers, Question } from "../form/schema";
import type { BlindTask } from "./schema";

/** A seat with everything that is shown on it. */
export interface Seat extends Record<string, unknown> {
  id: string;
  leasedUntil: string | null;
  order: number[] | null;
  formVersionId: string | null;
  leasedAt: string | null;
  guidelineVersionId: string | null;
  priority: number;
  position: number;
  returnComment: string | null;
  /** Text, as is `tools`: JSON as it was written. */
  messages: string;
  tools: string | null;
  language: string | null;
  domain: string | null;
  guidelineVersion: number | null;
  /** The responses in canonical order. */
  contents: string[];
  /** What the seat's rater answered: what counts, else what was taken back last; canonical. */
  lastAnswers: Answers | null;
  /** Whether what is judged on it counts nowhere: never told to whoever sits on it. */
  apart: boolean;
  /** Which response stood first for each other rater of the task, as canonical index. */
  taskFirsts: number[];
}

/** Reads seats with what is shown on them, in the order in which they were taken. */
export const selectSeats = (from: SQL) => sql`
  select seat.id, seat.leased_until as "leasedUntil", seat."order", seat.form_version_id as "formVersionId",
    seat.leased_at as "leasedAt", seat.guideline_version_id as "guidelineVersionId", seat.priority, seat.position::float8 as position, seat.return_comment as "returnComment", seat.apart,
    ${prompt.messages} as messages, ${prompt.tools} as tools, ${task.language} as language,
    ${task.domain} as domain, ${guidelineVersion.version} as "guidelineVersion",
    array(select ${response.content} from unnest(${task.responseIds}) with ordinality as listed (id, place)
      join ${response} on ${response.id} = listed.id order by listed.place) as contents,
    (select ${annotation.answers}::jsonb from ${annotation}
      where ${annotation.assignmentId} = seat.id and ${annotation.raterId} = seat.rater_id
      order by ${annotation.withdrawnAt} is not null, ${annotation.revision} desc limit 1) as "lastAnswers",
    array(select other."order"[1] from ${assignment} other
      where other.task_id = seat.task_id and other.id <> seat.id and other."order" is not null
        and other.status in ('leased', 'submitted', 'returned')) as "taskFirsts"
  from ${from} seat
  join ${task} on ${task.id} = seat.task_id
  join ${prompt} on ${prompt.id} = ${task.promptId}
  left join ${guidelineVersion} on ${guidelineVersion.id} = seat.guideline_version_id`;

const byIds = statement<Seat>(sql`${selectSeats(sql`${assignment}`)}
  where seat.id = any(${sql.placeholder("ids")}::uuid[]) order by seat.leased_at, seat.id`);

export const readSeats = (tx: Db, ids: readonly string[]) => byIds(tx, { ids: `{${ids.join(",")}}` });

/** What was written on a seat when it was leased. */
export function drawnOn({ id, order, formVersionId }: Seat): { order: number[]; formVersionId: string } {
  if (!order || !formVersionId) throw new Error(`The seat ${id} was leased without an order.`);
  return { order, formVersionId };
}

const conversation = z.array(messageSchema);
const documents = z.array(z.unknown());

/** A seat as its rater may see it: responses and earlier answers in shown order, nothing about their origin. */
export function blind(seat: Seat, questions: Question[]): BlindTask {
  const { order, formVersionId } = drawnOn(seat);
  const { leasedAt, guidelineVersionId } = seat;
  return {
    assignmentId: seat.id,
    leasedUntil: seat.leasedUntil === null ? null : new Date(seat.leasedUntil),
    prompt: {
      messages: conversation.parse(parseRowJson(seat.messages)),
      tools: seat.tools === null ? null : documents.parse(parseJson(seat.tools)),
      language: seat.language,
      domain: seat.domain,
    },
    responses: order.map((index) => ({ content: seat.contents[index] })),
    questions,
    shown: { leasedAt: leasedAt && new Date(leasedAt).toISOString(), formVersionId, guidelineVersionId },
    guidelineVersion: seat.guidelineVersion,
    answers: seat.lastAnswers && toShown(questions, seat.lastAnswers, order),
    returnComment: seat.returnComment,
  };
}
