import { sql } from "drizzle-orm";
import { annotation } from "../schema/annotation";
import { rater } from "../schema/people";

/**
 * What was judged on seats that are set apart and stands, of raters whose consent does: a relation to read `from`. It is
 * what `admitted` leaves out, for whoever shows a norming; of gold items the first answers are read instead.
 */
export const practice = sql`(select n.* from ${annotation} n join ${rater} r on r.id = n.rater_id
  where n.current and n.apart and r.consent_withdrawn_at is null)`;
