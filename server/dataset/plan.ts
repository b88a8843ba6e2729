import { and, asc, eq, gte, lt } from "drizzle-orm";
import type { Db } from "../../db/client";
import { dataset, datasetRow, datasetVersion } from "../../db/schema";
import { type DatasetManifest, type DatasetRow, type RowTrait, rowTraits } from "../../db/shape/dataset";
import { type DatasetKind, type Split, splits } from "../../db/shape/dataset-kinds";
import { invalid, notFound } from "../errors";
import { layouts } from "./layout";
import { type Held, layoutFor, type RowLayout } from "./layout/layout";
import { type ExportFormat, type ExportSpec, exportLayouts, type LayoutOffer, traitWords } from "./schema";
import { traitsOf } from "./trait";

/** Rows with the same traits in the same split: all that decides whether a layout holds them. */
type Forms = NonNullable<DatasetManifest["forms"]>;

/** Counts the rows of a version by split and traits. */
export class FormCounter {
  private readonly counts = new Map<string, Forms["counts"][number]>();

  add(split: Split, traits: RowTrait[]): void {
    const key = [split, ...traits].join(" ");
    const known = this.counts.get(key);
    if (known) known.rows++;
    else this.counts.set(key, { split, traits, rows: 1 });
  }

  finish(): Forms {
    return { known: [...rowTraits], counts: [...this.counts.values()] };
  }
}

/** What an export of a version will write. */
export interface ExportPlan {
  layout: RowLayout<DatasetRow>;
  format: ExportFormat;
  held: Held;
  rows: Record<Split, number>;
  skipped: LayoutOffer["skipped"];
}

type Version = typeof datasetVersion.$inferSelect;

/**
 * What an export will write and what it has to leave out.
 * @throws when the layout has no place for the version's rows, or for this format, or holds none of the rows
 */
export async function planExport(
  db: Db,
  {
    version,
    kind,
    spec,
  }: { version: Version; kind: DatasetKind; spec: Pick<ExportSpec, "layout" | "format"> },
): Promise<ExportPlan> {
  const { title, formats, weights } = layouts[spec.layout];
  if (hasWeights(version) && !weights) {
    const others = exportLayouts.filter((name) => layouts[name].weights);
    throw invalid(
      `layout: ${title} has no place for the weights of this version's rows, and would count them all the same; choose ${others.join(" or ")}, or freeze a version with confidence none.`,
    );
  }
  const layout = layoutFor(layouts[spec.layout], kind);
  if (!layout) {
    const others = exportLayouts.filter((name) => layoutFor(layouts[name], kind));
    throw invalid(`layout: ${title} has no format for ${kind} rows; choose one of ${others.join(", ")}.`);
  }
  const format = spec.format ?? formats[0];
  if (!formats.includes(format))
    throw invalid(`format: ${title} does not read ${format}; choose one of ${formats.join(", ")}.`);
  const plan = planOf({ layout, format, forms: await formsOf(db, version), version });
  if (plan.skipped.length > 0 && splits.every((split) => plan.rows[split] === 0))
    throw invalid(
      `layout: ${title} holds none of the rows: ${plan.skipped.map(({ why, rows }) => `${why} (${rows})`).join("; ")}. Choose another layout.`,
    );
  return plan;
}

/** The layouts that have a place for the rows of a version, and what each would leave out. */
export async function layoutOffers(
  db: Db,
  { projectId, versionId }: { projectId: string; versionId: string },
): Promise<LayoutOffer[]> {
  const [found] = await db
    .select({ version: datasetVersion, kind: dataset.kind })
    .from(datasetVersion)
    .innerJoin(dataset, eq(dataset.id, datasetVersion.datasetId))
    .where(and(eq(datasetVersion.id, versionId), eq(datasetVersion.projectId, projectId)));
  if (!found) throw notFound("The dataset version");
  const { version, kind } = found;
  const forms = await formsOf(db, version);
  return exportLayouts.flatMap((name) => {
    const { title, formats } = layouts[name];
    const layout = layoutFor(layouts[name], kind);
    if (!layout || (hasWeights(version) && !layouts[name].weights)) return [];
    const { rows, skipped } = planOf({ layout, format: formats[0], forms, version });
    const kept = splits.reduce((sum, split) => sum + rows[split], 0);
    return [{ layout: name, title, formats: [...formats], use: layout.use, rows: kept, skipped }];
  });
}

function planOf({
  layout,
  format,
  forms,
  version,
}: {
  layout: RowLayout<DatasetRow>;
  format: ExportFormat;
  forms: Forms;
  version: Version;
}): ExportPlan {
  const rows: Record<Split, number> = { train: 0, validation: 0, test: 0 };
  const skipped = new Map<RowTrait, number>();
  const kept = new Set<RowTrait>();
  for (const { split, traits, rows: count } of forms.counts) {
    const trait = refusal(layout, traits);
    if (trait) skipped.set(trait, (skipped.get(trait) ?? 0) + count);
    else {
      rows[split] += count;
      for (const one of traits) kept.add(one);
    }
  }
  return {
    layout,
    format,
    rows,
    held: {
      tools: kept.has("tools"),
      calls: kept.has("tool_calls"),
      names: kept.has("speaker_names"),
      thoughts: kept.has("reasoning"),
      margin: version.recipe.margin !== "none",
      weights: hasWeights(version),
    },
    skipped: [...skipped]
      .map(([trait, count]) => ({ trait, why: traitWords[trait], rows: count }))
      .sort((a, b) => b.rows - a.rows),
  };
}

const hasWeights = ({ recipe }: Version): boolean => recipe.confidence !== "none";

/** The first of a row's traits that a layout cannot hold. */
export const refusal = (layout: RowLayout<DatasetRow>, traits: readonly RowTrait[]): RowTrait | undefined =>
  layout.cannot.find((trait) => traits.includes(trait));

/** Rows read at a time. */
const PAGE = 1_000;

/**
 * What the manifest says; of a version that was frozen before it said so, what its rows say. A page is a range of
 * indexes: asked for its first thousand rows after the last, the planner sorts all that follow, page after page, until
 * the rows have been analysed.
 */
async function formsOf(db: Db, { id, manifest, rows }: Version): Promise<Forms> {
  const stated = manifest.forms;
  if (stated && rowTraits.every((trait) => stated.known.includes(trait))) return stated;
  const forms = new FormCounter();
  for (let index = 0; index < rows; index += PAGE) {
    const page = await db
      .select({ split: datasetRow.split, row: datasetRow.row })
      .from(datasetRow)
      .where(
        and(eq(datasetRow.versionId, id), gte(datasetRow.index, index), lt(datasetRow.index, index + PAGE)),
      )
      .orderBy(asc(datasetRow.index));
    for (const { split, row } of page) forms.add(split, traitsOf(row));
  }
  return forms.finish();
}
