import { createHash } from "node:crypto";
import { desc, eq, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { dataset, datasetRow, datasetVersion, prompt } from "../../db/schema";
import { modelledAggregations, type Recipe } from "../../db/shape/dataset";
import type { DatasetKind, Split } from "../../db/shape/dataset-kinds";
import { writeJson } from "../../db/shape/written-json";
import { type Actor, audit } from "../audit/audit";
import { uniformOf } from "../content/keys";
import { invalid } from "../errors";
import { labelling } from "../judge/labelling";
import { attackMaterial, heldReplies } from "./attacks";
import { getDataset } from "./dataset";
import { FormCounter } from "./plan";
import { fitPosterior } from "./posterior";
import { questionsOf } from "./question";
import { makeRows } from "./rows";
import type { ComparedQuestion } from "./schema";
import { readMaterial, type SourcedMaterial } from "./source";
import { ManifestBuilder } from "./statistics";
import { traitsOf } from "./trait";

/** At least so many rows of one statement; the next are made while the database stores them. */
const INSERT_ROWS = 1000;

export interface FreezeInput {
  projectId: string;
  datasetId: string;
  recipe: Recipe;
  /** Why judges count that may not label; absent: none such may. */
  despite?: string;
  runId: string;
  /** The id that the version gets, where somebody named it before it was there. */
  versionId?: string;
  actor: Actor;
  /** Told the number of prompts read, of how many. */
  onProgress(done: number, total: number): void;
  signal: AbortSignal;
}

/**
 * Freezes a version: reads one state of the judgements, writes its rows, manifest and hash, all or nothing.
 * The sha256 is taken over the rows in order, each as `split TAB json NEWLINE`.
 * @throws when no row comes out, because an empty version is of no use to anybody
 */
export async function freezeVersion(db: Db, input: FreezeInput): Promise<typeof datasetVersion.$inferSelect> {
  return db.transaction((tx) => freeze(tx, input), { isolationLevel: "repeatable read" });
}

async function freeze(
  tx: Db,
  { projectId, datasetId, recipe, despite, runId, versionId, actor, onProgress, signal }: FreezeInput,
) {
  // One freeze of a dataset at a time: the lock also keeps version numbers without a gap.
  const [owner] = await tx.select().from(dataset).where(eq(dataset.id, datasetId)).for("no key update");
  if (!owner || owner.projectId !== projectId) throw invalid("The dataset is gone.");
  const [again] = await tx.select().from(datasetVersion).where(eq(datasetVersion.runId, runId));
  if (again) return again;
  const questions = await questionsOf(tx, { projectId, kind: owner.kind, recipe });
  const judges = await labelling(tx, { projectId, ...recipe.filters, despite: despite ?? null });
  const [newest] = await tx
    .select({ version: datasetVersion.version })
    .from(datasetVersion)
    .where(eq(datasetVersion.datasetId, datasetId))
    .orderBy(desc(datasetVersion.version))
    .limit(1);
  const [{ total }] = await tx
    .select({ total: sql<number>`count(*)::int` })
    .from(prompt)
    .where(eq(prompt.projectId, projectId));

  const [version] = await tx
    .insert(datasetVersion)
    .values({
      id: versionId,
      projectId,
      datasetId,
      version: (newest?.version ?? 0) + 1,
      recipe,
      manifest: new ManifestBuilder(owner.kind, questions).finish(),
      sha256: "",
      rows: 0,
      runId,
      createdBy: actor.personId,
    })
    .returning();

  const { batches, rowsOf, manifest } = await making(tx, { projectId, kind: owner.kind, recipe, questions });
  const forms = new FormCounter();
  const hash = createHash("sha256");
  let pending: FrozenRow[] = [];
  let writing: Promise<void> = Promise.resolve();
  let index = 0;
  let done = 0;
  const flush = async () => {
    await writing;
    hash.update(pending.map(({ split, text }) => `${split}\t${text}\n`).join(""));
    writing = storeRows(tx, version.id, { first: index, rows: pending });
    index += pending.length;
    // Its failure is thrown where it is awaited, by the next flush or at the end.
    writing.catch(() => {});
    pending = [];
  };

  for await (const batch of batches) {
    signal.throwIfAborted();
    done += batch.length;
    onProgress(done, total);
    for (const material of batch) {
      const { made, split } = rowsOf(material);
      for (const { row, annotationIds, traits } of made) {
        forms.add(split, traits);
        pending.push({ split, promptId: material.promptId, annotationIds, text: writeJson(row) });
      }
    }
    if (pending.length >= INSERT_ROWS) await flush();
  }
  await flush();
  await writing;
  signal.throwIfAborted();
  if (index === 0)
    throw invalid(
      "No judgement fits this recipe, so the version would be empty. Loosen its filters (models' judgements count only where `judges` admits them) or collect more votes.",
    );

  const [frozen] = await tx
    .update(datasetVersion)
    .set({
      manifest: {
        ...manifest.finish(),
        forms: forms.finish(),
        ...(judges.length > 0 && { judges }),
        ...(judges.some(({ role }) => role !== "label") && { despite }),
      },
      sha256: hash.digest("hex"),
      rows: index,
    })
    .where(eq(datasetVersion.id, version.id))
    .returning();
  await audit(tx, actor, {
    action: "dataset.freeze",
    target: { kind: "dataset_version", id: frozen.id },
    projectId,
    after: {
      ...{ dataset: owner.name, version: frozen.version, rows: frozen.rows, sha256: frozen.sha256, recipe },
      ...(frozen.manifest.despite !== undefined && { judges, despite }),
    },
  });
  return frozen;
}

/** The material of a recipe, what makes rows of each prompt's and names its split, and the manifest that counts them. */
async function making(
  tx: Db,
  {
    projectId,
    kind,
    recipe,
    questions,
  }: { projectId: string; kind: DatasetKind; recipe: Recipe; questions: ComparedQuestion[] },
) {
  const questionIds = questions.map(({ id }) => id);
  const held = await heldReplies(tx, projectId);
  const read = () => readMaterial(tx, { projectId, kind, recipe, questionIds });
  const { aggregation } = recipe;
  const posterior =
    isModelled(aggregation) && questionIds.length > 0
      ? await fitPosterior(read(), { ...recipe, aggregation })
      : null;
  const manifest = new ManifestBuilder(kind, questions, posterior?.method);
  const rowsOf = (material: SourcedMaterial) => {
    const made = makeRows(kind, material, recipe, manifest, posterior)
      .map((candidate) => ({ ...candidate, traits: traitsOf(candidate.row) }))
      .filter(({ traits }) => {
        const unwanted = recipe.filters.without.find((trait) => traits.includes(trait));
        if (unwanted) manifest.drop(unwanted);
        return unwanted === undefined;
      })
      .filter(({ row }) => {
        const refused = held.refusal(kind, row, recipe);
        if (refused) manifest.drop(refused);
        return refused === null;
      });
    const split = splitOf(material.promptKey, recipe);
    manifest.addPrompt(material, made, split);
    return { made, split };
  };
  const batches = async function* () {
    yield* read();
    const attacks = await attackMaterial(tx, { projectId, kind, recipe });
    if (attacks.length > 0) yield attacks;
  };
  return { batches: batches(), rowsOf, manifest };
}

/** Prompts up to which rows are counted while somebody waits. */
const COUNTED_PROMPTS = 20_000;

/**
 * The rows that freezing would make now, by split, in the same way as freezing makes them. Null where that would take
 * too long to wait for: a project of very many prompts.
 */
export async function countRows(
  db: Db,
  { projectId, datasetId, recipe }: Pick<FreezeInput, "projectId" | "datasetId" | "recipe">,
): Promise<Record<Split, number> | null> {
  return db.transaction(
    async (tx) => {
      const { kind } = await getDataset(tx, { projectId, datasetId });
      if ((await tx.$count(prompt, eq(prompt.projectId, projectId))) > COUNTED_PROMPTS) return null;
      const questions = await questionsOf(tx, { projectId, kind, recipe });
      const { batches, rowsOf } = await making(tx, { projectId, kind, recipe, questions });
      const rows = { train: 0, validation: 0, test: 0 };
      for await (const batch of batches)
        for (const material of batch) {
          const { made, split } = rowsOf(material);
          rows[split] += made.length;
        }
      return rows;
    },
    { isolationLevel: "repeatable read", accessMode: "read only" },
  );
}

const isModelled = (name: Recipe["aggregation"]): name is (typeof modelledAggregations)[number] =>
  modelledAggregations.some((modelled) => modelled === name);

interface FrozenRow {
  split: Split;
  promptId: string;
  annotationIds: readonly string[];
  /** The row as JSON, in one line. */
  text: string;
}

/** Stores rows that are JSON already, for the hash: a text for each column, a line for each row. */
async function storeRows(
  tx: Db,
  versionId: string,
  { first, rows }: { first: number; rows: readonly FrozenRow[] },
): Promise<void> {
  const column = (value: (row: FrozenRow) => string) =>
    sql`string_to_table(${rows.map(value).join("\n")}::text, chr(10))`;
  await tx.execute(sql`
    insert into ${datasetRow} (version_id, index, split, row, prompt_id, annotation_ids)
    select ${versionId}::uuid, ${first}::int + place - 1, split::dataset_split, row::json, prompt_id::uuid,
      annotation_ids::uuid[]
    from rows from (${column(({ split }) => split)}, ${column(({ text }) => text)},
      ${column(({ promptId }) => promptId)}, ${column(({ annotationIds }) => `{${annotationIds.join(",")}}`)})
      with ordinality as made (split, row, prompt_id, annotation_ids, place)`);
}

/** The split of a prompt: a uniform number from its key and the seed, so that growing data moves no prompt. */
function splitOf(promptKey: string, { split }: Recipe): Split {
  const u = uniformOf(`${split.seed}:${promptKey}`);
  if (u < split.train) return "train";
  return u < split.train + split.validation ? "validation" : "test";
}
