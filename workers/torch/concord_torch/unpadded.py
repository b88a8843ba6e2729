"""Batches without padding: all sequences of a batch in one row, attention within each.

TRL's DPO trainer has no padding-free path since its refactoring. What is computed stays TRL's own: its fused head
scores the tokens, and its loss finds them where they stand in the padded batch.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface, AttentionMaskInterface

VARLEN = "concord_varlen"

Tensors = dict[str, Any]


def varlen_attention(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    sliding_window: int | None = None,
    **kwargs: Any,
) -> tuple[torch.Tensor, None]:
    """Causal attention within each of the sequences that `cu_seq_lens_q` bounds; on CUDA by torch's own kernel."""
    bounds = kwargs.get("cu_seq_lens_q")
    if bounds is None:  # a padded batch, as in generation
        from transformers.integrations.sdpa_attention import sdpa_attention_forward

        return sdpa_attention_forward(module, query, key, value, attention_mask, scaling=scaling, **kwargs)  # type: ignore[no-any-return]
    q, k, v = (tensor[0].transpose(0, 1) for tensor in (query, key, value))
    grouped = q.shape[1] != k.shape[1]
    if not query.is_cuda:
        return _by_sequence(q, k, v, bounds, scaling, sliding_window)[None], None
    from torch.nn.attention.varlen import varlen_attn

    longest = int(kwargs["max_length_q"])
    half = torch.bfloat16 if q.dtype == torch.float32 else q.dtype
    window = (-1 if sliding_window is None else sliding_window - 1, 0)
    out = varlen_attn(
        *(tensor.to(half).contiguous() for tensor in (q, k, v)),
        bounds,
        bounds,
        longest,
        longest,
        scale=scaling,
        window_size=window,
        enable_gqa=grouped,
    )
    return out.to(q.dtype)[None], None


def _by_sequence(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, bounds: torch.Tensor, scale: float | None, window: int | None
) -> torch.Tensor:
    """The same on the CPU, one sequence after the other."""
    ends = bounds.tolist()
    found = []
    for start, end in pairwise(ends):
        one, two, three = (tensor[start:end].transpose(0, 1)[None] for tensor in (q, k, v))
        mask = None
        if window is not None and end - start > window:
            place = torch.arange(end - start)
            back = place[:, None] - place[None, :]
            mask = (back >= 0) & (back < window)
        found.append(
            scaled_dot_product_attention(
                one,
                two,
                three,
                attn_mask=mask,
                is_causal=mask is None,
                scale=scale,
                enable_gqa=one.shape[1] != two.shape[1],
            )[0].transpose(0, 1)
        )
    return torch.cat(found)


def register() -> None:
    """Makes `attn_implementation` concord_varlen known to transformers; padded batches go the way of sdpa."""
    from transformers.masking_utils import sdpa_mask

    def mask(*args: Any, **kwargs: Any) -> Any:
        # Packed sequences need none: their bounds go to the attention itself.
        return sdpa_mask(*args, **kwargs) if kwargs.get("attention_mask") is not None else None

    AttentionInterface.register(VARLEN, varlen_attention)
    AttentionMaskInterface.register(VARLEN, mask)


def bounds_of(lengths: torch.Tensor) -> Tensors:
    """What transformers hands down to the attention of packed sequences."""
    bounds = torch.nn.functional.pad(lengths.cumsum(0), (1, 0)).to(torch.int32)
    longest = int(lengths.max())
    return {"cu_seq_lens_q": bounds, "cu_seq_lens_k": bounds, "max_length_q": longest, "max_length_k": longest}


def bounds_of_positions(position_ids: torch.Tensor) -> Tensors:
    """The same for a row of packed sequences whose positions restart at 0."""
    starts = (position_ids[0] == 0).nonzero()[:, 0]
    ends = torch.cat([starts[1:], starts.new_tensor([position_ids.shape[1]])])
    return bounds_of(ends - starts)


def without_padding(model: Callable[..., Any], inputs: Tensors) -> Callable[..., Any]:
    """What takes the model's place for a padded batch: it computes the batch's sequences in one row, and what it says
    of every token stands where TRL's loss looks for it in the padded batch."""
    ids, kept = inputs["input_ids"], inputs["attention_mask"].bool()
    positions = (inputs["attention_mask"].cumsum(1) - 1)[kept]
    flat: Tensors = {
        "input_ids": ids[kept][None],
        "position_ids": positions[None],
        "use_cache": False,
        **bounds_of(kept.sum(1)),
    }
    starts = positions == 0
    said = kept[:, 1:]  # padding is on the right: every token but a sequence's first has one before it

    def forward(*, labels: torch.Tensor, **options: Any) -> Any:
        known = labels[kept].masked_fill(starts, -100)  # no sequence predicts the next one's first token
        outputs = model(**flat, labels=known[None], fused_lm_head=options["fused_lm_head"])
        for name, value in outputs.items():
            if isinstance(value, torch.Tensor) and value.ndim == 2:
                inner = value[0][~starts[1:]]
                outputs[name] = value.new_zeros(said.shape).masked_scatter(said, inner)
        return outputs

    return forward
