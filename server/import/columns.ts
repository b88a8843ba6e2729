import { entriesOf, storable, WrittenNumber } from "../../db/shape/written-json";
import { repliesIn } from "../form/answers";
import type { ColumnUse, Destination, ImportRecord } from "./schema";
import { isRecord, type RowValue } from "./source/row";

type Look = NonNullable<ColumnUse["looksLike"]>;

/** Rows in which it is looked up where the values of a column went; all rows are counted. */
const TRACED = 50;
/** A table of more columns is no table of judgements; those after it are not listed. */
const MOST_COLUMNS = 300;

/** What people call the columns that matter, the parts of a name being divided by `_`, `.`, `-`, spaces and capitals. */
const looks: readonly (readonly [look: Look, words: ReadonlySet<string>])[] = [
  ["rater", words("rater annotator judge evaluator labeler labeller worker reviewer who")],
  [
    "verdict",
    words(
      "winner winners preference preferred prefer label labels kto verdict choice selected better best worse worst ranking rank ranks judgement judgment judgements judgments vote votes outcome decision desirable thumbs accepted which",
    ),
  ],
  [
    "score",
    words(
      "score scores rating ratings reward rewards margin grade grades quality likert helpfulness correctness coherence complexity verbosity honesty truthfulness harmlessness safety relevance fluency upvotes downvotes",
    ),
  ],
  [
    "reply",
    words(
      "response responses reply replies answer answers completion completions output outputs candidate candidates chosen rejected generation generations summary summaries continuation target",
    ),
  ],
  [
    "prompt",
    words(
      "prompt prompts instruction instructions question questions query context input inputs system history conversation conversations messages dialogue dialog passage document article persona background",
    ),
  ],
];

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(" "));
}

/** Words that end the name of a fact about the thing it names: `answer_id`, `model_a`, `response_length`. */
const about = words(
  "id ids uuid model models name names source sources length len count num number tokens language lang type time date url version metadata meta info topic category hash created at path file format key index confidence",
);

const sides = words("a b c d left right first second");

/**
 * What a column looks like by its name and one of its values: a reply, a verdict, a score, part of the prompt, a rater.
 * @returns null for what is only a description
 */
export function lookOf(name: string, value: unknown): Look | null {
  if (value === null || value === undefined || value === "") return null;
  const parts = name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .map((part) => part.replace(/\d+$/, ""))
    .filter((part) => part !== "");
  const last = parts.findLast((part) => !sides.has(part));
  const look = looks.find(([, names]) => parts.some((part) => names.has(part)))?.[0] ?? null;
  if (last !== undefined && about.has(last) && look !== "rater" && !parts.includes("winner")) return null;
  const isScalar = typeof value === "number" || typeof value === "boolean";
  if (isScalar && (look === "reply" || look === "prompt")) return null;
  // A score is a number, or a number for each of several things; a sentence about a score is none.
  if (look === "score" && typeof value === "string" && !/^\s*-?\d/.test(value)) return null;
  return look;
}

/** Keeps account of a file's columns: in how many rows each has a value, and what becomes of these values. */
export class ColumnLedger {
  private readonly columns = new Map<
    string,
    { rows: number; traced: number; goesTo: Set<Destination>; look: Look | null; example: unknown }
  >();
  /** Rows whose records come at the end of the file. */
  private readonly waiting: RowValue[] = [];

  /** @param usesParts whether a column may be used in part and be kept whole as well, as a person's mapping does */
  constructor(private readonly usesParts: boolean) {}

  /** @param records what the row became; none for rows that others complete */
  add(row: RowValue, records: readonly ImportRecord[]): void {
    let index: RecordIndex | undefined;
    for (const name in row) {
      const value = row[name];
      if (isNothing(value)) continue;
      let column = this.columns.get(name);
      if (!column) {
        if (this.columns.size >= MOST_COLUMNS) continue;
        column = { rows: 0, traced: 0, goesTo: new Set(), look: null, example: value };
        this.columns.set(name, column);
      }
      column.rows++;
      if (column.traced >= TRACED || records.length === 0) continue;
      column.traced++;
      index ??= new RecordIndex(records);
      for (const place of index.placesOf(name, value)) column.goesTo.add(place);
      if (!index.says(value) && !(this.usesParts && isNested(value))) column.look ??= lookOf(name, value);
    }
    if (records.length === 0 && this.waiting.length < TRACED) this.waiting.push(row);
  }

  /** @param late records that needed all rows of the file */
  end(file: string, late: readonly ImportRecord[]): ColumnUse[] {
    if (late.length > 0 && this.waiting.length > 0) {
      const index = new RecordIndex(late.slice(0, TRACED * 20));
      for (const row of this.waiting)
        for (const name in row)
          if (!isNothing(row[name]))
            for (const place of index.placesOf(name, row[name])) this.columns.get(name)?.goesTo.add(place);
    }
    return [...this.columns].map(([name, { rows, goesTo, look }]) => ({
      file,
      name: storable(name),
      rows,
      goesTo: [...goesTo],
      ...(look && goesTo.has("metadata") && goesTo.size === 1 ? { looksLike: look } : {}),
    }));
  }
}

const isNothing = (value: unknown): boolean =>
  value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0);

/** Something with parts, also where a table carries it as JSON text. */
const isNested = (value: unknown): boolean =>
  typeof value === "object" || (typeof value === "string" && /^\s*[[{]/.test(value));

/** The values of the records of one row, by where they are kept. */
class RecordIndex {
  private readonly metadata = new Set<string>();
  private readonly details = new Set<string>();
  private readonly texts: { prompt: string[]; response: string[]; judgement: string[] } = {
    prompt: [],
    response: [],
    judgement: [],
  };
  private readonly raters = new Set<string>();
  private readonly provenance = new Set<string>();
  private judged = false;

  constructor(records: readonly ImportRecord[]) {
    for (const { prompt, responses, judgements } of records) {
      for (const name of Object.keys(prompt.metadata)) this.metadata.add(name);
      this.texts.prompt.push(...atoms(prompt.messages), ...atoms(prompt.tools));
      for (const fact of [prompt.language, prompt.domain, prompt.source, prompt.externalId])
        if (fact !== undefined) this.provenance.add(fact);
      for (const { content, source, externalId, metadata } of responses) {
        const { messages, ...details } = metadata;
        this.texts.response.push(content, ...atoms(messages));
        for (const fact of [source, externalId]) if (fact !== undefined) this.provenance.add(fact);
        for (const detail of atoms(details)) this.details.add(detail);
      }
      for (const { rater, questions, answers, at } of judgements) {
        this.judged = true;
        if (rater.kind !== "label") this.raters.add(rater.id);
        if (at) this.provenance.add(at.toISOString());
        this.texts.response.push(...atoms(repliesIn(questions, answers)));
        this.texts.judgement.push(...atoms(answers));
      }
    }
  }

  /** Whether a text is part of the prompt or of a reply, wherever else it is kept. */
  says(value: unknown): boolean {
    const holds = (text: string) => typeof value === "string" && value.length > 2 && text.includes(value);
    return this.texts.prompt.some(holds) || this.texts.response.some(holds);
  }

  /** Where the value of a column went. What is found nowhere was read and turned into a judgement. */
  placesOf(name: string, value: unknown): Set<Destination> {
    if (this.metadata.has(name)) return new Set(["metadata"]);
    const found = new Set<Destination>();
    const look = lookOf(name, value);
    if ((look === "verdict" || look === "score") && this.judged) return new Set(["judgement"]);
    for (const atom of atoms(value)) {
      if (this.raters.has(atom)) found.add("rater");
      else if (this.provenance.has(atom)) found.add("provenance");
      else if (this.texts.prompt.some((text) => alike(text, atom))) found.add("prompt");
      else if (this.texts.response.some((text) => alike(text, atom))) found.add("response");
      else if (this.texts.judgement.includes(atom)) found.add("judgement");
      else if (this.details.has(atom)) found.add("metadata");
      else continue;
      // A transcript is the prompt and the reply in one text.
      if (found.has("prompt") && this.texts.response.some((text) => text !== "" && atom.includes(text)))
        found.add("response");
    }
    if (found.size === 0) found.add(this.judged ? "judgement" : "metadata");
    return found;
  }
}

const alike = (text: string, atom: string): boolean =>
  text === atom || (text.length > 2 && atom.length > 2 && (text.includes(atom) || atom.includes(text)));

/** The texts and numbers in a value. */
function atoms(value: unknown): string[] {
  if (typeof value === "string") return value === "" ? [] : [value];
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint")
    return [String(value)];
  if (value instanceof WrittenNumber) return [value.text];
  if (Array.isArray(value)) return value.flatMap(atoms);
  return isRecord(value) ? entriesOf(value).flatMap(([, part]) => atoms(part)) : [];
}
