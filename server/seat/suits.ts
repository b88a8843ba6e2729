import { sql } from "drizzle-orm";
import { assignment, goldAnswer, normingItem, normingRater, rater, task, taskSeen } from "../../db/schema";
import { rememberLapsed } from "../blindness/opened";
import type { LockedRater } from "./lock";

const $ = sql.placeholder;

/** Until when a seat that is leased now is held. */
export const newLease = sql`now() + make_interval(secs => ${$("leaseSeconds")})`;

/** A list given as JSON. */
const texts = (name: string) => sql`array(select jsonb_array_elements_text(${$(name)}::text::jsonb))`;

/** Rows, each with a language and a domain, of which the rater knows both. An empty list of either means any. */
export const known = sql`(language is null or ${$("languages")} = '[]' or (language || '-') ilike any(${texts("languages")}))
  and (domain is null or ${$("domains")} = '[]' or lower(domain) = any(${texts("domains")}))`;

/** Tasks on whose prompts this rater was given a gold item: whoever has met a prompt does not judge it afresh. */
const metAsGold = sql`(select other.id from ${goldAnswer} given
  join ${task} item on item.id = given.task_id
  join ${task} other on other.prompt_id = item.prompt_id and other.id <> item.id
  where given.rater_id = ${$("raterId")})`;

/** Tasks on whose prompts this rater talks with others in a norming. */
const metInNorming = sql`(select other.id from ${normingRater} mine
  join ${normingItem} shared on shared.norming_id = mine.norming_id
  join ${task} item on item.id = shared.task_id
  join ${task} other on other.prompt_id = item.prompt_id and other.id <> item.id
  where mine.rater_id = ${$("raterId")})`;

/**
 * Seats for this rater: by name, language and domain, on tasks new to the rater, who has not been shown others'
 * answers to them either.
 */
export const suits = sql`project_id = ${$("projectId")} and not apart
  and (reserved_for is null or reserved_for = ${$("raterId")})
  and ${known}
  and not exists (select from ${assignment} mine
    where mine.task_id = ${assignment.taskId} and mine.rater_id = ${$("raterId")} offset 0)
  and not exists (select from ${taskSeen} seen where seen.task_id = ${assignment.taskId}
    and seen.person_id = (select person_id from ${rater} where id = ${$("raterId")}) offset 0)
  and task_id not in ${metAsGold} and task_id not in ${metInNorming}`;
// `offset 0` keeps each one index probe for each seat looked at; as a join, all seats of the rater would be read.

/** Suiting seats that nobody sits on. */
const free = sql`status in ('open', 'leased') and (status = 'open' or leased_until < now()) and ${suits}`;

/** Where a rater looks for the next seat: anywhere, or behind their place in the queue first. */
export const anywhere = [free];
export const onwards = [
  sql`priority = ${$("priority")} and position > ${$("position")} and ${free}`,
  sql`priority < ${$("priority")} and ${free}`,
  free,
];
/** Spelled as the index `assignment_claimable` is, which else would not be used. */
export const queueOrder = sql`priority desc nulls last, position`;

/** What is written on a seat that a rater takes. */
export const leasing = sql`status = 'leased', rater_id = ${$("raterId")}, leased_at = clock_timestamp(),
  leased_until = ${newLease}, lapsed = ${rememberLapsed()},
  selection_probability = case when reserved_for is null then selection_probability end,
  "order" = null, form_version_id = ${$("formVersionId")}, guideline_version_id = ${$("guidelineVersionId")}`;

export const skillsOf = ({
  id,
  projectId,
  languages,
  domains,
}: Pick<LockedRater, "id" | "projectId" | "languages" | "domains">) => ({
  raterId: id,
  projectId,
  // `zh` and `zh-Hant` know `zh-Hant-TW` (RFC 4647, basic filtering): a tag with a dash behind begins with them.
  languages: JSON.stringify(languages.map((language) => `${language}-%`)),
  domains: JSON.stringify(domains.map((domain) => domain.toLowerCase())),
});

export const leaseOf = ({ leaseSeconds, formVersionId, guidelineVersionId }: LockedRater) => ({
  leaseSeconds,
  formVersionId,
  guidelineVersionId,
});
