import { z } from "zod";
import type { ImportedRater } from "../schema";
import { isRecord, type RowValue } from "../source/row";
import { ranksNamed, responseNamed, type TaskContent, taskContent } from "./alternatives";
import { idSchema } from "./fields";
import { columnsOf, defineShape, otherColumns, parseRow } from "./shape";
import { outcomeNamed, unpacked } from "./spelling";
import { type Opinion, type Said, type StudyTask, studied } from "./study";

const responseSchema = z.looseObject({
  value: z.unknown(),
  user_id: idSchema.nullish(),
  status: z.string().nullish(),
});
const suggestionSchema = z.looseObject({
  value: z.unknown(),
  score: z.unknown().optional(),
  agent: z.string().nullish(),
});
const recordSchema = z.looseObject({
  id: idSchema.nullish(),
  fields: z.looseObject({}),
  metadata: z.looseObject({}).nullish(),
  suggestions: z.record(z.string(), suggestionSchema).nullish(),
  responses: z.record(z.string(), z.array(responseSchema)),
  status: z.string().nullish(),
});
const recordColumns = columnsOf(recordSchema);

/** What one user, or one agent's suggestion, said to one question. */
interface Entry {
  question: string;
  value: unknown;
  rater: ImportedRater;
}

/** Argilla's records as its SDK writes them: fields, and for each question the responses of each user. */
export const argillaRecords = defineShape({
  id: "argilla",
  title: "Argilla records",
  looksLike: "fields, and responses with value and user_id for each question; suggestions optional",
  example: {
    id: "r1",
    fields: { prompt: "How many moons has Mars?", response_1: "Two.", response_2: "One." },
    responses: { preference: [{ value: "response_1", user_id: "u1" }] },
    suggestions: {},
  },
  fields: ["fields", "responses"],
  when: (row) => recordSchema.safeParse(row).success,
  row: z.looseObject({}),
  open: studied((row) => {
    const { id, fields, metadata, suggestions, responses, status } = parseRow(recordSchema, row);
    const answers = Object.entries(responses).flatMap(([question, given]) =>
      given
        .filter(({ status }) => isSaid(status))
        .map(({ value, user_id }) => ({ question, value, rater: userNamed(user_id) })),
    );
    const suggested = Object.entries(suggestions ?? {}).map(([question, { value, agent }]) => ({
      question,
      value,
      rater: agentNamed(agent),
    }));
    return toTask(fields, [...answers, ...suggested], {
      externalId: id ?? undefined,
      metadata: {
        ...otherColumns(row, new Set([...recordColumns, ...ownColumns])),
        ...metadata,
        ...(status ? { status } : {}),
        ...scoresOf(suggestions ?? {}),
      },
    });
  }),
});

/** A user takes back what they discard, and has not said yet what is a draft. */
const isSaid = (status: unknown) => status !== "discarded" && status !== "draft";

const userNamed = (id: string | null | undefined): ImportedRater =>
  id ? { id, kind: "person" } : { id: "annotator", kind: "label" };
const agentNamed = (agent: string | null | undefined): ImportedRater => ({
  id: agent || "suggestion",
  kind: "model",
});

function scoresOf(suggestions: Record<string, { score?: unknown }>): Record<string, unknown> {
  const scores = Object.entries(suggestions).flatMap(([question, { score }]) =>
    score === null || score === undefined ? [] : [[question, score]],
  );
  return scores.length > 0 ? { suggestion_scores: Object.fromEntries(scores) } : {};
}

const ending = /^(.+)\.(responses|suggestion)$/;

/** The same flattened, as `to_list(flatten=True)` and exports to tables have it: `question.responses` and its users. */
export const argillaFlat = defineShape({
  id: "argilla_flat",
  title: "Argilla records, flattened",
  looksLike:
    "the fields, and columns such as quality.responses, quality.responses.users and quality.suggestion",
  example: {
    id: "r1",
    status: "completed",
    prompt: "How many moons has Mars?",
    response_1: "Two.",
    response_2: "One.",
    "preference.responses": ["response_1"],
    "preference.responses.users": ["u1"],
  },
  fields: [],
  when: (row) => Object.keys(row).some((name) => ending.test(name)) && "status" in row,
  row: z.looseObject({}),
  open: studied((row) => {
    const fields: RowValue = {};
    const entries: Entry[] = [];
    const scores: Record<string, { score: unknown }> = {};
    for (const [name, cell] of Object.entries(row)) {
      const [, question = "", kind] = ending.exec(name) ?? [];
      const value = unpacked(cell);
      if (kind === "responses" && Array.isArray(value)) {
        const users = listIn(row[`${name}.users`]);
        const statuses = listIn(row[`${name}.status`]);
        for (const [index, given] of value.entries())
          if (isSaid(statuses[index]))
            entries.push({ question, value: given, rater: userNamed(textOr(users[index])) });
      } else if (kind === "suggestion" && value !== null && value !== "") {
        entries.push({ question, value, rater: agentNamed(textOr(row[`${name}.agent`])) });
        scores[question] = { score: row[`${name}.score`] };
      } else if (!/\.(responses|suggestion)\.\w+$/.test(name) && !ownColumns.has(name)) fields[name] = cell;
    }
    const { id, status } = row;
    return toTask(fields, entries, {
      externalId: textOr(id),
      metadata: { ...(status ? { status } : {}), ...scoresOf(scores) },
    });
  }),
});

const ownColumns = new Set(["id", "status", "_server_id", "vectors"]);

function listIn(value: unknown): unknown[] {
  const list = unpacked(value);
  return Array.isArray(list) ? list : [];
}

function textOr(value: unknown): string | undefined {
  return value === null || value === undefined || value === "" ? undefined : String(value);
}

function toTask(
  fields: RowValue,
  entries: readonly Entry[],
  about: { externalId?: string; metadata: Record<string, unknown> },
): StudyTask {
  const { lang, language } = about.metadata;
  const tag = textOr(lang ?? language);
  const content = taskContent(fields, { ...about, ...(tag ? { language: tag } : {}) });
  const opinions = new Map<string, Opinion & { said: Record<string, Said> }>();
  for (const { question, value, rater } of entries) {
    if (value === null || value === undefined) continue;
    const key = `${rater.kind} ${rater.id}`;
    const opinion = opinions.get(key) ?? { rater, said: {} };
    opinions.set(key, opinion);
    opinion.said[question] = saidBy(value, content);
  }
  return { prompt: content.prompt, responses: content.responses, opinions: [...opinions.values()] };
}

const rankedValue = z.array(z.looseObject({ value: z.string(), rank: z.number().nullish() })).min(1);
const texts = z.array(z.string());

/** The tool's values say by their form what was asked: a number, a text, a list of labels or of ranked responses. */
function saidBy(value: unknown, { responses, names }: TaskContent): Said {
  if (typeof value === "number") return { type: "numbers", per: "task", values: [value] };
  const withRanks = rankedValue.safeParse(value);
  if (withRanks.success) {
    const ranks = names.map(
      (known) => withRanks.data.find((entry) => known.includes(entry.value))?.rank ?? null,
    );
    if (ranks.every((rank) => rank !== null)) return { type: "order", ranks };
  }
  const list = texts.safeParse(value);
  if (list.success) {
    const ranks = ranksNamed(list.data, names);
    return ranks && ranks.length > 1
      ? { type: "order", ranks }
      : { type: "options", per: "task", values: [list.data] };
  }
  if (typeof value !== "string")
    return { type: "words", text: isRecord(value) ? JSON.stringify(value) : String(value) };
  const [first, second] = names;
  if (responses.length === 2 && first && second) {
    const outcome = outcomeNamed(value, [first, second]);
    if (outcome) return { type: "comparison", outcome };
  }
  const best = responses.length > 2 ? responseNamed(value, names) : -1;
  if (best >= 0) return { type: "order", ranks: names.map((_, index) => (index === best ? 1 : 2)) };
  return { type: "words", text: value };
}
