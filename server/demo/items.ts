import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { messageSchema } from "../../db/shape/content";

const folder = new URL("./content/", import.meta.url);

const itemSchema = z.object({
  id: z.string(),
  language: z.string(),
  domain: z.string(),
  messages: z.array(messageSchema).min(1),
  responses: z
    .array(
      z.object({ source: z.string(), content: z.string().min(1), quality: z.number().int().min(1).max(5) }),
    )
    .min(2),
  /** The author's reason why the best response is best. */
  note: z.string(),
});
export type DemoItem = z.infer<typeof itemSchema>;

/** The demo prompts written for Concord, by domain and id. */
export async function demoItems(): Promise<DemoItem[]> {
  const files = (await readdir(fileURLToPath(folder))).filter((name) => name.endsWith(".jsonl")).sort();
  const texts = await Promise.all(files.map((name) => readFile(new URL(name, folder), "utf8")));
  return texts.flatMap((text) =>
    text
      .split("\n")
      .filter(Boolean)
      .map((line) => itemSchema.parse(JSON.parse(line))),
  );
}

export function demoGuidelines(): Promise<string> {
  return readFile(new URL("guidelines.md", folder), "utf8");
}
