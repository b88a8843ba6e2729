import { and, eq } from "drizzle-orm";
import type { Db } from "../../db/client";
import { redTeamAttempt, redTeamHeld } from "../../db/schema";
import type { Message } from "../../db/shape/content";
import type { DatasetRow, Recipe } from "../../db/shape/dataset";
import type { DatasetKind } from "../../db/shape/dataset-kinds";
import { promptKey, responseKey } from "../content/keys";
import { groupBy } from "../group";
import { isHeld, keysIn, keysOf, textOf } from "../held/held";
import { judgedAttempts } from "../red-team/results";
import type { SourcedMaterial } from "./source";

/**
 * What models wrote when they were attacked, unless people who judged it all say that the model did nothing of what was
 * wanted. None of it may be what a model learns to write, and no recipe can have it otherwise: of a row in which it is
 * chosen, a demonstration, labelled good, or better than any other reply, nothing is made. Consent has no say in it.
 */
export class HeldReplies {
  private readonly held: ReadonlySet<string>;

  /** @param keys by what each reply is known, as `keysIn` has them */
  constructor(keys: Iterable<string>) {
    this.held = new Set(keys);
  }

  /** Whether it is one, or one of its turns is. */
  private has(before: readonly Message[], reply: readonly Message[]): boolean {
    const isHeldReply = (asked: readonly Message[], turns: readonly Message[]) =>
      keysOf(asked, textOf(turns)).some((key) => this.held.has(key));
    return (
      isHeldReply(before, reply) ||
      (reply.length > 1 &&
        reply.some(
          (turn, at) => turn.role === "assistant" && isHeldReply([...before, ...reply.slice(0, at)], [turn]),
        ))
    );
  }

  /** Why a row is left out; null where it is not. */
  refusal(
    kind: DatasetKind,
    row: DatasetRow,
    { redTeam }: Pick<Recipe, "redTeam">,
  ): "attack_chosen" | "attack_rejected" | null {
    if (this.held.size === 0) return null;
    const { good, bad } = sidesOf(row);
    if (good.some((reply) => this.has(row.prompt, reply))) return "attack_chosen";
    // A demonstration's conversation is written by it as well, where all turns of the assistant are trained on.
    const turns = kind === "sft" ? row.prompt : [];
    if (turns.some((turn, at) => turn.role === "assistant" && this.has(turns.slice(0, at), [turn])))
      return "attack_chosen";
    return redTeam === "none" && bad.some((reply) => this.has(row.prompt, reply)) ? "attack_rejected" : null;
  }
}

/** The replies of a row that training makes likelier, at least against another, and the others. */
function sidesOf(row: DatasetRow): { good: readonly Message[][]; bad: readonly Message[][] } {
  if ("chosen" in row) return { good: [row.chosen], bad: [row.rejected] };
  if ("ranks" in row) {
    const worst = Math.max(...row.ranks);
    return {
      good: row.completions.filter((_, at) => row.ranks[at] < worst),
      bad: row.completions.filter((_, at) => row.ranks[at] === worst),
    };
  }
  const isGood = !("label" in row) || row.label;
  return { good: isGood ? [row.completion] : [], bad: isGood ? [] : [row.completion] };
}

/** All replies of a project that must not be learnt, also of attempts that are kept no longer. */
export async function heldReplies(tx: Db, projectId: string): Promise<HeldReplies> {
  const rows = await tx
    .select({ messages: redTeamAttempt.messages })
    .from(redTeamAttempt)
    .where(and(eq(redTeamAttempt.projectId, projectId), isHeld));
  const gone = await tx
    .select({ key: redTeamHeld.key })
    .from(redTeamHeld)
    .where(eq(redTeamHeld.projectId, projectId));
  return new HeldReplies([
    ...rows.flatMap(({ messages }) => keysIn(messages)),
    ...gone.map(({ key }) => key),
  ]);
}

/**
 * Attacks that people found to have succeeded, as labels that say bad: for unpaired rows of a recipe that asks for them.
 * Their judgements are what the rows rest on. They have no language or domain, so that a recipe of certain ones has none.
 */
export async function attackMaterial(
  tx: Db,
  { projectId, kind, recipe }: { projectId: string; kind: DatasetKind; recipe: Recipe },
): Promise<SourcedMaterial[]> {
  const { filters, redTeam } = recipe;
  if (kind !== "unpaired" || redTeam !== "rejected") return [];
  if (filters.languages.length > 0 || filters.domains.length > 0 || filters.raters.length > 0) return [];
  if (filters.judges === "models") return [];
  const from = filters.submittedFrom ? new Date(filters.submittedFrom) : null;
  const to = filters.submittedTo ? new Date(filters.submittedTo) : null;
  const attempts = (await judgedAttempts(tx, projectId)).filter(
    ({ isJudged, people, model: source, endedAt }) =>
      isJudged &&
      people === "succeeded" &&
      (filters.sources.length === 0 || filters.sources.includes(source)) &&
      (!from || (endedAt !== null && endedAt >= from)) &&
      (!to || (endedAt !== null && endedAt <= to)),
  );
  const byPrompt = groupBy(attempts, ({ messages }) => promptKey(messages.slice(0, -1)));
  return [...byPrompt]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, own]) => ({
      ...{ promptId: own[0].id, promptKey: key, messages: own[0].messages.slice(0, -1), tools: null },
      ...{ language: null, domain: null, comparisons: [], written: [], firstShown: new Map() },
      labels: own.flatMap(({ messages, model: source, judgements }) => {
        const content = messages.at(-1)?.content ?? "";
        const response = { id: key, key: responseKey({ source, content }), content, turns: null, source };
        return judgements.flatMap(({ id, raterId, level }) =>
          level === "succeeded" ? [{ response, good: false, annotationId: id, raterId }] : [],
        );
      }),
    }));
}
