import { createHash } from "node:crypto";
import { promptKey, responseKey, taskKey } from "../content/keys";
import type { Finding } from "./problems";
import type { ImportedPrompt, ImportRecord, Judgement, Place } from "./schema";

/** A record ready to be stored: checked, with its place in the files and the keys under which it is merged. */
export interface KeyedRecord extends ImportRecord {
  place: Place;
  promptKey: string;
  responseKeys: string[];
  taskKey: string;
}

/** Finds rows that say again what an earlier row said. Keeps about 200 bytes for each judgement. */
export class Merger {
  private readonly firstSeen = new Map<string, Place>();
  /** Where a prompt or response with details was first read, and what they were. */
  private readonly details = new Map<string, { place: Place; said: string }>();
  /** What each rater said about each task. */
  private readonly said = new Map<string, string>();

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
    const before = this.firstSeen.get(task);
    if (!before) this.firstSeen.set(task, place);
    const known = { repeated: "" };
    const judgements = record.judgements.flatMap((judgement) =>
      this.fresh(task, responses, judgement, known),
    );
    if (before && judgements.length === 0) {
      const where = `row ${before.row ?? "?"} of ${before.file}`;
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
    const { messages: _, tools: __, ...about } = prompt;
    const told: { key: string; details: Record<string, unknown> }[] = [
      { key: keys.prompt, details: detailsOf(about) },
      ...responses.map(({ externalId, metadata }, index) => ({
        key: `${keys.prompt.slice(0, 16)}${keys.responses[index].slice(0, 16)}`,
        details: { externalId, ...metadata },
      })),
    ];
    let finding: Finding | null = null;
    for (const { key, details } of told) {
      const names = Object.keys(details).filter((name) => details[name] !== undefined);
      const said = names.length > 0 ? fingerprint(details) : "";
      const known = this.details.get(key);
      if (!known && (said !== "" || key === keys.prompt)) this.details.set(key, { place, said });
      else if (known && known.said !== said && said !== "")
        finding ??= {
          code: "other-details",
          message:
            `An earlier row, ${known.place.row ?? "?"} of ${known.place.file}, has the same text with other details; ` +
            `its own were kept, and not this row's ${names.map((name) => `"${name}"`).join(", ")}.`,
        };
    }
    return finding;
  }

  /** A named rater judges a task once. Labels without a name may differ: they are the words of different people. */
  private fresh(
    task: string,
    responses: readonly string[],
    judgement: Judgement,
    known: { repeated: string },
  ): Judgement[] {
    const { rater, answers } = judgement;
    const sorted = responses.toSorted();
    const words = fingerprint([responses.map((key) => sorted.indexOf(key)), answers]);
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

const detailsOf = ({ metadata, ...facts }: Omit<ImportedPrompt, "messages">): Record<string, unknown> => ({
  ...facts,
  ...metadata,
});

/** What was said, short enough to keep for every judgement: most of it is shorter than a hash of it costs. */
function fingerprint(what: unknown): string {
  const text = JSON.stringify(what);
  return text.length <= 100 ? text : createHash("sha1").update(text).digest("base64");
}
