import type { Family } from "../network";
import { llama } from "./llama";

/** Qwen 2 and 2.5 (arXiv 2407.10671): Llama with biases on queries, keys and values, which are in its weights. */
export const qwen2: Family = llama;
