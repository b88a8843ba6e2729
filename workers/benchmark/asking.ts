import type { Asking } from "../../server/benchmark/suites/suite";
import type { Task } from "../../server/benchmark/task";
import type { BenchmarkModel, Generation } from "./model";

type Messages = Parameters<Asking["answer"]>[0];

const turnsOf = (messages: Messages) => messages.map((message) => ({ ...message, delimiter: "" }));

/** Whom the scorer of a judged task asks about one document. */
export function askingOf(
  task: Pick<Task, "fewshot_as_multiturn">,
  { model, judge, generation }: { model: BenchmarkModel; judge: BenchmarkModel; generation: Generation },
): Asking & { readonly wasCut: () => boolean } {
  /** Whether one of them read a prompt without its beginning. */
  let wasCut = false;
  const said = async (who: BenchmarkModel, messages: Messages, how: Generation) => {
    const context = who.chat(turnsOf(messages), task);
    let text = "";
    for await (const { answers, cut } of who.generate([{ id: 0, context }], { ...how, copies: 1 })) {
      text = answers[0];
      wasCut ||= cut;
    }
    return text;
  };
  const greedy = { do_sample: false, temperature: 1, top_k: 0, top_p: 1 };
  return {
    wasCut: () => wasCut,
    answer: (messages) => said(model, messages, generation),
    judge: {
      write: (messages, most) =>
        said(judge, messages, {
          ...{ until: [], copies: 1, sampling: greedy, seed: 0 },
          // A judge of a short memory keeps half of it for what it reads.
          maxTokens: Math.min(most, Math.floor(judge.maxLength / 2)),
        }),
      async likelihoods(messages, continuations) {
        const context = judge.chat(turnsOf(messages), task);
        const found: number[] = [];
        const asked = continuations.map((continuation) => ({ context, continuation, what: "the judge" }));
        for await (const { index, scored, tokens } of judge.likelihoods(asked)) {
          found[index] = scored[0];
          wasCut ||= judge.wasCut(tokens);
        }
        return found;
      },
    },
  };
}
