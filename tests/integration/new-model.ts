import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { expect } from "vitest";

/** Small enough to be made and asked at once. */
export const TINY = "--hidden-size 32 --intermediate-size 48 --num-hidden-layers 2";

/** Makes a model of random weights in a folder. Its tokenizer is learnt from the text, which is kept beside it. */
export async function newModel(folder: string, text: string, options: string): Promise<void> {
  const texts = `${folder}.txt`;
  await writeFile(texts, text);
  const { stderr } = spawnSync(
    process.execPath,
    [
      ...["--import", "tsx", "workers/engine/cli/new-model.ts", "--out", folder, "--text", texts],
      ...options.split(" "),
    ],
    { encoding: "utf8" },
  );
  expect(stderr).toBe("");
}
