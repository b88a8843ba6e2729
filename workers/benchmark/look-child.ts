/** Looks at the files of a benchmark in a process of its own; see server/benchmark/look.ts. */
import { z } from "zod";
import { askedBenchmarkSchema } from "../../db/shape/benchmark";
import { writeJson } from "../../db/shape/written-json";
import { storeFromEnvironment } from "../../server/artifact/store";
import { type Contents, heldIn } from "../../server/benchmark/data";
import type { Document } from "../../server/benchmark/document";
import { groupFields, sharedFields } from "../../server/benchmark/groups";
import { taskOf } from "../../server/benchmark/plan";
import { readContents } from "../../server/benchmark/read";
import type { BenchmarkLook } from "../../server/benchmark/schema";
import { env } from "../../server/env";
import { fileInStore } from "../../server/import/source/artifact";
import type { SourceFile } from "../../server/import/source/file";
import { InputError } from "../../server/statistics/estimate";
import { generationOf } from "./answers";
import { questionsOf, targetTexts } from "./questions";
import { splitsOf } from "./splits";

const messageSchema = z.object({
  input: z.object({
    asked: askedBenchmarkSchema.extend({ suite: z.string().nullable() }),
    sizes: z.array(z.number()),
  }),
});
type Asked = z.infer<typeof messageSchema>["input"]["asked"];

/** Questions that are written out to know how long they are; the others are taken to be as long. */
const sampled = 100;

process.once("message", async (message: unknown) => {
  const { asked, sizes } = messageSchema.parse(message).input;
  const store = storeFromEnvironment(env());
  const sources = asked.files.map((file, index) => fileInStore(store, { ...file, size: sizes[index] }));
  const look = await lookAt(asked, sources);
  // As text: a message between processes has no numbers as they were written.
  process.send?.(writeJson(look), () => process.exit(0));
});

async function lookAt(asked: Asked, sources: readonly SourceFile[]): Promise<BenchmarkLook> {
  const files: BenchmarkLook["files"] = [];
  const read = new Map<string, Contents>();
  for (const source of sources) {
    const { name } = source;
    try {
      const contents = await readContents(source);
      read.set(name, contents);
      files.push({ name, ...heldIn(contents, name), problem: null });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      files.push({ name, rows: null, suites: [], problem: error.message });
    }
  }
  const unread = files.find(({ problem }) => problem !== null);
  const suite = asked.suite ?? likely(asked, files);
  const none = (problem: string): BenchmarkLook => ({ files, suite, problem, plan: null });
  if (unread?.problem) return none(unread.problem);
  if (suite === null)
    return none(
      "These rows look like those of no suite. Choose the suite they are of, or say the task yourself.",
    );
  try {
    return { files, suite, problem: null, plan: await planOf({ ...asked, suite }, read) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return none(error.message);
  }
}

/** The first suite that all files with questions look like. */
function likely(asked: Asked, files: BenchmarkLook["files"]): string | null {
  const questions = files.filter((_, index) => asked.files[index].holds === "questions");
  const [first] = questions;
  return first?.suites.find((name) => questions.every(({ suites }) => suites.includes(name))) ?? null;
}

async function planOf(
  asked: Asked & { suite: string },
  read: ReadonlyMap<string, Contents>,
): Promise<NonNullable<BenchmarkLook["plan"]>> {
  const task = taskOf({ ...asked, limit: null });
  const { documents, pool, ownPool } = await splitsOf(task, async (file) => {
    const contents = read.get(file);
    if (!contents) throw new InputError(`${file} was not uploaded.`);
    return contents;
  });
  const chosen = documents.slice(0, asked.limit ?? documents.length);
  const questions = questionsOf(task, chosen.slice(0, sampled), pool, { ownPool, chat: null });
  const [first] = questions;
  if (!first) throw new InputError("There is no document to ask about.");
  const scale = chosen.length / questions.length;
  const length = (texts: readonly string[]) => texts.reduce((sum, text) => sum + text.length, 0);
  const isWritten = task.output_type === "generate_until";
  const each = isWritten ? task.repeats : 1;
  const requests = isWritten
    ? chosen.length * each
    : Math.round(scale * questions.reduce((sum, { continuations }) => sum + continuations.length, 0));
  const all = chosen.map(({ document }): Document => document);
  return {
    documents: chosen.length,
    of: documents.length,
    requests,
    characters: Math.round(
      scale *
        questions.reduce(
          (sum, { contexts, continuations }) => sum + length(contexts) + length(continuations),
          0,
        ),
    ),
    writes: isWritten ? chosen.length * each * generationOf(task).generation.maxTokens : 0,
    seconds: null,
    prompt: first.contexts[0],
    continuations: [...first.continuations],
    target: targetTexts(first).join(" / "),
    shared: sharedFields(all),
    groups: groupFields(all),
  };
}
