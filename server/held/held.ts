import { sql } from "drizzle-orm";
import { redTeamAttempt, redTeamJudgement } from "../../db/schema";
import type { Message } from "../../db/shape/content";
import { sha256 } from "../content/keys";

/** From so many characters on a text is known wherever it stands; shorter ones only after the same question. */
const TELLING = 60;

const plain = (text: string) => text.normalize("NFC").replace(/\s+/g, " ").trim().toLowerCase();
export const textOf = (turns: readonly Message[]) => plain(turns.map(({ content }) => content).join("\n"));
const askedBefore = (turns: readonly Message[]) =>
  plain(turns.findLast(({ role }) => role === "user")?.content ?? "");

/** By what a reply is known again: the text where it is long, else the text after the question. */
export const keysOf = (before: readonly Message[], reply: string): string[] =>
  reply === ""
    ? []
    : [sha256(`${askedBefore(before)}\0${reply}`), ...(reply.length >= TELLING ? [sha256(reply)] : [])];

/** By what the replies of a conversation are known again. */
export const keysIn = (messages: readonly Message[]): string[] =>
  messages.flatMap(({ role, content }, at) =>
    role === "assistant" ? keysOf(messages.slice(0, at), plain(content)) : [],
  );

const judgedSo = sql`select from ${redTeamJudgement} j where j.attempt_id = ${redTeamAttempt.id} and j.state = 'judged'`;
/** A condition: the replies of an attempt must not be learnt. */
export const isHeld = sql`(not exists (${judgedSo}) or exists (${judgedSo} and j.level <> 'no'))`;
