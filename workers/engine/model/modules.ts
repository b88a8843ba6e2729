/** What a model consists of, from its family's description: its weights and its linear layers. */
import type { ModelConfig } from "./config";
import { familyOf } from "./families";
import type { Parameter } from "./parameters";

/** A linear layer as PEFT sees it. */
export interface LinearModule {
  /** The parameter's name without `.weight`. */
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  /** Stored inputs × outputs (gpt2's Conv1D) instead of outputs × inputs. */
  readonly transposed: boolean;
}

/**
 * Every weight of a model: the one list that loading checks, `new-model` initialises, saving writes and
 * adapters are matched against. A tied head is the embedding and has no entry of its own.
 */
export function modelParameters(config: ModelConfig): Parameter[] {
  return [...familyOf(config).parameters(config), ...headParameters(config)];
}

/** The layers that LoRA can wrap, which are `all-linear`: every linear layer except the head. */
export function linearModules(config: ModelConfig): LinearModule[] {
  const { transposed } = familyOf(config);
  return modelParameters(config)
    .filter(({ role }) => role === "linear")
    .map(({ name, shape: [rows, columns] }) => ({
      name: name.slice(0, -".weight".length),
      inputs: transposed ? rows : columns,
      outputs: transposed ? columns : rows,
      transposed,
    }));
}

function headParameters({ head, tie_word_embeddings, vocab_size, hidden_size }: ModelConfig): Parameter[] {
  if (head === "score") return [{ name: "score.weight", shape: [1, hidden_size], role: "score" }];
  return tie_word_embeddings
    ? []
    : [{ name: "lm_head.weight", shape: [vocab_size, hidden_size], role: "head" }];
}
