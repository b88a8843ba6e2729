import { createHash } from "node:crypto";
import type { Question, QuestionOf } from "../../form/schema";
import { RowRefused } from "../problems";
import {
  type Answered,
  betterOrNone,
  choiceQuestion,
  judgement,
  leaning,
  ranked,
  ratingQuestion,
  rationaleQuestion,
  written,
} from "../questions";
import type { ImportedPrompt, ImportedRater, ImportedResponse, ImportRecord } from "../schema";
import type { RowValue } from "../source/row";
import type { Conversion, ShapeContext } from "./shape";

type Scale = readonly [min: number, max: number];

/** One thing that an annotator said, in the terms that annotation tools share. */
export type Said =
  | { type: "comparison"; outcome: "a" | "b" | "tie" | "both_bad" }
  | { type: "leaning"; strength: number }
  | { type: "order"; ranks: number[] }
  /** Of the task as a whole, or one for each response; `scale` where the tool has a usual one. */
  | { type: "numbers"; per: "task" | "response"; values: (number | null)[]; scale?: Scale }
  | { type: "options"; per: "task" | "response"; values: string[][] }
  /** A text, which may also be one of few options: how often it returns tells. */
  | { type: "words"; text: string };

/** What one annotator said of a task, by the names that the tool's questions have. */
export interface Opinion {
  rater: ImportedRater;
  at?: Date;
  said: Readonly<Record<string, Said>>;
}

/** A task as annotation tools export it: with answers, and without the form they were given in. */
export interface StudyTask {
  prompt: ImportedPrompt;
  responses: ImportedResponse[];
  opinions: Opinion[];
}

/** Scales that whole numbers usually stand on, the narrowest first. */
const scales: readonly Scale[] = [
  [0, 1],
  [1, 5],
  [0, 5],
  [0, 10],
  [0, 100],
];
/** A text that returns, and is no longer than this, was chosen and not written. */
const OPTION_LENGTH = 80;
const MOST_OPTIONS = 40;

/** A study is read with the form that its first rows tell of. */
export function studied(toTask: (row: RowValue) => StudyTask) {
  return ({ sample }: ShapeContext): Conversion<RowValue> => {
    let questionnaire: Questionnaire | undefined;
    // Not before the first row: by then, files that it needs have been read.
    const tasks = () =>
      sample.flatMap((row) => {
        try {
          return [toTask(row)];
        } catch (error) {
          // It is refused by its line when it is converted.
          if (error instanceof RowRefused) return [];
          throw error;
        }
      });
    return {
      row(row) {
        questionnaire ??= new Questionnaire(tasks());
        return [questionnaire.record(toTask(row))];
      },
    };
  };
}

/**
 * The form that a study must have had, made from the answers of a file's first rows: its scales are the narrowest
 * usual ones that hold the numbers seen, and texts that return are options. What a later row says beyond that is kept
 * as a text of its own question, as it was said.
 */
class Questionnaire {
  private readonly scaled = new Map<string, QuestionOf<"rating">>();
  private readonly listed = new Map<string, QuestionOf<"choice">>();
  private readonly comparing = new Map<string, Question>();
  private readonly texts = new Map<string, QuestionOf<"text">>();
  /** Kinds of comparison that the study asks for under one name only: these mean what the project's own mean. */
  private readonly sole: ReadonlySet<Said["type"]>;
  /** The name under which reasons are given, the first of them: the others have questions of their own. */
  private reason: string | undefined;

  constructor(sample: readonly StudyTask[]) {
    const seen = new Map<string, Said[]>();
    for (const { opinions } of sample)
      for (const { said } of opinions)
        for (const [name, value] of Object.entries(said)) seen.set(name, [...(seen.get(name) ?? []), value]);
    const names = (type: Said["type"]) =>
      [...seen.values()].filter((values) => values.some((value) => value.type === type)).length;
    this.sole = new Set((["comparison", "leaning", "order"] as const).filter((type) => names(type) <= 1));
    this.reason = [...seen.keys()].find((name) => reasons.test(name));
    for (const [name, values] of seen) {
      const scale = numberQuestion(name, values);
      const options = scale ? null : optionQuestion(name, values);
      if (scale) this.scaled.set(name, scale);
      if (options) this.listed.set(name, options);
    }
  }

  /** The task with the judgements it came with. Annotators who said nothing have given none. */
  record({ prompt, responses, opinions }: StudyTask): ImportRecord {
    return {
      prompt,
      responses,
      judgements: opinions.flatMap(({ rater, at, said }) => {
        const answered = Object.entries(said).map(([name, value]) => this.answered(name, value));
        return answered.length > 0 ? [{ ...judgement(rater, ...answered), ...(at ? { at } : {}) }] : [];
      }),
    };
  }

  private answered(name: string, said: Said): Answered {
    switch (said.type) {
      case "comparison":
        return this.compared(name, said, betterOrNone(said.outcome));
      case "leaning":
        return this.compared(name, said, leaning(said.strength));
      case "order":
        return this.compared(name, said, ranked(said.ranks));
      case "numbers":
        return this.rated(name, said);
      case "options":
        return this.chosen(name, said, said.values);
      case "words":
        return this.chosen(name, said, [[said.text]]);
    }
  }

  private compared(name: string, { type }: Said, [question, answer]: Answered): Answered {
    return this.sole.has(type) ? [question, answer] : [this.own(name, question), answer];
  }

  private rated(name: string, said: Extract<Said, { type: "numbers" }>): Answered {
    const question = this.scaled.get(name);
    if (question?.per === said.per && within(said.values, question))
      return [question, { type: "rating", values: { [VALUE]: said.values } }];
    return this.asText(name, said.values.join(", "));
  }

  private chosen(name: string, said: Said, values: string[][]): Answered {
    const question = this.listed.get(name);
    const per = said.type === "options" ? said.per : "task";
    if (question?.per === per) {
      const known = new Set(question.options.map(({ value }) => value));
      const single = question.multiple || values.every((chosen) => chosen.length <= 1);
      if (single && values.flat().every((value) => known.has(value)))
        return [question, { type: "choice", values }];
    }
    return this.asText(name, values.map((chosen) => chosen.join(", ")).join("; "));
  }

  private asText(name: string, text: string): Answered {
    const other = [this.scaled, this.listed, this.comparing].some((questions) => questions.has(name));
    const isReason = !other && reasons.test(name) && name === (this.reason ?? name);
    if (isReason) this.reason = name;
    const question =
      this.texts.get(name) ?? (isReason ? rationaleQuestion : commentQuestion(name, other ? "_text" : ""));
    this.texts.set(name, question);
    return written(question, text);
  }

  /** The question under the tool's name, one object for all rows. */
  private own<Q extends Question>(name: string, question: Q): Question {
    const known = this.comparing.get(name) ?? { ...question, id: idOf(name), label: name };
    this.comparing.set(name, known);
    return known;
  }
}

const VALUE = "value";
const reasons = /^(why|reason|reasoning|rationale|explanation|justification)s?$/i;

function within(values: readonly (number | null)[], { min, max }: { min: number; max: number }): boolean {
  return values.every((value) => value === null || (Number.isInteger(value) && value >= min && value <= max));
}

function numberQuestion(name: string, said: readonly Said[]): QuestionOf<"rating"> | null {
  const numbers = said.filter((value) => value.type === "numbers");
  const [first] = numbers;
  const values = numbers.flatMap((value) => value.values);
  const usual = first?.scale ? [first.scale, ...scales] : scales;
  const scale = usual.find(([min, max]) => within(values, { min, max }));
  if (!first || !scale || numbers.length < said.length) return null;
  const [min, max] = scale;
  const question = ratingQuestion(idOf(name), name, [{ id: VALUE, label: name }], max, false);
  return { ...question, per: first.per, min };
}

function optionQuestion(name: string, said: readonly Said[]): QuestionOf<"choice"> | null {
  const given = said.flatMap((value) =>
    value.type === "options" ? value.values.flat() : value.type === "words" ? [value.text] : [],
  );
  const options = [...new Set(given)].sort();
  const [first] = said;
  const isShort = options.every(
    (value) => value.length <= OPTION_LENGTH && value.trim() === value && value !== "",
  );
  const returns = said.some(({ type }) => type === "options") || options.length * 2 <= given.length;
  if (!first || !isShort || !returns || options.length < 2 || options.length > MOST_OPTIONS) return null;
  const per = first.type === "options" ? first.per : "task";
  const multiple = said.some(
    (value) => value.type === "options" && value.values.some(({ length }) => length > 1),
  );
  return { ...choiceQuestion(idOf(name), name, options, per), multiple, required: false };
}

function commentQuestion(name: string, suffix: string): QuestionOf<"text"> {
  return {
    ...rationaleQuestion,
    id: idOf(name + suffix),
    label: name,
    purpose: "comment",
    maxLength: 200_000,
  };
}

/**
 * A question's id, of the name that it has in a tool. Of a long name and of one in another script it keeps a part only:
 * the whole name's hash tells it from others.
 */
function idOf(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "");
  const id = /^[a-z]/.test(plain) ? plain : `q_${plain}`;
  if (id.length <= 40 && !/\P{ASCII}/u.test(name)) return id;
  const hash = createHash("sha1").update(name).digest("hex").slice(0, 8);
  return `${id.slice(0, 31).replace(/_+$/, "")}_${hash}`;
}
