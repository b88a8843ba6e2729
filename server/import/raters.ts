import { sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { rater } from "../../db/schema";
import { storedJson } from "../../db/shape/written-json";
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
      ...storedAs(judge),
      name: judge.kind === "label" ? judge.id.replace("label", "Label in the file") : judge.id,
    }));
    // As one parameter, of which a statement has 65,535 at most.
    const given = sql`json_to_recordset(${storedJson(rows)}::text::json)
      as given (kind rater_kind, "externalId" text, name text)`;
    const { count: added } = await this.tx.execute(sql`
      insert into ${rater} (project_id, kind, external_id, name)
      select ${this.projectId}::uuid, kind, "externalId", name from ${given}
      on conflict do nothing`);
    const stored = await this.tx.execute<{ id: string; kind: string; externalId: string }>(sql`
      select held.id, held.kind, held.external_id as "externalId"
      from ${given} join ${rater} held on held.project_id = ${this.projectId}::uuid and held.kind = given.kind
        and held.external_id = given."externalId"
      for key share of held`);
    for (const { id, kind, externalId } of stored) this.ids.set(`${kind} ${externalId}`, id);
    return added;
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
