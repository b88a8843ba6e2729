import { TRPCError } from "@trpc/server";
import { invalid } from "../errors";
import { limits } from "../limits";
import { log } from "../log";
import { problemOf, problemResponse } from "../problem";

/** Answers a request of a program; what goes wrong becomes a problem document, and a defect a line of the log too. */
export async function answer(work: () => Promise<Response>): Promise<Response> {
  try {
    return await work();
  } catch (error) {
    return refusal(error);
  }
}

/** The problem document of what went wrong. */
function refusal(error: unknown): Response {
  const problem = problemOf(error);
  if (problem.status === 500) log.error({ err: error }, "request failed");
  return problemResponse(problem);
}

/**
 * The body of a request as text, counted while it streams.
 * @throws PAYLOAD_TOO_LARGE at the byte that is one too many
 */
export async function textOf(request: Request, atMost: number): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of bodyOf(request)) {
    length += chunk.length;
    if (length > atMost)
      throw new TRPCError({
        code: "PAYLOAD_TOO_LARGE",
        message: `The body is larger than ${atMost.toLocaleString("en")} bytes.`,
      });
    parts.push(chunk);
  }
  return Buffer.concat(parts).toString();
}

/** JSON of a request, of a bounded length and depth. @throws BAD_REQUEST for anything else */
export async function jsonOf(request: Request, atMost: number): Promise<unknown> {
  const text = await textOf(request, atMost);
  requireBounded(text);
  try {
    return JSON.parse(text);
  } catch {
    throw invalid("The body is not JSON.");
  }
}

/**
 * @throws BAD_REQUEST for JSON nested deeper than anybody writes it, as what reads it after us recurses, and for more
 * values than anybody sends, as a megabyte of `{}` takes forty in memory
 */
export function requireBounded(text: string): void {
  let depth = 0;
  let values = 1;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) inString = !inString;
    else if (inString) {
      if (code === 0x5c) at++;
    } else if (code === 0x7b || code === 0x5b) {
      values++;
      if (++depth > limits.jsonDepth)
        throw invalid(`The body is nested deeper than ${limits.jsonDepth} levels.`);
    } else if (code === 0x7d || code === 0x5d) depth--;
    else if (code === 0x2c) values++;
  }
  if (values > limits.jsonValues)
    throw invalid(
      `The body holds more than ${limits.jsonValues.toLocaleString("en")} values. Send it in parts, or import it as a file.`,
    );
}

/** The body of a request, chunk by chunk. */
export async function* bodyOf(request: Request): AsyncGenerator<Uint8Array> {
  const reader = request.body?.getReader();
  if (!reader) return;
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    reader.releaseLock();
  }
}
