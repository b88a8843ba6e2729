import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import type { Message } from "../../db/shape/content";
import { curriculum } from "../../server/demo/curriculum";

/** A comparison whose answer is known. */
export interface KnownPair {
  prompt: Message[];
  better: string;
  worse: string;
}

export interface PairSource {
  name: string;
  pairs: KnownPair[];
}

/** The pairs that come with Concord: small enough to be learnt from nothing in minutes. */
export function bundledPairs(): PairSource {
  const pairs = curriculum().map(({ messages, chosen, rejected }) => ({
    prompt: messages,
    better: chosen,
    worse: rejected,
  }));
  return { name: "the bundled curriculum", pairs };
}

const hhRow = z.object({ chosen: z.string(), rejected: z.string() });
const files = ["helpful.train.jsonl.gz", "helpful.train.jsonl", "helpful.test.jsonl"];

/** Real pairs of HH-RLHF (helpful), from a folder with its files. */
export function hhPairs(folder: string, limit: number): PairSource {
  const file = files.map((name) => join(folder, name)).find(existsSync);
  if (!file) throw new Error(`${folder} has none of ${files.join(", ")}.`);
  const bytes = readFileSync(file);
  const text = (file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
  const pairs = text
    .split("\n")
    .filter(Boolean)
    .flatMap((line) => toPair(hhRow.parse(JSON.parse(line))))
    .slice(0, limit);
  return { name: `${pairs.length} pairs of ${file}`, pairs };
}

const SPEAKER = /\n\n(Human|Assistant): ?/;

/** Transcripts that share all turns but the last reply; the few others are left out. */
function toPair({ chosen, rejected }: z.infer<typeof hhRow>): KnownPair[] {
  const [better, worse] = [chosen, rejected].map(turnsOf);
  const prompt = better.slice(0, -1);
  const same = JSON.stringify(prompt) === JSON.stringify(worse.slice(0, -1));
  const [last, other] = [better.at(-1)?.content, worse.at(-1)?.content];
  return same && prompt.length > 0 && last && other && last !== other
    ? [{ prompt, better: last, worse: other }]
    : [];
}

function turnsOf(transcript: string): Message[] {
  const parts = transcript.split(SPEAKER).slice(1);
  return parts.flatMap((speaker, i) =>
    i % 2 === 0
      ? [
          {
            role: speaker === "Human" ? ("user" as const) : ("assistant" as const),
            content: (parts[i + 1] ?? "").trim(),
          },
        ]
      : [],
  );
}
