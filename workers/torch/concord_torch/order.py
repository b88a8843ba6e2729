"""Which rows a step sees: the same order as in the TypeScript engine (workers/engine/rows, random.ts).

Everything follows from the seed and the epoch, so a resumed run needs no state.
"""

from collections.abc import Sequence

MASK = 0xFFFFFFFF


def _rotate(value: int, by: int) -> int:
    return ((value << by) | (value >> (32 - by))) & MASK


class Random:
    """xoshiro128** 1.1 (Blackman and Vigna), seeded through splitmix32, as in random.ts."""

    def __init__(self, seed: int) -> None:
        state = seed & MASK
        words = []
        for _ in range(4):
            state = (state + 0x9E3779B9) & MASK
            z = state
            z = ((z ^ (z >> 16)) * 0x21F0AAAD) & MASK
            z = ((z ^ (z >> 15)) * 0x735A2D97) & MASK
            words.append(z ^ (z >> 15))
        self.words = words

    def bits(self) -> int:
        s0, s1, s2, s3 = self.words
        result = (_rotate((s1 * 5) & MASK, 7) * 9) & MASK
        a, b = s2 ^ s0, s3 ^ s1
        self.words = [s0 ^ b, s1 ^ a, a ^ ((s1 << 9) & MASK), _rotate(b, 11)]
        return result

    def integer(self, below: int) -> int:
        """Uniform in [0, below), without modulo bias."""
        limit = 0x100000000 - (0x100000000 % below)
        bits = self.bits()
        while bits >= limit:
            bits = self.bits()
        return bits % below

    def shuffle(self, items: list[int]) -> list[int]:
        """Fisher–Yates, in place."""
        for i in range(len(items) - 1, 0, -1):
            j = self.integer(i + 1)
            items[i], items[j] = items[j], items[i]
        return items


def seeded(seed: int, *labels: str | int) -> Random:
    """An independent stream for a name."""
    value = (0x811C9DC5 ^ (seed & MASK)) & MASK  # FNV-1a
    for character in "\0".join(str(label) for label in labels):
        value = ((value ^ ord(character)) * 0x01000193) & MASK
    return Random(value)


def order_of_epoch(rows: int, epoch: int, seed: int, shuffle: bool) -> list[int]:
    """Positions of all rows as epoch `epoch` visits them."""
    order = list(range(rows))
    return seeded(seed, "order", epoch).shuffle(order) if shuffle else order


MEGA_BATCHES = 50  # as transformers' LengthGroupedSampler


def grouped_by_length(order: Sequence[int], lengths: Sequence[int], batch: int) -> list[int]:
    """Sorts stretches of the random order by length, longest first: batches of like length, still random."""
    size = batch * min(max(len(order) // (batch * 4), 1), MEGA_BATCHES)
    stretches = [list(order[i : i + size]) for i in range(0, len(order), size)]
    for stretch in stretches:
        stretch.sort(key=lambda row: -lengths[row])
    return [row for stretch in stretches for row in stretch]


def rows_of_step(order: Sequence[int], step_in_epoch: int, batch: int, accumulation: int) -> list[int]:
    """The rows of an optimizer step, `step_in_epoch` from 0."""
    size = batch * accumulation
    return list(order[step_in_epoch * size : (step_in_epoch + 1) * size])
