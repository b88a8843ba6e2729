/** What a task asks a model, document by document. */
import { entriesOf, plainNumbers, WrittenNumber } from "../../db/shape/written-json";
import type { Document } from "../../server/benchmark/document";
import { endsWithSpace, plainText, type Turn, turnsOf } from "../../server/benchmark/prompt";
import { type Literal, pythonLiteral } from "../../server/benchmark/python/literal";
import { shotChooser } from "../../server/benchmark/shots";
import type { Task } from "../../server/benchmark/task";
import { InputError } from "../../server/statistics/estimate";
import { type Template, template } from "./template";

export type Target = string | number | (string | number)[];

/** A document with everything that is asked about it. */
export interface Question {
  readonly id: number;
  readonly document: Document;
  /** Whole prompts: one, or one a choice where the choices stand in the question. */
  readonly contexts: readonly string[];
  /** What may follow, with its delimiter; empty where the model writes. */
  readonly continuations: readonly string[];
  readonly choices: readonly string[] | null;
  readonly target: Target;
  /** Which of the choices are right; −100 for one that is none of them. */
  readonly gold: number | number[] | null;
}

type Reader<Result> = (document: Document) => Result;

/** How a document is read: the three fields of a task that are templates, names of fields, or constants. */
interface Form {
  readonly text: Reader<string | number>;
  readonly target: Reader<Target>;
  readonly choices: Reader<string[]> | null;
  readonly prefix: Reader<string>;
}

type Written = Pick<Task, "doc_to_text" | "doc_to_target" | "doc_to_choice" | "gen_prefix">;

/**
 * The questions of a task, in the order of the documents.
 * @param chat the model's chat template, where the task is to go through it
 * @throws InputError naming the field of the task, and the document, that do not fit
 */
export function questionsOf(
  task: Task,
  documents: readonly { readonly id: number; readonly document: Document }[],
  pool: readonly Document[],
  {
    ownPool,
    chat,
  }: { readonly ownPool: boolean; readonly chat: ((turns: readonly Turn[]) => string) | null },
): Question[] {
  const form = formOf(task);
  const { fewshot_config: fewshot } = task;
  const shotForm = formOf({
    doc_to_text: fewshot.doc_to_text ?? task.doc_to_text,
    doc_to_target: fewshot.doc_to_target ?? task.doc_to_target,
    doc_to_choice: fewshot.doc_to_choice ?? task.doc_to_choice,
    gen_prefix: fewshot.gen_prefix ?? task.gen_prefix,
  });
  const shots = shotChooser(pool, {
    shots: task.num_fewshot,
    sampler: fewshot.sampler,
    seed: task.fewshot_seed,
    perDocument: fewshot.per_document,
    ownPool,
  });
  const description = textReader(task.description, "description");
  const shotTurns = (shot: Document): Turn[] => {
    const choices = shotForm.choices?.(shot) ?? null;
    const asked = shotForm.text(shot);
    const target = shotForm.target(shot);
    const first = Array.isArray(target) ? target[0] : target;
    const answer =
      choices !== null && typeof first === "number" && typeof asked === "string" ? choices[first] : first;
    const question = typeof asked === "number" ? choices?.[asked] : asked;
    if (question === undefined || typeof answer !== "string")
      throw new InputError(
        `doc_to_target of a shot gives ${JSON.stringify(target)}, which is no choice and no text.`,
      );
    return turnsOf({
      question,
      answer,
      prefix: shotForm.prefix(shot),
      targetDelimiter: fewshot.target_delimiter ?? task.target_delimiter,
      fewshotDelimiter: fewshot.fewshot_delimiter ?? task.fewshot_delimiter,
    });
  };
  const prompt = (turns: readonly Turn[]) => (chat ? chat(turns) : plainText(turns));

  return documents.map(({ id, document }, place) =>
    located(`document ${id}`, () => {
      const told = systemText(task, description(document));
      const before: Turn[] = [
        ...(told === "" ? [] : [{ role: "system" as const, content: told, delimiter: "" }]),
        ...shots(document, place).flatMap(shotTurns),
      ];
      const prefix = form.prefix(document);
      const turns = (question: string, targetDelimiter: string) => [
        ...before,
        ...turnsOf({ question, answer: null, prefix, targetDelimiter, fewshotDelimiter: "" }),
      ];
      const asked = form.text(document);
      const choices = form.choices?.(document) ?? null;
      const target = form.target(document);
      const base = { id, document, choices, target };
      const delimiter =
        chat === null || (task.gen_prefix && !endsWithSpace(task.gen_prefix)) ? task.target_delimiter : "";
      if (typeof asked === "number") {
        // The choices stand in the question, and the target is what follows each: as in Winogrande.
        return {
          ...base,
          contexts: (choices ?? []).map((choice) => prompt(turns(choice, ""))),
          continuations: (choices ?? []).map(() => `${delimiter}${target}`),
          gold: asked,
        };
      }
      const contexts = [prompt(turns(asked, task.target_delimiter))];
      if (task.output_type === "multiple_choice") {
        if (choices === null || choices.length === 0) throw new InputError("doc_to_choice gives no choices.");
        return {
          ...base,
          contexts,
          continuations: choices.map((choice) => delimiter + choice),
          gold: goldOf(target, choices),
        };
      }
      const follows = task.output_type === "loglikelihood" || task.output_type === "loglikelihood_rolling";
      return { ...base, contexts, continuations: follows ? [String(target)] : [], gold: null };
    }),
  );
}

function systemText({ system_instruction, fewshot_delimiter }: Task, description: string): string {
  if (system_instruction === undefined || description === "") return (system_instruction ?? "") + description;
  const spaced = endsWithSpace(system_instruction) || /^\s/.test(description);
  return system_instruction + (spaced ? "" : fewshot_delimiter) + description;
}

/** What is right, as it would be said: a choice by its text. Usually one; several where each of them would do. */
export const targetTexts = ({ target, choices }: Question): string[] =>
  [target].flat().map((one) => (typeof one === "number" && choices?.[one]) || String(one));

function goldOf(target: Target, choices: readonly string[]): number | number[] {
  const place = (one: string | number) => {
    const index = typeof one === "number" ? one : choices.indexOf(one);
    return index >= 0 && index < choices.length ? index : -100;
  };
  return Array.isArray(target) ? target.map(place) : place(target);
}

function formOf({ doc_to_text, doc_to_target, doc_to_choice, gen_prefix }: Written): Form {
  const text = doc_to_text;
  const rendered = typeof text === "number" ? () => text : textReader(text, "doc_to_text");
  return {
    text: (document) => {
      const found = rendered(document);
      return doc_to_choice && typeof found === "string" && /^\p{Nd}+$/u.test(found) ? Number(found) : found;
    },
    target: targetReader(doc_to_target, doc_to_choice !== null && doc_to_choice !== undefined),
    choices: doc_to_choice === null || doc_to_choice === undefined ? null : choiceReader(doc_to_choice),
    prefix: gen_prefix ? textReader(gen_prefix, "gen_prefix") : () => "",
  };
}

/** A field by its name, or else the text of a template. */
function reader<Result>(
  written: string,
  field: string,
  ofField: (value: unknown) => Result,
  ofText: (text: string) => Result,
): Reader<Result> {
  let made: Template | null = null;
  return (document) => {
    if (Object.hasOwn(document, written)) return ofField(document[written]);
    made ??= template(written, field);
    return ofText(made(document));
  };
}

const textReader = (written: string, field: string): Reader<string> =>
  reader(written, field, asText, (text) => text);

const asText = (value: unknown) => (value instanceof WrittenNumber ? value.text : String(value ?? ""));

function targetReader(written: Task["doc_to_target"], hasChoices: boolean): Reader<Target> {
  if (typeof written === "number" || Array.isArray(written)) return () => written;
  return reader<Target>(
    written,
    "doc_to_target",
    (value) => targetOf(plainNumbers(value)),
    (text) => {
      if (hasChoices && /^\p{Nd}+$/u.test(text)) return Number(text);
      if (text.length >= 2 && text.startsWith("[") && text.endsWith("]")) {
        try {
          return targetOf(pythonLiteral(text));
        } catch {
          return text;
        }
      }
      return text;
    },
  );
}

function targetOf(value: unknown): Target {
  if (typeof value === "string" || typeof value === "number") return value;
  if (Array.isArray(value)) return value.map((item) => (typeof item === "number" ? item : String(item)));
  throw new InputError(`doc_to_target gives ${JSON.stringify(value)}, which is no text, number or list.`);
}

function choiceReader(written: NonNullable<Task["doc_to_choice"]>): Reader<string[]> {
  if (typeof written !== "string") {
    const fixed = Array.isArray(written) ? written : Object.values(written);
    return () => fixed;
  }
  const list = (value: unknown): string[] => {
    if (Array.isArray(value)) return value.map(asText);
    if (typeof value === "object" && value !== null) return entriesOf(value).map(([, item]) => asText(item));
    throw new InputError(`doc_to_choice gives ${JSON.stringify(value)}, which is no list.`);
  };
  return reader(written, "doc_to_choice", list, (text) => {
    let read: Literal;
    try {
      read = pythonLiteral(text);
    } catch (cause) {
      throw new InputError(`doc_to_choice gives ${JSON.stringify(text.slice(0, 80))}, which is no list.`, {
        cause,
      });
    }
    return list(read);
  });
}

function located<Result>(place: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`${place}: ${error.message}`, { cause: error });
    throw error;
  }
}
