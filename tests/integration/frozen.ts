import { randomUUID } from "node:crypto";
import type { Db } from "@/db/client";
import { dataset, datasetRow, datasetVersion, project } from "@/db/schema";
import type { Message } from "@/db/shape/content";
import { type DatasetRow, datasetRowSchema, recipeSchema } from "@/db/shape/dataset";
import type { DatasetKind, Split } from "@/db/shape/dataset-kinds";

const turn =
  (role: Message["role"]) =>
  (content: string, more: Partial<Message> = {}): Message => ({ role, content, ...more });
const user = turn("user");
const assistant = turn("assistant");

const tools = JSON.stringify([
  { type: "function", function: { name: "weather", parameters: { type: "object" }, description: "Now" } },
]);
const weather = { name: "weather", arguments: JSON.stringify({ city: "Oslo", days: 1.0 }) };

interface Case {
  prompt: Message[];
  tools?: string;
  good?: Message[];
  bad?: Message[];
}

/** Plain rows, and one of every form that some trainer cannot read. */
const cases: Record<string, Case> = {
  plain: { prompt: [user("“Grüße”, عربي, 日本語\u2028?")] },
  "as plain": { prompt: [user("Is 2 more than 1, and by how much?\n\nSay it in one line.")] },
  system: { prompt: [turn("system")("Be brief."), user("Why?")] },
  turns: { prompt: [user("Hi."), assistant("Hello."), user("Why, again?")] },
  repeated: { prompt: [user("Hi."), assistant("Hello."), assistant("Well?"), user("Why at all?")] },
  begun: { prompt: [assistant("Ask me."), user("What?")] },
  offered: { prompt: [user("Is it cold?")], tools },
  called: {
    prompt: [
      user("Weather in Oslo?"),
      assistant("", { tool_calls: [{ id: "1", type: "function", function: weather }] }),
      turn("tool")("4 °C", { tool_call_id: "1" }),
    ],
    tools,
  },
  exchange: { prompt: [user("Both?")], good: [assistant("One."), user("And?"), assistant("Two.")] },
  empty: { prompt: [user("When?")], good: [assistant("2026-01-31")], bad: [assistant("")] },
};

/** Rows of a kind with every form. The id is the name of the form. */
export function oddRows(kind: DatasetKind): DatasetRow[] {
  return Object.entries(cases).map(([id, { prompt, tools: offered, ...given }], at) => {
    const good = given.good ?? [assistant(`Good: ${id}.`)];
    const bad = given.bad ?? [assistant(`Bad: ${id}.`)];
    const said = {
      preference: { chosen: good, rejected: bad, margin: at % 2 ? 1 : 0.1667 },
      reward: { chosen: good, rejected: bad, margin: at % 2 ? 1 : 0.1667 },
      sft: { completion: id === "empty" ? bad : good },
      unpaired: at % 2 ? { completion: bad, label: false } : { completion: good, label: true },
      ranked:
        id === "plain"
          ? { completions: [good, bad, [assistant("Worst.")]], ranks: [1, 2, 3] }
          : { completions: [good, bad], ranks: id === "turns" ? [1, 1] : [1, 2] },
    }[kind];
    return datasetRowSchema.parse({
      id,
      prompt,
      ...(offered === undefined ? {} : { tools: offered }),
      annotators: 1,
      ...said,
    });
  });
}

/**
 * A version of these rows, as one that was frozen before manifests counted the forms of rows.
 * @param splitOf where a row goes; absent: all to train
 */
export async function frozenVersion(
  db: Db,
  {
    kind,
    rows,
    splitOf = () => "train",
  }: { kind: DatasetKind; rows: readonly DatasetRow[]; splitOf?: (row: DatasetRow) => Split },
): Promise<{ projectId: string; versionId: string }> {
  const [home] = await db.insert(project).values({ name: "Odd rows" }).returning();
  const [{ id: datasetId }] = await db
    .insert(dataset)
    .values({ projectId: home.id, name: `Odd ${kind}`, kind })
    .returning();
  const none = { of: 0, count: 0 };
  const [version] = await db
    .insert(datasetVersion)
    .values({
      projectId: home.id,
      datasetId,
      version: 1,
      recipe: recipeSchema.parse({}),
      manifest: {
        kind,
        rows: { train: rows.length, validation: 0, test: 0 },
        annotations: rows.length,
        raters: 1,
        prompts: rows.length,
        languages: {},
        domains: {},
        dropped: {},
        positive: none,
        chosenLonger: none,
        firstShownWins: none,
        agreement: none,
        lengths: { chosen: [], rejected: [] },
        wins: {},
      },
      sha256: "",
      rows: rows.length,
    })
    .returning();
  await db.insert(datasetRow).values(
    rows.map((row, index) => ({
      versionId: version.id,
      index,
      split: splitOf(row),
      promptId: randomUUID(),
      row,
      annotationIds: [],
    })),
  );
  return { projectId: home.id, versionId: version.id };
}
