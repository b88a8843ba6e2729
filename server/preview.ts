import { z } from "zod";
import { parseRowJson } from "../db/shape/written-json";
import { runCaged, STORE_VARIABLES, TooMuch } from "./child";
import { invalid } from "./errors";
import { limits } from "./limits";

let running = 0;
const waiting: (() => void)[] = [];

/**
 * What a program of ours says of uploaded files, in one message of JSON. A process of its own looks at them: a small file
 * may be made to take gigabytes and minutes, and the site answers everybody.
 * @param program by its path from the root
 * @throws BAD_REQUEST where looking takes more memory or time than it may
 */
export async function previewBy<Shape extends z.ZodType>(
  says: Shape,
  { program, input, memoryMiB }: { program: string; input: unknown; memoryMiB: number },
): Promise<z.output<Shape>> {
  // Whoever leaves hands the place over.
  if (running < limits.previewsAtOnce) running++;
  else await new Promise<void>((resolve) => waiting.push(resolve));
  try {
    let said: { value: z.output<Shape> } | undefined;
    await runCaged({
      ...{ program, input, memoryMiB },
      also: STORE_VARIABLES,
      timeMs: limits.previewMs,
      onMessage: (message) => {
        said = { value: says.parse(parseRowJson(z.string().parse(message))) };
      },
    });
    if (!said) throw new Error(`${program} ended without a word.`);
    return said.value;
  } catch (error) {
    if (!(error instanceof TooMuch)) throw error;
    throw invalid(`To look at these files takes ${error.message}, which is more than they may. Split them.`);
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}
