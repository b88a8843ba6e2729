import { z } from "zod";
import type { Message } from "@/db/shape/content";
import type { InView, Seen } from "@/db/shape/judgement";

/** Parts of a text's height, from 0 to 1: apart from each other and in order. */
const spansSchema = z.array(z.tuple([z.number(), z.number()]));
type Span = [from: number, to: number];
export type Spans = readonly Readonly<Span>[];

/** What has been on the screen of each text, by the name of its place; `ms` for how long some part of it was. */
export const looksSchema = z.record(z.string(), z.object({ spans: spansSchema, ms: z.number() }));
export type Looks = z.infer<typeof looksSchema>;

/** The texts that are watched, as the page marks them: `data-watched`. */
export const watched = {
  prompt: "prompt",
  turn: (index: number) => `turn ${index}`,
  response: (slot: number) => `response ${slot}`,
};

/** What two stretches of a text have in common; null where that is nothing. */
export function overlap([a, b]: Readonly<Span>, [c, d]: Readonly<Span>): Span | null {
  const from = Math.max(a, c);
  const to = Math.min(b, d);
  return to > from ? [from, to] : null;
}

/** All of both. */
export function withSpan(spans: Spans, [from, to]: Readonly<Span>): Span[] {
  const apart = spans.filter(([a, b]) => b < from || a > to);
  const joined = spans.filter(([a, b]) => b >= from && a <= to);
  const whole: Span = [Math.min(from, ...joined.map(([a]) => a)), Math.max(to, ...joined.map(([, b]) => b))];
  return [...apart.map(([a, b]): Span => [a, b]), whole].toSorted(([a], [b]) => a - b);
}

/** The share of the height that the spans make up. */
export const shareOf = (spans: Spans): number => spans.reduce((sum, [from, to]) => sum + to - from, 0);

/** A pixel at an edge is no text that was missed. */
const ALL = 0.995;

const seen = (share: number, ms: number): Seen => ({
  share: share >= ALL ? 1 : Math.round(share * 1000) / 1000,
  ms: Math.round(ms),
});

/** How a judgement tells it: a conversation by its characters, so that turns that stayed folded count as out of view. */
export function inViewOf(looks: Looks, messages: readonly Message[], k: number): InView {
  const turns = messages.map(({ content }, index) => ({
    length: Math.max(1, content.length),
    share: shareOf(looks[watched.turn(index)]?.spans ?? []),
  }));
  const length = turns.reduce((sum, turn) => sum + turn.length, 0);
  const read = turns.reduce((sum, turn) => sum + turn.length * turn.share, 0);
  return {
    prompt: seen(read / Math.max(1, length), looks[watched.prompt]?.ms ?? 0),
    responses: Array.from({ length: k }, (_, slot) => {
      const { spans = [], ms = 0 } = looks[watched.response(slot)] ?? {};
      return seen(shareOf(spans), ms);
    }),
  };
}

/** Without what belongs to a place on the screen, where another response may stand now. */
export const withoutResponses = (looks: Looks): Looks =>
  Object.fromEntries(Object.entries(looks).filter(([name]) => !name.startsWith("response ")));
