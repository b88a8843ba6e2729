/**
 * Our side of tests/bench/generate.ts, in the checkout whose engine is meant: opens a model, then answers each line
 * {batch, prompts, tokens} by continuing all prompts greedily by that many tokens.
 */
import { createInterface } from "node:readline";
import { z } from "zod";
import { generate } from "@/workers/engine/infer/generate";
import { openInference } from "@/workers/engine/infer/inference";

const askedShape = z.object({ batch: z.int(), tokens: z.int(), prompts: z.array(z.array(z.int())) });
const inference = openInference(process.argv[2]);
console.log("ready");
for await (const line of createInterface(process.stdin)) {
  const { batch, tokens, prompts } = askedShape.parse(JSON.parse(line));
  const [began, before] = [performance.now(), process.cpuUsage()];
  const ids: number[][] = [];
  for await (const { prompt, ids: written } of generate(inference, prompts, {
    ...{
      do_sample: false,
      temperature: 1,
      top_k: 0,
      top_p: 1,
      num_return_sequences: 1,
      seed: 1,
      stopIds: [],
    },
    ...{ batch_size: batch, max_new_tokens: tokens },
  }))
    ids[prompt] = written;
  const { user, system } = process.cpuUsage(before);
  const peak = process.resourceUsage().maxRSS / 1024;
  console.log(
    JSON.stringify({ seconds: (performance.now() - began) / 1000, cpu: (user + system) / 1e6, peak, ids }),
  );
}
await inference.close();
