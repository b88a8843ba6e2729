import type { Family } from "../network";
import { llama } from "./llama";

/** Mistral (arXiv 2310.06825): Llama whose layers look back `sliding_window` tokens, as its layer types say. */
export const mistral: Family = llama;
