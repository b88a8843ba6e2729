import { sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { statement } from "../../db/prepared";
import { assignment, formVersion, guidelineVersion, orderBalance, project, rater } from "../../db/schema";
import { type GoldPolicy, policyFrom } from "../../db/shape/gold";
import type { normingPasses } from "../../db/shape/norming";
import { notFound } from "../errors";
import { normingOfRater } from "./norming";

/** Today (UTC), as orders are balanced over and red teams are capped. */
export const todayUtc = sql`(now() at time zone 'utc')::date`;

const versionInForce = (versions: typeof formVersion | typeof guidelineVersion) =>
  sql`(select ${versions.id} from ${versions} where ${versions.projectId} = ${project.id}
    order by ${versions.version} desc limit 1)`;

/** The rater, with what a claim needs to know: the project, the seats held, and the day's orders. */
export interface LockedRater {
  id: string;
  languages: string[];
  domains: string[];
  projectId: string;
  leaseSeconds: number;
  isArchived: boolean;
  /** Consent was withdrawn: what this rater would judge counts nowhere. */
  hasWithdrawn: boolean;
  /** Why the rater gets no seats; null while they do. */
  blockReason: (typeof rater.$inferSelect)["blockReason"];
  /** Passed the qualification, or was let off it. */
  isQualified: boolean;
  gold: GoldPolicy;
  /** The norming that the rater takes part in now, and which pass of it is judged; null where there is none. */
  norming: { id: string; holdsWork: boolean; pass: (typeof normingPasses)[number] | null } | null;
  formVersionId: string;
  guidelineVersionId: string | null;
  held: string[];
  /** How often each canonical response stood first for this rater today (UTC). */
  dayFirsts: number[];
}

/** As the database has it: settings that were never made are null. */
type Row = { [Name in keyof LockedRater]: Name extends "gold" ? GoldPolicy | null : LockedRater[Name] };

const lock = statement<Row>(
  sql`select ${rater.id} as id, ${rater.languages} as languages, ${rater.domains} as domains,
      ${project.id} as "projectId", ${project.leaseSeconds} as "leaseSeconds",
      ${project.archivedAt} is not null as "isArchived",
      ${rater.consentWithdrawnAt} is not null as "hasWithdrawn",
      ${rater.blockReason} as "blockReason", ${rater.qualifiedAt} is not null as "isQualified",
      ${project.gold} as gold, ${normingOfRater} as norming, ${versionInForce(formVersion)} as "formVersionId",
      ${versionInForce(guidelineVersion)} as "guidelineVersionId",
      array(select ${assignment.id} from ${assignment} where ${assignment.raterId} = ${rater.id}
        and ${assignment.status} = 'leased' and ${assignment.projectId} = ${project.id}) as held,
      coalesce((select ${orderBalance.firstCounts} from ${orderBalance}
        where ${orderBalance.raterId} = ${rater.id} and ${orderBalance.day} = ${todayUtc}), '{}') as "dayFirsts"
    from ${rater} join ${project} on ${project.id} = ${rater.projectId}
    where ${rater.id} = ${sql.placeholder("raterId")} and ${rater.kind} <> 'model'
    for no key update of ${rater}`,
);

/**
 * Locks a rater, so that claims of one rater come one after another; foreign keys to it stay free.
 * @throws NOT_FOUND for a model: models judge beside the seats, which are people's
 */
export async function lockRater(tx: Db, raterId: string): Promise<LockedRater> {
  const [found] = await lock(tx, { raterId });
  if (!found) throw notFound("The rater");
  return { ...found, gold: policyFrom(found.gold) };
}
