import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { z } from "zod";
import type { EndpointKind } from "@/db/shape/endpoint";
import { listening } from "../listening";

export const KEY = "key-of-the-fake";

/** What a fake does with a request that is as its provider wants it. */
export type Does =
  | {
      says: string;
      /** Before it says anything. */
      thinks?: string;
      calls?: { name: string; arguments: object };
      end?: "stop" | "length" | "refused" | "filtered";
      usage?: { input: number; cached: number; output: number };
    }
  /** Half an answer: the connection is `lost`, or closed as if all were said. */
  | { cut: "lost" | "closed"; after: string }
  /** An error in the middle of a stream. */
  | { breaks: string }
  /** Too many requests for now, too much to do, no credit left, a prompt that is withheld, a silent model. */
  | { fails: "rate" | "overloaded" | "spent" | "filtered" | "timeout" };

export interface Seen {
  method: string;
  /** With its query. */
  path: string;
  headers: IncomingHttpHeaders;
  body: unknown;
}

/** A server that talks as a provider does, by the provider's public documentation. */
export interface FakeProvider {
  kind: EndpointKind;
  model: string;
  /** What an endpoint's address has after the origin. */
  base: string;
  /** Where requests go that nobody sent to the fake by its address. */
  origin: string;
  /** Does what the script says with what was asked; a request that its provider would refuse is refused. */
  answer(seen: Seen, response: ServerResponse, script: (asked: Asked) => Does): void;
}

export interface Asked {
  /** The last thing that was said. */
  prompt: string;
  /** Whether it must be JSON. */
  schema: boolean;
  /** The tool it must call. */
  tool: string | undefined;
}

export const DEFAULT_USAGE = { input: 40, cached: 8, output: 5 };

/** Starts one. `earlier`: how often it heard the same prompt before. */
export async function startFake(
  { answer }: FakeProvider,
  script: (asked: Asked, earlier: number) => Does,
): Promise<{ origin: string; seen: Seen[]; close: () => Promise<void> }> {
  const seen: Seen[] = [];
  const heard = new Map<string, number>();
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const { method = "", url = "", headers } = request;
    const one: Seen = { method, path: url, headers, body: body ? JSON.parse(body) : undefined };
    seen.push(one);
    answer(one, response, (asked) => {
      const earlier = heard.get(asked.prompt) ?? 0;
      heard.set(asked.prompt, earlier + 1);
      return script(asked, earlier);
    });
  });
  return { ...(await listening(server)), seen };
}

export const json = (
  response: ServerResponse,
  status: number,
  value: object,
  headers: Record<string, string> = {},
) =>
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(value));

/** Ends a stream of which a part was written, as it is to break off. */
export function breakOff(response: ServerResponse, does: Does): void {
  if ("cut" in does && does.cut === "lost") setTimeout(() => response.destroy(), 10);
  else response.end();
}

/** Pieces in which a text is written. */
export const wordsOf = (text: string) => text.match(/\s*\S+/g) ?? [];

/** What is wrong with a body, in words; null: nothing. */
export function wrongWith(schema: z.ZodType, body: unknown): string | null {
  const { error } = schema.safeParse(body);
  return error ? z.prettifyError(error) : null;
}
