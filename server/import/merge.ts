import { createHash } from "node:crypto";
import { promptKey, responseKey, taskKey } from "../content/keys";
import type { Finding } from "./problems";
import type { ImportRecord, Judgement, Place } from "./schema";

/** A record ready to be stored: checked, with its place in the files and the keys under which it is merged. */
export interface KeyedRecord extends ImportRecord {
  place: Place;
  promptKey: string;
  responseKeys: string[];
  taskKey: string;
}

/** Finds rows that say again what an earlier row said. Keeps some 530 bytes for each pair that was judged. */
export class Merger {
  /** Where a task was first read. */
  private readonly tasks = new Map<string, { place: Place; number: number }>();
  /** Where a prompt or response with details was first read, and what they were. */
  private readonly details = new Map<string, { place: Place; said: string }>();
  /** What each rater said about each task, both named by their numbers. */
  private readonly said = new Map<string, number>();
  /** The number of each thing that was said: most raters say one of a few. */
  private readonly wordings = new Map<string, number>();

  /** @param warn told of details that are not kept, because an earlier row says others of the same text */
  merge(
    record: ImportRecord,
    place: Place,
    warn: (finding: Finding) => void,
  ): KeyedRecord | { finding: Finding } {
    const prompt = promptKey(record.prompt.messages, record.prompt.tools);
    const responses = record.responses.map(responseKey);
    const task = taskKey(prompt, responses);
    const unlike = this.unlike(record, { prompt, responses }, place);
    if (unlike) warn(unlike);
    const before = this.tasks.get(task);
    const number = before?.number ?? this.tasks.size;
    if (!before) this.tasks.set(task, { place, number });
    const known = { repeated: "" };
    const judgements = record.judgements.flatMap((judgement) =>
      this.fresh(number, responses, judgement, known),
    );
    if (before && judgements.length === 0) {
      const where = `row ${before.place.row ?? "?"} of ${before.place.file}`;
      return {
        finding: known.repeated
          ? {
              code: "repeated-judgement",
              message: `${known.repeated} judged the same responses in ${where}.`,
            }
          : {
              code: "duplicate",
              message: `The row ${unlike ? "has the same prompt and replies as" : "says the same as"} ${where}.`,
            },
      };
    }
    return { ...record, judgements, place, promptKey: prompt, responseKeys: responses, taskKey: task };
  }

  /** A text is stored once, with the details of the row that brought it: others are named, for they are left out. */
  private unlike(
    { prompt, responses }: ImportRecord,
    keys: { prompt: string; responses: readonly string[] },
    place: Place,
  ): Finding | null {
    const { messages: _, tools: __, metadata, ...facts } = prompt;
    let finding = this.differing(keys.prompt, { ...facts, ...metadata }, place);
    if (!this.details.has(keys.prompt)) this.details.set(keys.prompt, { place, said: "" });
    for (const [index, { externalId, metadata }] of responses.entries()) {
      const key = `${keys.prompt.slice(0, 16)}${keys.responses[index].slice(0, 16)}`;
      const other = this.differing(key, { externalId, ...metadata }, place);
      finding ??= other;
    }
    return finding;
  }

  /** Keeps the details of a text that is read for the first time. @returns that it had others when it was first read */
  private differing(key: string, details: Record<string, unknown>, place: Place): Finding | null {
    const said = fingerprint(details);
    if (said === "{}") return null;
    const known = this.details.get(key);
    if (!known) this.details.set(key, { place, said });
    if (!known || known.said === said) return null;
    const names = Object.keys(details).filter((name) => details[name] !== undefined);
    return {
      code: "other-details",
      message:
        `An earlier row, ${known.place.row ?? "?"} of ${known.place.file}, has the same text with other details; ` +
        `its own were kept, and not this row's ${names.map((name) => `"${name}"`).join(", ")}.`,
    };
  }

  /** A named rater judges a task once. Labels without a name may differ: they are the words of different people. */
  private fresh(
    task: number,
    responses: readonly string[],
    judgement: Judgement,
    known: { repeated: string },
  ): Judgement[] {
    const { rater, answers } = judgement;
    const sorted = responses.toSorted();
    const wording = fingerprint([responses.map((key) => sorted.indexOf(key)), answers]);
    const words = this.wordings.get(wording) ?? this.wordings.size;
    this.wordings.set(wording, words);
    for (let number = 1; ; number++) {
      const id = number === 1 ? rater.id : `${rater.id} ${number}`;
      const key = `${task}/${rater.kind}/${id}`;
      const before = this.said.get(key);
      if (before === undefined) {
        this.said.set(key, words);
        return [number === 1 ? judgement : { ...judgement, rater: { ...rater, id } }];
      }
      if (before === words) return [];
      if (rater.kind !== "label") {
        known.repeated = rater.id;
        return [];
      }
    }
  }
}

/** What was said, short enough to keep for every judgement: most of it is shorter than a hash of it costs. */
function fingerprint(what: unknown): string {
  const text = JSON.stringify(what);
  return text.length <= 100 ? text : createHash("sha1").update(text).digest("base64");
}
