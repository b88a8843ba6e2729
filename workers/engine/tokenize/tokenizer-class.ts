import { families } from "../model/families";
import type { TokenizerClass } from "../model/family";

/**
 * transformers 5 does not always run tokenizer.json as it is written: these classes take its vocabulary, merges,
 * added tokens and post-processor and put a pipeline of their own around them (SmolLM 2's digit splitting is lost
 * so, Llama 2's leading ▁ moves). TRL trains on what they give, so the engine does too.
 */
export interface ReferenceClass {
  normalizer: object | null;
  pre_tokenizer(settings: PipelineSettings): object;
  model: object;
  /** Special tokens that the class assumes where tokenizer_config.json names none. */
  named: Readonly<Record<string, string>>;
}

/** The keys of tokenizer_config.json that shape a pipeline. */
interface PipelineSettings {
  add_prefix_space?: boolean | null | undefined;
  legacy?: boolean | null | undefined;
}

/** What BPE may do besides merging, all of it off. */
export const plainBpe = {
  dropout: null,
  unk_token: null,
  continuing_subword_prefix: null,
  end_of_word_suffix: null,
  fuse_unk: false,
  byte_fallback: false,
  ignore_merges: false,
};

const qwen2Pattern =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

const byteLevel = (add_prefix_space: boolean, use_regex: boolean) => ({
  type: "ByteLevel",
  add_prefix_space,
  trim_offsets: true,
  use_regex,
});

const endOfText = "<|endoftext|>";

const classes: Readonly<Record<string, ReferenceClass>> = {
  LlamaTokenizer: {
    normalizer: null,
    pre_tokenizer: ({ add_prefix_space, legacy }) => ({
      type: "Metaspace",
      replacement: "▁",
      prepend_scheme: add_prefix_space === false ? "never" : legacy === true ? "always" : "first",
      split: false,
    }),
    model: { ...plainBpe, fuse_unk: true, byte_fallback: true },
    named: { unk_token: "<unk>", bos_token: "<s>", eos_token: "</s>" },
  },
  GemmaTokenizer: {
    normalizer: { type: "Replace", pattern: { String: " " }, content: "▁" },
    pre_tokenizer: () => ({
      type: "Split",
      pattern: { String: " " },
      behavior: "MergedWithPrevious",
      invert: false,
    }),
    model: { ...plainBpe, unk_token: "<unk>", fuse_unk: true, byte_fallback: true },
    named: { unk_token: "<unk>", bos_token: "<bos>", eos_token: "<eos>", pad_token: "<pad>" },
  },
  GPT2Tokenizer: {
    normalizer: null,
    pre_tokenizer: ({ add_prefix_space }) => byteLevel(add_prefix_space === true, true),
    model: plainBpe,
    named: { unk_token: endOfText, bos_token: endOfText, eos_token: endOfText },
  },
  Qwen2Tokenizer: {
    normalizer: { type: "NFC" },
    pre_tokenizer: ({ add_prefix_space }) => ({
      type: "Sequence",
      pretokenizers: [
        { type: "Split", pattern: { Regex: qwen2Pattern }, behavior: "Isolated", invert: false },
        byteLevel(add_prefix_space === true, false),
      ],
    }),
    model: plainBpe,
    named: { unk_token: endOfText, eos_token: endOfText, pad_token: endOfText },
  },
};

/** What is registered for models that the engine does not train and whose tokenizers it reads. */
const others: Readonly<Record<string, TokenizerClass>> = {
  gemma: { registered: "GemmaTokenizer", writtenCounts: true },
  gemma3: { registered: "GemmaTokenizer", writtenCounts: true },
  mistral3: { registered: "file", writtenCounts: false },
};
const unregistered: TokenizerClass = { registered: null, writtenCounts: true };

/** The class that transformers has registered for an architecture. */
function registeredFor(modelType: string | null): TokenizerClass {
  const family = families.find(({ name }) => name === modelType);
  return family?.tokenizer ?? others[modelType ?? ""] ?? unregistered;
}

/**
 * The class that AutoTokenizer loads a directory with, or null where tokenizer.json is run as it is written.
 * @param isByteLevel whether tokenizer.json splits or joins bytes
 */
export function referenceClass(
  tokenizerClass: string | null,
  modelType: string | null,
  isByteLevel: boolean,
): ReferenceClass | null {
  const { registered, writtenCounts } = registeredFor(modelType);
  const written = tokenizerClass?.replace(/Fast$/, "");
  // Llama 3 and its like are published under Llama 2's class (transformers 5.23 and later see that).
  if (writtenCounts && written === "LlamaTokenizer" && isByteLevel) return null;
  const name = writtenCounts ? (written ?? registered) : registered;
  return (name === null || name === undefined ? undefined : classes[name]) ?? null;
}
