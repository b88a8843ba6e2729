"""One run from its spec to its result, in this process or in every process of a group."""

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import torch
from transformers import TrainerCallback

from . import checkpoints
from .arguments import arguments, uses_gpu
from .card import model_card
from .checkpoints import Progress
from .errors import OutOfMemory, RunError
from .events import events_file, rewind_events, write_event
from .memory import fit
from .model import open_model, open_tokenizer
from .reporter import Reporter, StepStatus
from .result import save_result
from .rewards import reward_arguments
from .sharing import join_group
from .spec import SHARING, Spec, read_spec
from .telemetry import Telemetry
from .tokens import Rows, load_rows, summary
from .trainers import build_trainer

End = Literal["done", "stopped"]


def _nothing(_: object) -> None:
    return None


def run(
    spec_path: str | Path,
    *,
    resume: bool = False,
    finish: bool = False,
    callbacks: Sequence[TrainerCallback] = (),
    should_stop: Callable[[], bool] = lambda: False,
    on_step: Callable[[StepStatus], None] = _nothing,
    on_message: Callable[[str], None] = _nothing,
    changes: dict[str, Any] | None = None,
) -> End:
    """Trains as the run.yaml at `spec_path` says and writes events, checkpoints and the result under its `output`.

    This is the whole engine without its command line: call it in every process of a group that accelerate,
    torchrun or Ray Train has set up (RANK, LOCAL_RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT), or in one process
    alone. All processes read the same files; the first one writes.

    `resume` continues from the newest checkpoint, or starts where there is none; with `finish` no step is taken and
    the newest checkpoint becomes the result. `callbacks` are transformers' and come after the engine's own.
    `should_stop` is asked after every step: true on any process saves a checkpoint and ends the run. `changes` are
    options that take the place of those in the file, as after an out-of-memory.

    Returns "done" when all steps were taken, "stopped" when it was stopped before. Raises RunError with one
    sentence for what the user gave or the machine lacks, and OutOfMemory where a step did not fit.
    """
    spec = read_spec(Path(spec_path)).replaced(**(changes or {}))
    job = _Job(spec, resume, finish, callbacks, should_stop, on_step, on_message)
    try:
        return job.execute()
    except torch.OutOfMemoryError as error:
        raise job.failed(out_of_memory(spec)) from error
    except RunError as error:
        raise job.failed(error) from error


def out_of_memory(spec: Spec) -> OutOfMemory:
    """The sentence, and the settings that halve the micro-batch while the step stays the same."""
    batch, accumulation = spec["per_device_train_batch_size"], spec["gradient_accumulation_steps"]
    head = f"A step of {batch} {'row' if batch == 1 else 'rows'} does not fit into the memory of the device:"
    if batch > 1:
        factor = 2 if batch % 2 == 0 else batch
        settings = {
            "per_device_train_batch_size": batch // factor,
            "gradient_accumulation_steps": accumulation * factor,
        }
        lower = " and ".join(f"{key} to {value}" for key, value in settings.items())
        return OutOfMemory(f"{head} set {lower}, which takes the same steps.", settings)
    if not spec["gradient_checkpointing"]:
        return OutOfMemory(
            f"{head} set gradient_checkpointing to true, or max_length below {spec.get('max_length')}.", None
        )
    length = spec.get("max_length") or 2048
    return OutOfMemory(f"{head} set max_length to {length // 2}, or train an adapter (peft) with load_in_4bit.", None)


class _Job:
    def __init__(
        self,
        spec: Spec,
        resume: bool,
        finish: bool,
        callbacks: Sequence[TrainerCallback],
        should_stop: Callable[[], bool],
        on_step: Callable[[StepStatus], None],
        on_message: Callable[[str], None],
    ) -> None:
        self.spec, self.resume, self.finish = spec, resume, finish
        self.callbacks, self.should_stop = callbacks, should_stop
        self.on_step, self.on_message = on_step, on_message
        self.is_first = True
        self.began = False

    def execute(self) -> End:
        spec = self.spec
        join_group(spec)
        tokenizer = open_tokenizer(spec)
        rows = load_rows(Path(spec["train"]), spec, tokenizer, training=True)
        evaluated = spec["eval"]
        held_out = None if evaluated is None else load_rows(Path(evaluated), spec, tokenizer, training=False)
        model = open_model(spec, tokenizer)
        self._refuse_unknown_tokens(model, tokenizer, rows, held_out)
        fitted = fit(spec, model, rows, on_gpu=uses_gpu())
        more = reward_arguments(spec)
        args = arguments(spec, gradient_checkpointing=fitted.gradient_checkpointing)
        self.is_first = args.process_index == 0

        found = checkpoints.steps(spec.output) if self.resume else []
        directory = checkpoints.directory_of(spec.output, found[-1]) if found else None
        progress = (
            checkpoints.read_progress(directory)
            if directory
            else Progress(rows=len(rows.lengths), rowsHash=rows.digest())
        )
        self._refuse_other_rows(progress, rows)
        if self.is_first:
            self._begin_output(progress if directory else None, rows, held_out)
        if args.world_size > 1:
            torch.distributed.barrier()
        self.began = True
        if self.resume:
            self.say(
                f"Resumed after step {progress.step}."
                if directory
                else "There is no checkpoint yet: starting at step 1."
            )
        for warning in self._warnings(rows, held_out):
            self.say(warning, "warning")
        self.say(fitted.message)

        reporter = Reporter(
            spec,
            progress,
            should_stop=self.should_stop,
            on_step=self.on_step,
            telemetry=Telemetry(),
            held_out=held_out,
        )
        trainer = build_trainer(
            spec, args, model, tokenizer, rows, held_out, {**more, "callbacks": [reporter, *self.callbacks]}, self.say
        )
        reporter.trainer = trainer
        return self._train(trainer, reporter, directory, rows, held_out)

    def _train(
        self, trainer: Any, reporter: Reporter, directory: Path | None, rows: Rows, held_out: Rows | None
    ) -> End:
        spec, progress = self.spec, reporter.progress
        if self.finish:
            if directory is None:
                raise RunError(f"{spec.output} has no checkpoint to finish: start the run first.")
            self._evaluate_stopped(trainer, directory, progress)
        else:
            if spec["eval_on_start"] and progress.step == 0:
                trainer.evaluate()
            trainer.train(resume_from_checkpoint=None if directory is None else str(directory))
        if reporter.stopped:
            self.say(f"Stopped after step {progress.step}; continue with --resume.")
            return "stopped"
        saved = checkpoints.steps(spec.output)
        best = None if progress.best is None else int(progress.best["step"])
        step = best if spec["load_best_model_at_end"] and best in saved else saved[-1]
        if self.is_first:
            counts = {"train": rows.examples, "eval": None if held_out is None else held_out.examples}
            save_result(spec, checkpoints.directory_of(spec.output, step), model_card(spec, counts, step))
        reporter.done(step)
        return "done"

    def _evaluate_stopped(self, trainer: Any, directory: Path, progress: Progress) -> None:
        """Where the run stopped between two evaluations. Weights that are shared out only the training itself reads."""
        spec, every = self.spec, self.spec["eval_steps"]
        if spec["eval"] is None or spec["distributed"] in SHARING or (every and progress.step % every == 0):
            return
        trainer._load_from_checkpoint(str(directory))
        trainer.state.global_step = progress.step
        trainer.evaluate()

    def say(self, message: str, level: str = "info") -> None:
        if self.is_first:
            write_event(self.spec.output, {"type": "log", "level": level, "message": message})
            self.on_message(message)

    def failed(self, error: RunError) -> RunError:
        """Tells the error to whoever follows the run, unless the run had not begun: then nothing is written."""
        if self.began and self.is_first:
            write_event(self.spec.output, {"type": "log", "level": "error", "message": str(error)})
        return error

    def _refuse_other_rows(self, progress: Progress, rows: Rows) -> None:
        if progress.rows != len(rows.lengths):
            raise RunError(
                f"{self.spec.output} was trained on {progress.rows} rows and {self.spec['train']} now gives "
                f"{len(rows.lengths)}: a run resumes only on the rows it began with."
            )
        if progress.rowsHash and progress.rowsHash != rows.digest():
            raise RunError(
                f"{self.spec['train']} gives other rows than {self.spec.output} was trained on, as many as they are: a "
                "run resumes only on the rows it began with."
            )

    def _refuse_unknown_tokens(self, model: Any, tokenizer: Any, rows: Rows, held_out: Rows | None) -> None:
        """A tokenizer that is larger than the model's embedding, in a row that shows it."""
        size = model.get_input_embeddings().num_embeddings
        for file, read in [(self.spec["train"], rows), *([] if held_out is None else [(self.spec["eval"], held_out)])]:
            found = read.beyond(size)
            if found is not None:
                number, token = found
                text = json.dumps(tokenizer.convert_ids_to_tokens(token), ensure_ascii=False)
                raise RunError(
                    f"{file}, row {number}: the token {text} has the id {token}, as the tokenizer has {len(tokenizer)} "
                    f"tokens and the model's embedding {size}: use the model's own tokenizer, or a model whose "
                    "embedding was resized to it."
                )

    def _begin_output(self, resumed: Progress | None, rows: Rows, held_out: Rows | None) -> None:
        """A resumed run goes on where its checkpoint lies; a new one takes the place of an older."""
        output = self.spec.output
        output.mkdir(parents=True, exist_ok=True)
        checkpoints.clear_partial(output)
        shutil.rmtree(output / "output.partial", ignore_errors=True)
        if resumed is not None:
            rewind_events(output, resumed.step)
            return
        events_file(output).unlink(missing_ok=True)
        for old in (output / "checkpoints", output / "output"):
            shutil.rmtree(old, ignore_errors=True)
        files = [(self.spec["train"], rows)] + ([] if held_out is None else [(self.spec["eval"], held_out)])
        lines = [
            json.dumps({"file": file, "row": row, "reason": reason}, ensure_ascii=False) + "\n"
            for file, read in files
            for row, reason in read.dropped
        ]
        (output / "dropped.jsonl").write_text("".join(lines), encoding="utf8")

    def _warnings(self, rows: Rows, held_out: Rows | None) -> list[str]:
        """What of the files the run leaves aside, a sentence each."""
        spec = self.spec
        said = []
        if spec["distributed"] == "deepspeed_zero3" and spec["bf16"]:
            said.append(
                "ZeRO-3 hands out the weights it trains in bf16: checkpoints resume in full, the result is bf16."
            )
        for file, read in [(spec["train"], rows), *([] if held_out is None else [(spec["eval"], held_out)])]:
            if read.dropped:
                said.append(f"{file}: dropped {summary(read.dropped)}; see {spec.output / 'dropped.jsonl'}.")
        for file, read in [(spec["train"], rows), *([] if held_out is None else [(spec["eval"], held_out)])]:
            if read.parted:
                first, count = read.parted[0], len(read.parted)
                which = f"row {first}" if count == 1 else f"{count} rows, the first of them {first},"
                said.append(
                    f"{file}: in {which} the tokens of the prompt do not begin those of prompt and answer, because the "
                    "chat template writes a prompt alone differently or because tokens merge where the two meet. As in "
                    "TRL the answer begins where they part, so it is learnt after a beginning that differs from what "
                    "the model is given to answer."
                )
            if read.spelling:
                first, count = read.spelling[0], len(read.spelling)
                which = f"row {first} spells" if count == 1 else f"{count} rows, the first of them {first}, spell"
                said.append(
                    f"{file}: {which} a special token in their text; it is read as that token, as by transformers."
                )
        return said
