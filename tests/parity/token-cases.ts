import { z } from "zod";
import { parseJson } from "@/db/shape/written-json";
import { parseExample } from "@/workers/engine/tokenize/examples";
import { tokenizeKto, tokenizePreference, tokenizeReward } from "@/workers/engine/tokenize/sequences";
import { tokenizeSft } from "@/workers/engine/tokenize/sft";
import { type ChatTokenizer, openTokenizer } from "@/workers/engine/tokenize/tokenizer";

/** Rows of one form under one tokenizer, with what TRL made of them (make_goldens.py tokens). */
export const tokenCase = z.object({
  tokenizer: z.string(),
  /** A chat template of golden/templates instead of the tokenizer's own. */
  template: z.string().optional(),
  form: z.string(),
  kind: z.enum(["preference", "kto", "reward", "sft"]),
  max_length: z.int(),
  assistant_only: z.boolean(),
  rows: z.array(z.unknown()).default([]),
  /** Rows as they are written in a file, instead of `rows`: JSON.parse would change them. */
  lines: z.array(z.string()).default([]),
  expected: z.array(z.record(z.string(), z.unknown())),
});
export type TokenCase = z.infer<typeof tokenCase>;

/** What the engine makes of a row, with the keys that TRL's row has. */
export function engineTokens(
  tokenizer: ChatTokenizer,
  { kind, max_length, assistant_only }: TokenCase,
  row: unknown,
): Record<string, unknown> {
  const place = { file: "golden", row: 1 };
  switch (kind) {
    case "preference": {
      const tokens = tokenizePreference(tokenizer, parseExample(kind, row, place), max_length);
      if ("dropped" in tokens) return { ...tokens };
      const { prompt_ids, chosen_ids, rejected_ids } = tokens;
      return { prompt_ids, chosen_ids, rejected_ids };
    }
    case "kto": {
      const tokens = tokenizeKto(tokenizer, parseExample(kind, row, place), max_length);
      if ("dropped" in tokens) return { ...tokens };
      return { prompt_ids: tokens.prompt_ids, completion_ids: tokens.completion_ids };
    }
    case "reward": {
      const tokens = tokenizeReward(tokenizer, parseExample(kind, row, place), max_length);
      if ("dropped" in tokens) return { ...tokens };
      return { chosen_ids: tokens.chosen_ids, rejected_ids: tokens.rejected_ids };
    }
    case "sft": {
      const options = { maxLength: max_length, assistantOnly: assistant_only, completionOnly: null };
      const tokens = tokenizeSft(tokenizer, parseExample(kind, row, place), options);
      if ("dropped" in tokens) return { ...tokens };
      const { input_ids, completion_mask, assistant_mask } = tokens;
      if (completion_mask !== undefined) return { input_ids, completion_mask };
      return assistant_only ? { input_ids, assistant_mask } : { input_ids };
    }
  }
}

/** The rows of a case; written ones as they are read from a file. */
const rowsOf = ({ rows, lines }: TokenCase): unknown[] => [...rows, ...lines.map(parseJson)];

/** A row on which engine and TRL differ, for a message that can be worked with. */
export interface Difference {
  where: string;
  row: unknown;
  expected: unknown;
  found: unknown;
}

/** Compares every row of a case; dropped rows must be dropped on both sides. */
export function differences(found: TokenCase, directory: string, templates = ""): Difference[] {
  const template = found.template === undefined ? null : `${templates}/${found.template}.jinja`;
  const tokenizer = openTokenizer(`${directory}/${found.tokenizer}`, template);
  return rowsOf(found).flatMap((row, i) => {
    const expected = found.expected[i] ?? {};
    const tokens = engineTokens(tokenizer, found, row);
    const same =
      "dropped" in expected ? "dropped" in tokens : JSON.stringify(tokens) === JSON.stringify(expected);
    return same ? [] : [{ where: `${found.tokenizer} ${found.form} row ${i}`, row, expected, found: tokens }];
  });
}
