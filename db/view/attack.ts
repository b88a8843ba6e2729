import { type SQL, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import { rater } from "../schema/people";
import { redTeamAttempt } from "../schema/red-team";

/** A condition: whoever attacked or judged lets it be used. */
export const isGiven = (raterId: PgColumn | SQL): SQL =>
  sql`exists (select from ${rater} giver where giver.id = ${raterId} and giver.consent_withdrawn_at is null)`;

/** A condition: an attempt counts. It has ended, and its attacker lets it be used. */
export const isAttack = sql`(${redTeamAttempt.state} = 'done' and ${isGiven(redTeamAttempt.raterId)})`;
