import type { Reply } from "../../../db/shape/endpoint";
import { storeProbe } from "../../../server/endpoint/endpoint";
import { mostCost, type Size } from "../../../server/endpoint/price";
import { probeSpecSchema } from "../../../server/endpoint/schema";
import { joined } from "../../../server/signal";
import { linesOf, note } from "../../text/ask";
import { endpointOf, type OpenedEndpoint } from "../../text/endpoint";
import type { TextModel } from "../../text/model";
import { type Answers, capabilitiesOf, EVERYTHING, missingOf, questions } from "../../text/probe";
import { runCalls } from "../../text/runner";
import { handler, type Work } from "../handler";

/** How long a provider may take to say what it knows of the model: shorter than the lease of a call. */
const ASIDE_MS = 20_000;
const WORD = "water";
const ONE_WORD: Size = { bytes: WORD.length, turns: 0, maxTokens: 0 };
/** A list of models has no tokens. */
const NO_SIZE: Size = { bytes: 0, turns: 0, maxTokens: 0 };
const TRIED_TOKENS = 1024;

/** Learns what an endpoint can do, or lets a person read how it answers. What it asks stands in the ledger like all else. */
export const probe = handler(probeSpecSchema, async (work) => {
  const { endpointId, prompt } = work.spec;
  const { db, projectId } = work;
  try {
    const opened = await endpointOf(db, { projectId, endpointId });
    if (prompt) return { problem: null, reply: await tryPrompt(work, opened, prompt) };
    await learn(work, opened);
    return { problem: null, reply: null };
  } catch (error) {
    work.signal.throwIfAborted();
    const problem = error instanceof Error ? error.message : String(error);
    if (!prompt) await storeProbe(db, endpointId, { problem });
    return { problem, reply: null };
  }
});

async function learn(work: Work, opened: OpenedEndpoint): Promise<void> {
  let { provider, model } = opened.as(EVERYTHING);
  const answers: Answers = {};
  // Without an answer to this there is nothing to learn.
  answers.plain = await replyTo(work, opened, model, questions.plain, "plain").catch((error: unknown) => {
    // Models that think before they answer may refuse a temperature in so many words.
    if (!(error instanceof Error && /temperature/i.test(error.message))) throw error;
    ({ provider, model } = opened.as({ ...EVERYTHING, temperature: false }));
    return replyTo(work, opened, model, questions.plain, "plain, at its own temperature");
  });
  for (const [name, question] of entries(questions)) {
    if (name === "plain" || (name === "fewLogprobs" && answers.logprobs?.logprobs)) continue;
    // A refusal of what was asked for is what is to be learnt.
    answers[name] = await replyTo(work, opened, model, question, name).catch((error: unknown) => {
      work.signal.throwIfAborted();
      void work.log("info", `${name}: ${error instanceof Error ? error.message : error}`);
      return undefined;
    });
    work.progress({ done: Object.keys(answers).length, total: entries(questions).length, unit: "questions" });
  }
  const { describe } = provider;
  const described =
    describe &&
    (await aside(work, opened, "models", NO_SIZE, (signal, told) => {
      told(0);
      return describe(signal);
    }));
  const embed = model.embed?.bind(model);
  const vectors =
    embed && (await aside(work, opened, "vectors", ONE_WORD, (signal, told) => embed([WORD], signal, told)));
  const capabilities = capabilitiesOf(answers, described?.context ?? null, (vectors?.[0]?.length ?? 0) > 0);
  await storeProbe(work.db, opened.endpoint.id, {
    capabilities,
    missing: missingOf(capabilities),
    retiresOn: described?.retiresOn ?? null,
  });
}

const entries = (all: typeof questions) =>
  Object.keys(all)
    .filter((name): name is keyof typeof questions => name in all)
    .map((name) => [name, all[name]] as const);

/** Asks for something beside replies, with its line in the ledger. @returns null where it is not to be had */
async function aside<T>(
  work: Work,
  { endpoint }: OpenedEndpoint,
  what: string,
  size: Size,
  make: (signal: AbortSignal, told: (tokens: number | null) => void) => Promise<T>,
): Promise<T | null> {
  const { db, run, signal } = work;
  const limited = joined(signal, AbortSignal.timeout(ASIDE_MS));
  const key = `probe ${run.id} ${what}`;
  const lines = linesOf(db, { endpointId: endpoint.id, holder: run.id, runId: run.id }, signal);
  const bound = mostCost(size, endpoint);
  return note({ endpoint, lines, key, bound }, (told) => make(limited, told)).catch((error: unknown) => {
    signal.throwIfAborted();
    void work.log("info", `${what}: ${error instanceof Error ? error.message : error}`);
    return null;
  });
}

async function tryPrompt(work: Work, opened: OpenedEndpoint, prompt: string) {
  const model = opened.endpoint.capabilities ? opened.model() : opened.as(EVERYTHING).model;
  const began = performance.now();
  const {
    text,
    finishReason,
    model: answered,
  } = await replyTo(
    work,
    opened,
    model,
    { messages: [{ role: "user", content: prompt }], maxTokens: TRIED_TOKENS, temperature: 0 },
    "try",
  );
  return { text, finishReason, model: answered, milliseconds: Math.round(performance.now() - began) };
}

/** One call of this run, so that each probe asks anew. @throws the sentence that says why there is no reply */
async function replyTo(
  { db, run, signal }: Work,
  { endpoint, pace }: OpenedEndpoint,
  model: TextModel,
  request: Parameters<typeof runCalls>[0]["calls"][number]["request"],
  item: string,
): Promise<Reply> {
  let reply: Reply | null = null;
  let failure = "";
  await runCalls({
    ...{ db, endpoint, model, pace, signal, cap: null, runId: run.id },
    calls: [{ version: `probe ${run.id}`, item, order: "", sample: 0, request }],
    async onSettled(settled) {
      if ("reply" in settled) reply = settled.reply;
      else failure = settled.failure;
    },
  });
  if (!reply) throw new Error(failure);
  return reply;
}
