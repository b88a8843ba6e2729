import { and, eq, inArray } from "drizzle-orm";
import type { Db } from "../../db/client";
import { rater } from "../../db/schema";
import type { ImportedRater } from "./schema";

/** The raters of an imported study, known by the ids they have in its files, and held until the import ends. */
export class RaterRegister {
  private readonly ids = new Map<string, string>();

  constructor(
    private readonly tx: Db,
    private readonly projectId: string,
  ) {}

  /** @returns how many raters the project gained */
  async enrol(judges: readonly ImportedRater[]): Promise<number> {
    const fresh = new Map(judges.map((judge) => [keyOf(judge), judge]));
    for (const key of this.ids.keys()) fresh.delete(key);
    if (fresh.size === 0) return 0;
    const rows = [...fresh.values()].map((judge) => ({
      projectId: this.projectId,
      ...storedAs(judge),
      name: judge.kind === "label" ? judge.id.replace("label", "Label in the file") : judge.id,
    }));
    const added = await this.tx.insert(rater).values(rows).onConflictDoNothing().returning({ id: rater.id });
    const externalIds = rows.map(({ externalId }) => externalId);
    const stored = await this.tx
      .select({ id: rater.id, kind: rater.kind, externalId: rater.externalId })
      .from(rater)
      .where(and(eq(rater.projectId, this.projectId), inArray(rater.externalId, externalIds)))
      .for("key share");
    for (const { id, kind, externalId } of stored) this.ids.set(`${kind} ${externalId}`, id);
    return added.length;
  }

  idOf(judge: ImportedRater): string {
    const id = this.ids.get(keyOf(judge));
    if (id === undefined) throw new Error(`The rater ${judge.id} was not enrolled.`);
    return id;
  }
}

/**
 * How a rater of a study is stored. A named one keeps the id of the study; a label's author is unknown, and no
 * person's id looks like it.
 */
export const storedAs = ({
  id,
  kind,
}: ImportedRater): { kind: "model" | "imported"; externalId: string } => ({
  kind: kind === "model" ? "model" : "imported",
  externalId: kind === "label" ? `(${id})` : id,
});

function keyOf(judge: ImportedRater): string {
  const { kind, externalId } = storedAs(judge);
  return `${kind} ${externalId}`;
}
