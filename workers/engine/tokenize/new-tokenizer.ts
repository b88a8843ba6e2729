import { join } from "node:path";
import { makeFolder, writeText } from "../file/files";
import { writeJson } from "../model/directory";
import type { BpeModel } from "./bpe";
import { plainBpe } from "./tokenizer-class";

/** Special tokens of a model made from nothing: ChatML's turns, and padding that is not the end of a turn. */
export const newTokens = { pad: "<|endoftext|>", start: "<|im_start|>", end: "<|im_end|>" } as const;
export const newSpecialTokens = [newTokens.pad, newTokens.start, newTokens.end];

/** ChatML; the tagged part is what `assistant_only_loss` trains on: the answer and its end token. */
const chatTemplate = `{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' }}{% if message['role'] == 'assistant' %}{% generation %}{{ message['content'] + '<|im_end|>' }}{% endgeneration %}{% else %}{{ message['content'] + '<|im_end|>' }}{% endif %}{{ '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}`;

/** Writes the files from which transformers and we load a byte-level BPE tokenizer. */
export function saveTokenizer(directory: string, { vocabulary, merges }: BpeModel, maxLength: number): void {
  makeFolder(directory);
  const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true };
  const tokenizer = {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: newSpecialTokens.map((content) => ({
      id: vocabulary.indexOf(content),
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
    model: {
      type: "BPE",
      ...plainBpe,
      vocab: Object.fromEntries(vocabulary.map((token, id) => [token, id])),
      merges,
    },
  };
  writeText(join(directory, "tokenizer.json"), JSON.stringify(tokenizer));
  writeText(join(directory, "chat_template.jinja"), chatTemplate);
  writeJson(join(directory, "tokenizer_config.json"), {
    tokenizer_class: "PreTrainedTokenizerFast",
    bos_token: null,
    eos_token: newTokens.end,
    pad_token: newTokens.pad,
    unk_token: null,
    model_max_length: maxLength,
    clean_up_tokenization_spaces: false,
    add_bos_token: false,
  });
}
