import type { DataRecipe, SlotModel } from "../../db/shape/construction";
import { storable } from "../../db/shape/written-json";
import type { Answer, Ask } from "../../server/construction/method/method";
import { answeredBefore, keepOutcomes, type Outcome } from "../../server/construction/record";
import { getModel } from "../../server/model/model";
import { openRegistered } from "../judge/by-model";
import { TransientError, type Work } from "../run/handler";
import { replyOf } from "../text/ask";
import type { Call } from "../text/call";
import { endpointOf } from "../text/endpoint";
import type { LocalModel } from "../text/local";
import { TextError } from "../text/model";
import { runCalls } from "../text/runner";

interface Asking {
  work: Work & { projectId: string };
  recipe: DataRecipe;
  recipeHash: string;
}

/** An ask of a model at an endpoint. */
interface AskCall extends Call {
  ask: Ask;
}

/**
 * Gets answers for a method's asks: those that are kept first, then of endpoints by the ledger, side by side, then of
 * models of the registry, one after the other. Whatever is killed when, no reply is asked for twice.
 */
export class Answers {
  readonly #asking: Asking;
  readonly #local = new Map<string, Promise<LocalModel>>();

  constructor(asking: Asking) {
    this.#asking = asking;
  }

  /** @returns one for each ask in their order, or why some were left out: then the run is over */
  async to(asks: readonly Ask[]): Promise<readonly Answer[] | { why: "budget" | "stopped" }> {
    const { work } = this.#asking;
    const { db, projectId, run } = work;
    const outcomes = await answeredBefore(db, { projectId, runId: run.id, asks });
    const groups = new Map<string, { model: SlotModel; asks: Ask[] }>();
    for (const ask of asks) {
      if (outcomes.has(ask.key)) continue;
      const model = this.#modelOf(ask);
      // A reward and a text of one model are two openings of it.
      const key = `${ask.kind === "score"} ${JSON.stringify(model)}`;
      const group = groups.get(key) ?? { model, asks: [] };
      groups.set(key, group);
      group.asks.push(ask);
    }
    const failed: { ask: Ask; outcome: Outcome }[] = [];
    for (const { model, asks } of groups.values()) {
      const told = async (ask: Ask, outcome: Outcome) => {
        outcomes.set(ask.key, outcome);
        // A failure is final as soon as the method has heard it; until then another attempt asks again.
        if ("failure" in outcome) failed.push({ ask, outcome });
        else await keepOutcomes(db, { runId: run.id, outcomes: [{ ask, outcome }] });
      };
      const why =
        "endpointId" in model
          ? await this.#atEndpoint(model.endpointId, asks, told)
          : await this.#here(model.modelId, asks, told);
      if (why) return { why };
    }
    await keepOutcomes(db, { runId: run.id, outcomes: failed });
    return asks.map(({ key }): Answer => {
      const outcome = outcomes.get(key);
      if (!outcome) throw new Error(`The ask ${key} was not answered.`);
      if (!("reply" in outcome)) return outcome;
      const { text, finishReason, logprobs } = outcome.reply;
      return { reply: { text, finishReason, ...(logprobs ? { logprobs } : {}) } };
    });
  }

  async close(): Promise<void> {
    for (const model of await Promise.allSettled(this.#local.values()))
      if (model.status === "fulfilled") await model.value.close();
  }

  #modelOf({ slot, at }: Ask): SlotModel {
    const model = this.#asking.recipe.slots[slot]?.[at];
    if (!model) throw new Error(`The slot ${slot} has no model ${at + 1}.`);
    return model;
  }

  async #atEndpoint(
    endpointId: string,
    asks: readonly Ask[],
    told: (ask: Ask, outcome: Outcome) => Promise<void>,
  ): Promise<"budget" | "stopped" | null> {
    const { work, recipe, recipeHash } = this.#asking;
    const { db, run, projectId, signal, stop } = work;
    const { endpoint, pace, model } = await endpointOf(db, { projectId, endpointId });
    const calls = asks.map((ask): AskCall => {
      if (ask.kind !== "write")
        throw new Error(`${endpoint.name} answers conversations only: choose a model of the registry.`);
      const { messages, sampling, logprobs } = ask;
      return {
        ...{ version: `data ${recipeHash}`, item: ask.key, order: "", sample: 0, ask },
        request: { messages, ...sampling, ...(logprobs === undefined ? {} : { logprobs }) },
      };
    });
    const { why } = await runCalls({
      ...{ db, endpoint, model: model(), pace, calls, cap: recipe.stops.budget, runId: run.id, signal, stop },
      onSettled: (settled) =>
        told(
          settled.call.ask,
          "failure" in settled ? { failure: storable(settled.failure) } : { reply: settled.reply },
        ),
    });
    if (why === "deadline") throw new Error("A data run has no deadline.");
    return why === "cap" ? "budget" : why;
  }

  async #here(
    modelId: string,
    asks: readonly Ask[],
    told: (ask: Ask, outcome: Outcome) => Promise<void>,
  ): Promise<"stopped" | null> {
    const { signal, stop } = this.#asking.work;
    const model = await this.#open(modelId, asks[0].kind === "score");
    // Running a graph hears nothing: only its process can be ended in the middle.
    const onAbort = () => void model.close();
    signal.addEventListener("abort", onAbort);
    try {
      for (const ask of asks) {
        signal.throwIfAborted();
        if (stop.aborted) return "stopped";
        await told(ask, await this.#answer(model, ask));
      }
      return null;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  async #answer(model: LocalModel, ask: Ask): Promise<Outcome> {
    const { signal } = this.#asking.work;
    try {
      if (ask.kind === "score") {
        const [score] = await model.score([ask], signal);
        return Number.isFinite(score) ? { score } : { failure: "The reward is not a number." };
      }
      const { sampling } = ask;
      if (ask.kind === "complete")
        return { reply: await replyOf(model, { ...sampling, messages: [], raw: ask.prompt, signal }) };
      const { messages, logprobs } = ask;
      return { reply: await replyOf(model, { ...sampling, messages, logprobs, signal }) };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof TextError)) throw error;
      if (error.again === "later") throw new TransientError(error.message);
      return { failure: storable(error.message) };
    }
  }

  #open(modelId: string, forRewards: boolean): Promise<LocalModel> {
    const key = `${forRewards} ${modelId}`;
    const known = this.#local.get(key);
    if (known) return known;
    const { work } = this.#asking;
    const opening = getModel(work.db, { projectId: work.projectId, modelId }).then((model) =>
      openRegistered(work, model, forRewards),
    );
    this.#local.set(key, opening);
    return opening;
  }
}
