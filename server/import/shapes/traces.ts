import { z } from "zod";
import type { Message } from "../../../db/shape/content";
import { splitLastReply, toMessages, toPrompt, toResponse } from "../conversation";
import { RowRefused } from "../problems";
import type { ImportedRater } from "../schema";
import { isRecord } from "../source/row";
import { demonstrated } from "./demonstration";
import { idSchema } from "./fields";
import { defineShape, eachRow, otherColumns, parseRow } from "./shape";
import { moment, unpacked } from "./spelling";
import { type Opinion, type Said, studied } from "./study";

const askedKeys = ["messages", "input", "question", "prompt", "query", "text", "content"];
const saidKeys = ["message", "messages", "output", "answer", "response", "content", "text", "generation"];

/** What a trace or a data set's item holds: text, messages, or an object with one of the usual keys. */
function turnsIn(given: unknown, field: string, role: "user" | "assistant"): Message[] {
  const value = unpacked(given);
  if (typeof value === "string" || Array.isArray(value)) return toMessages(value, field, role);
  if (isRecord(value)) {
    if (typeof value.role === "string") return toMessages(value, field, role);
    const keys = role === "user" ? askedKeys : saidKeys;
    const entries = Object.entries(value).filter(([, part]) => part !== null && part !== "");
    const key = keys.find((name) => value[name] !== undefined && value[name] !== null);
    if (key !== undefined) return turnsIn(value[key], `${field}.${key}`, role);
    const [only, ...others] = entries;
    if (only && others.length === 0) return turnsIn(only[1], `${field}.${only[0]}`, role);
  }
  throw new RowRefused({
    code: "wrong-type",
    field,
    message: `${field} holds neither a text nor messages under a usual name such as ${role === "user" ? "question" : "answer"}.`,
  });
}

/** What an object holds beside the turns that were read from it. */
function besides(given: unknown, keys: readonly string[]): Record<string, unknown> {
  const value = unpacked(given);
  if (!isRecord(value) || typeof value.role === "string") return {};
  const key = keys.find((name) => value[name] !== undefined && value[name] !== null);
  return key === undefined ? {} : otherColumns(value, new Set([key]));
}

const itemColumns = new Set(["id", "datasetName", "input", "expectedOutput", "metadata"]);

/** Langfuse's data sets: an input, and the output that is expected of it. */
export const langfuseItems = defineShape({
  id: "langfuse_items",
  title: "Langfuse dataset items",
  looksLike: "input and expectedOutput, each text, messages or an object",
  example: { id: "i1", input: { question: "How many moons has Mars?" }, expectedOutput: { answer: "Two." } },
  fields: ["input", "expectedOutput"],
  row: z.looseObject({
    id: idSchema.nullish(),
    datasetName: z.string().nullish(),
    metadata: z.unknown().optional(),
  }),
  open: eachRow((row) => {
    const prompt = toPrompt(turnsIn(row.input, "input", "user"), {
      externalId: row.id ?? undefined,
      source: row.datasetName ?? undefined,
      metadata: {
        ...besides(row.input, askedKeys),
        ...(isRecord(row.metadata) ? row.metadata : row.metadata ? { metadata: row.metadata } : {}),
        ...otherColumns(row, itemColumns),
      },
    });
    const expected = unpacked(row.expectedOutput);
    if (expected === null || expected === undefined || expected === "")
      return [{ prompt, responses: [], judgements: [] }];
    return [demonstrated(prompt, turnsIn(expected, "expectedOutput", "assistant"))];
  }),
});

const score = z.looseObject({
  name: z.string(),
  value: z.unknown().optional(),
  stringValue: z.string().nullish(),
  dataType: z.string().nullish(),
  source: z.string().nullish(),
  comment: z.string().nullish(),
  authorUserId: idSchema.nullish(),
  timestamp: z.unknown().optional(),
});
type Score = z.output<typeof score>;
const scoresSchema = z.preprocess(unpacked, z.array(z.union([score, z.string()])));
const traceColumns = new Set(["id", "input", "output", "scores", "model", "metadata"]);

/** Langfuse's traces and observations: what a model was asked and said, and the scores that people and judges gave. */
export const langfuseTraces = defineShape({
  id: "langfuse_traces",
  title: "Langfuse traces",
  looksLike: "input, output and scores with name, value and source",
  example: {
    id: "t1",
    input: "How many moons has Mars?",
    output: "Two.",
    scores: [{ name: "quality", value: 1, source: "ANNOTATION" }],
  },
  fields: ["input", "output", "scores"],
  when: (row) => scoresSchema.safeParse(row.scores).success,
  row: z.looseObject({}),
  open: studied((value) => {
    const row = parseRow(
      z.looseObject({ id: idSchema.nullish(), scores: scoresSchema, model: z.string().nullish() }),
      value,
    );
    /** Scores that are no answer: those without a name, and what a rater said again under a name. */
    const told: unknown[] = [];
    const known = new Set<string>();
    const opinions = row.scores.flatMap((given): Opinion[] => {
      if (typeof given === "string") {
        told.push(given);
        return [];
      }
      const rater = authorOf(given);
      const key = JSON.stringify([rater, given.name]);
      if (known.has(key)) {
        told.push(given);
        return [];
      }
      known.add(key);
      const said: Record<string, Said> = { [given.name]: saidBy(given) };
      if (given.comment) said.comment = { type: "words", text: given.comment };
      return [{ rater, at: moment(given.timestamp ?? row.timestamp), said }];
    });
    return {
      prompt: toPrompt(turnsIn(row.input, "input", "user"), {
        externalId: row.id ?? undefined,
        metadata: {
          ...besides(row.input, askedKeys),
          ...(isRecord(row.metadata) ? row.metadata : {}),
          ...otherColumns(row, traceColumns),
          ...(told.length > 0 ? { scores: told } : {}),
        },
      }),
      responses: [
        toResponse(turnsIn(row.output, "output", "assistant"), {
          source: row.model,
          metadata: besides(row.output, saidKeys),
        }),
      ],
      opinions: merged(opinions),
    };
  }),
});

function saidBy({ value, stringValue, dataType }: Score): Said {
  if (stringValue && dataType !== "BOOLEAN")
    return { type: "options", per: "response", values: [[stringValue]] };
  if (typeof value === "number") return { type: "numbers", per: "response", values: [value] };
  return { type: "words", text: String(stringValue ?? value) };
}

/** Evaluators are models; people and programs that give no name are told apart by where the score came from. */
function authorOf({ authorUserId, source, name }: Score): ImportedRater {
  if (source === "EVAL") return { id: name, kind: "model" };
  return authorUserId
    ? { id: authorUserId, kind: "person" }
    : { id: (source ?? "score").toLowerCase(), kind: "label" };
}

/** All that one rater said of the trace is one judgement, and their comments on several scores are one text. */
function merged(opinions: readonly Opinion[]): Opinion[] {
  const byRater = new Map<string, Opinion>();
  for (const opinion of opinions) {
    const key = `${opinion.rater.kind} ${opinion.rater.id}`;
    const before = byRater.get(key);
    byRater.set(key, before ? { ...before, said: together(before.said, opinion.said) } : opinion);
  }
  return [...byRater.values()];
}

function together(before: Opinion["said"], later: Opinion["said"]): Opinion["said"] {
  const said = { ...later, ...before };
  const [one, other] = [before.comment, later.comment];
  return one?.type === "words" && other?.type === "words"
    ? { ...said, comment: { type: "words", text: `${one.text}\n\n${other.text}` } }
    : said;
}

const exampleColumns = new Set(["id", "inputs", "outputs", "metadata"]);

/** LangSmith's examples: inputs and the outputs wanted for them, objects of any keys. */
export const langSmith = defineShape({
  id: "langsmith",
  title: "LangSmith examples",
  looksLike: "inputs and outputs, objects such as {question} and {answer} or {messages}",
  example: { inputs: { question: "How many moons has Mars?" }, outputs: { answer: "Two." } },
  fields: ["inputs", "outputs"],
  when: (row) => isRecord(unpacked(row.inputs)),
  row: z.looseObject({ id: idSchema.nullish(), metadata: z.unknown().optional() }),
  open: eachRow((row) => {
    const asked = turnsIn(row.inputs, "inputs", "user");
    const prompt = toPrompt(asked, {
      externalId: row.id ?? undefined,
      metadata: {
        ...besides(row.inputs, askedKeys),
        ...(isRecord(row.metadata) ? row.metadata : {}),
        ...otherColumns(row, exampleColumns),
      },
    });
    const outputs = unpacked(row.outputs);
    if (!isRecord(outputs) || Object.keys(outputs).length === 0)
      return [{ prompt, responses: [], judgements: [] }];
    const { reply } = splitLastReply(turnsIn(outputs, "outputs", "assistant"));
    if (!reply)
      throw new RowRefused({ code: "no-reply", field: "outputs", message: "outputs ends without a reply." });
    return [demonstrated(prompt, [reply])];
  }),
});
