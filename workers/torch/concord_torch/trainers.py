"""TRL's trainers as they are, but for where rows come from, their order, and what is known after each step."""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch.utils.data import Sampler
from transformers import PrinterCallback
from trl import DPOTrainer, GRPOTrainer, KTOTrainer, RewardTrainer, SFTTrainer
from trl.experimental.cpo import CPOTrainer
from trl.experimental.orpo import ORPOTrainer

from .arguments import precomputes, trainer_kind
from .counted import Counted
from .errors import RunError
from .order import grouped_by_length, order_of_epoch
from .reference import ReferenceCache
from .sharing import Shareable
from .spec import Spec
from .tokens import Rows
from .unpadded import VARLEN, bounds_of_positions, without_padding
from .weights import WEIGHT, Weighed, WithWeights


class EpochOrder(Sampler[int]):
    """The rows of an epoch in the order of the TypeScript engine. The trainer tells the epoch."""

    def __init__(self, spec: Spec, lengths: list[int]) -> None:
        self.spec, self.lengths, self.epoch = spec, lengths, 0

    def set_epoch(self, epoch: int) -> None:
        self.epoch = epoch

    def order(self, epoch: int) -> list[int]:
        spec = self.spec
        order = order_of_epoch(len(self.lengths), epoch, spec["seed"], spec["shuffle"])
        if spec["train_sampling_strategy"] != "group_by_length":
            return order
        batch = spec["per_device_train_batch_size"] * spec["gradient_accumulation_steps"]
        return grouped_by_length(order, self.lengths, batch)

    def __iter__(self) -> Iterator[int]:
        return iter(self.order(self.epoch))

    def __len__(self) -> int:
        return len(self.lengths)


class Checkpointed(Shareable):
    """Mixed into TRL's trainers: what a checkpoint holds and gives back."""

    def create_model_card(self, *_args: Any, **_kwargs: Any) -> None:
        """The result has a card of ours, a checkpoint needs none."""

    def _load_from_checkpoint(self, *args: Any, **kwargs: Any) -> None:
        """PEFT reads adapters as float32, where TRL trains those of a 4-bit model in bf16."""
        trained = {name: weight.dtype for name, weight in self.model.named_parameters() if weight.requires_grad}
        super()._load_from_checkpoint(*args, **kwargs)  # type: ignore[misc]
        for name, dtype in trained.items():
            weight = self.model.get_parameter(name)
            if weight.dtype != dtype:
                weight.data = weight.data.to(dtype)


class Prepared(Counted, Weighed, Checkpointed):
    """Mixed into TRL's trainers: rows come tokenised, in our order; a loss that is no number ends the run."""

    spec: Spec
    rows: Rows
    reference: ReferenceCache | None

    def _get_train_sampler(self, train_dataset: Any = None) -> Any:
        return EpochOrder(self.spec, self.rows.lengths)

    def training_step(self, *args: Any, **kwargs: Any) -> Any:
        loss = super().training_step(*args, **kwargs)  # type: ignore[misc]
        if not torch.isfinite(loss):
            raise RunError(self._diverged("loss"))
        return loss

    def _get_grad_norm(self, model: Any, grad_norm: Any = None) -> Any:
        norm = super()._get_grad_norm(model, grad_norm=grad_norm)  # type: ignore[misc]
        if norm is not None and not torch.isfinite(torch.as_tensor(norm)):
            raise RunError(self._diverged("gradient"))
        return norm

    def _diverged(self, what: str) -> str:
        step, lines = self.step_rows()
        rows = ", ".join(str(line) for line in lines)
        return (
            f"The {what} is not a finite number in step {step} (rows {rows} of {self.spec['train']}). The last "
            "checkpoint is kept: lower learning_rate or look at these rows, then continue with --resume."
        )

    def step_rows(self) -> tuple[int, list[int]]:
        """The step under way, from 1, and the lines of its rows."""
        state: Any = getattr(self, "state")  # noqa: B009
        args: Any = getattr(self, "args")  # noqa: B009
        size = args.per_device_train_batch_size * args.gradient_accumulation_steps * max(args.world_size, 1)
        count = len(self.rows.lengths)
        epoch, step = divmod(state.global_step, max(1, -(-count // size)))
        order = EpochOrder(self.spec, self.rows.lengths).order(epoch)
        return state.global_step + 1, [self.rows.lines[row] for row in order[step * size : (step + 1) * size]]


class Tokenised(Prepared):
    """For trainers that tokenise by themselves: they get what they would have made."""

    def _prepare_dataset(self, dataset: Any, *_args: Any, **_kwargs: Any) -> Any:
        return dataset


class Referenced(Tokenised):
    """For losses with a reference: its log-probabilities are kept between runs."""

    def _precompute_ref_logps(self, dataset: Any, name: str, batch_size: int) -> Any:
        compute: Callable[..., Any] = super()._precompute_ref_logps  # type: ignore[misc]

        def scored() -> Any:
            with self.dealt_out():
                return compute(dataset, name, batch_size)

        return scored() if self.reference is None else self.reference.columns(dataset, scored)


class Sft(Prepared, SFTTrainer):
    """Packed rows bring the bounds of their sequences for the attention that asks for them."""

    def count(self, inputs: Any, real: int | None) -> None:
        if self.accelerator.num_processes > 1:
            return  # Rows that fill up the last micro-batch cannot be told from the others in sums of tokens.
        tokens = int((inputs["labels"][..., 1:] != -100).sum())
        for name, value in self.measured().items():
            if name in ("mean_token_accuracy", "entropy"):
                self.add(name, value, tokens)

    def compute_loss(self, model: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        if self.model.config._attn_implementation == VARLEN and "position_ids" in inputs:
            inputs = {**inputs, **bounds_of_positions(inputs["position_ids"])}
        return super().compute_loss(model, inputs, *args, **kwargs)


class Reward(Tokenised, RewardTrainer):
    def compute_loss(self, model: Any, inputs: Any, return_outputs: bool = False, **more: Any) -> Any:
        loss, outputs = super().compute_loss(model, inputs, return_outputs=True, **more)
        if not self.model.training:
            chosen, rejected = self.together(torch.stack(outputs.logits.squeeze(-1).chunk(2), dim=1)).T
            for name, values in {
                "accuracy": (chosen > rejected).float(),
                "margin": chosen - rejected,
                "mean_reward": (chosen + rejected) / 2,
            }.items():
                self.add(name, values.mean().item(), len(values))
        return (loss, outputs) if return_outputs else loss


class Dpo(Referenced, DPOTrainer):
    """TRL's loss, over batches without padding where run.yaml asks for that."""

    def rows_in(self, inputs: Any) -> int | None:
        return len(inputs["input_ids"]) // 2

    def _compute_loss(self, model: Any, inputs: Any, return_outputs: bool) -> Any:
        if self.spec["padding_free"]:
            model = without_padding(model, inputs)
        return super()._compute_loss(model, inputs, return_outputs)

    def compute_ref_log_probs(self, model: Any, inputs: Any) -> Any:
        if self.spec["padding_free"]:
            model = without_padding(model, inputs)
        return super().compute_ref_log_probs(model, inputs)


class Kto(Referenced, KTOTrainer):
    def in_order_of_losses(self, weight: Any, inputs: Any) -> Any:
        good = torch.as_tensor(inputs["label"], dtype=torch.bool, device=weight.device)
        return torch.cat([weight[good], weight[~good]])

    def count(self, inputs: Any, real: int | None) -> None:
        if self.accelerator.num_processes > 1:
            return  # Rows that fill up the last micro-batch cannot be told from the others in TRL's sums.
        good = int(inputs["label"].sum())
        rows = {"chosen": good, "rejected": len(inputs["label"]) - good}
        for name, value in self.measured().items():
            side = name.partition("/")[2]
            if name.startswith(("rewards/", "logps/")) and rows.get(side):
                self.add(name, value, rows[side])


class Paired(Prepared):
    """CPO's and ORPO's trainers read concatenated ids with labels. They count no tokens, so it is done here."""

    _total_train_tokens = 0

    def rows_in(self, inputs: Any) -> int | None:
        return len(inputs["chosen_input_ids"])

    def tokenize_row(self, feature: dict[str, Any], model: Any = None) -> dict[str, Any]:
        prompt = feature["prompt_ids"]
        made: dict[str, Any] = {"prompt_input_ids": prompt, "prompt_attention_mask": [1] * len(prompt)}
        for side in ("chosen", "rejected"):
            ids = prompt + feature[f"{side}_ids"]
            made[f"{side}_input_ids"] = ids
            made[f"{side}_attention_mask"] = [1] * len(ids)
            made[f"{side}_labels"] = [-100] * len(prompt) + feature[f"{side}_ids"]
        return made

    def training_step(self, model: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        accelerator: Any = getattr(self, "accelerator")  # noqa: B009
        counted = sum(inputs[f"{side}_attention_mask"].sum() for side in ("chosen", "rejected"))
        self._total_train_tokens += int(accelerator.gather(counted.to(accelerator.device)).sum())
        return super().training_step(model, inputs, *args, **kwargs)

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        if "loss" in logs:
            logs["num_tokens"] = self._total_train_tokens
        super().log(logs, start_time)  # type: ignore[misc]


class Cpo(Paired, CPOTrainer):
    pass


class Orpo(Paired, ORPOTrainer):
    pass


class Grpo(Checkpointed, GRPOTrainer):
    """GRPO draws its own batches (a prompt several times over), so TRL's sampler stays."""

    def step_rows(self) -> tuple[int, list[int]]:
        return self.state.global_step + 1, []


TRAINERS: dict[str, Any] = {
    "sft": Sft,
    "reward": Reward,
    "dpo": Dpo,
    "kto": Kto,
    "cpo": Cpo,
    "orpo": Orpo,
    "grpo": Grpo,
}


def build_trainer(
    spec: Spec,
    args: Any,
    model: Any,
    tokenizer: Any,
    rows: Rows,
    held_out: Rows | None,
    more: dict[str, Any],
    say: Callable[[str], None],
) -> Any:
    """One of TRL's trainers over tokenised rows; `more` are arguments of its own."""
    kind = trainer_kind(spec)
    base = TRAINERS[kind]
    # What the trainer asks for while it is being built has to be there before.
    cache = ReferenceCache(spec, say) if precomputes(spec) else None
    made = type(base.__name__, (base,), {"spec": spec, "rows": rows, "reference": cache})
    trainer = made(
        model=model,
        args=args,
        train_dataset=rows.dataset,
        eval_dataset=None if held_out is None else held_out.dataset,
        processing_class=tokenizer,
        **more,
    )
    trainer.remove_callback(PrinterCallback)
    if WEIGHT in rows.dataset.column_names:
        trainer.data_collator = WithWeights(trainer.data_collator)
    return trainer
