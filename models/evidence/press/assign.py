"""Which of the marks of a sentence, its periods or its companies, belongs to which of its amounts."""

from collections.abc import Sequence
from typing import Protocol


class Placed(Protocol):
    """Something that stands somewhere in a sentence."""

    @property
    def start(self) -> int:
        """First place."""
        ...

    @property
    def end(self) -> int:
        """Place behind the last."""
        ...


def assigned[Mark: Placed](
    marks: Sequence[Mark], amounts: Sequence[Placed], cuts: Sequence[int] = ()
) -> list[Mark | None]:
    """Give each amount its mark.

    Parameters
    ----------
    marks, amounts : sequence
        Each in the order of the sentence.
    cuts : sequence of int
        Commas and the like: behind one, a mark belongs to no amount before it that has another.

    Returns
    -------
    list of mark or None
        For each amount: the only mark there is; of as many marks as amounts that all stand before or behind
        them, the one in its place (A, B and C at 1, 2 and 3); the one that alternates with it; else one that
        stands beside it, the nearer where there are two, else the last before it.
    """
    if not marks or not amounts:
        return [None] * len(amounts)
    if len(marks) == 1:
        return [marks[0]] * len(amounts)
    if amounts[-1].end <= marks[0].start:
        # 60 % and 20 % went to A and B.
        return list(marks) if len(marks) == len(amounts) else [None] * len(amounts)
    if len(marks) == len(amounts):
        all_before = marks[-1].end <= amounts[0].start
        each_before = all(m.end <= a.start for m, a in zip(marks, amounts, strict=True))
        each_behind = all(
            a.end <= m.start and not _is_cut(a.end, m.start, cuts)
            for m, a in zip(marks, amounts, strict=True)
        )
        alternate = (
            all(a.end <= m.start for a, m in zip(amounts[:-1], marks[1:], strict=True))
            if each_before
            else all(m.end <= a.start for m, a in zip(marks[:-1], amounts[1:], strict=True))
        )
        if all_before or (alternate and (each_before or each_behind)):
            return list(marks)
    return [_beside(marks, amounts, i, cuts) for i in range(len(amounts))]


def _is_cut(start: int, end: int, cuts: Sequence[int]) -> bool:
    return any(start <= cut < end for cut in cuts)


def _beside[Mark: Placed](
    marks: Sequence[Mark], amounts: Sequence[Placed], i: int, cuts: Sequence[int]
) -> Mark | None:
    amount = amounts[i]
    start = amounts[i - 1].end if i else 0
    end = amounts[i + 1].start if i + 1 < len(amounts) else float("inf")
    before = [m for m in marks if start <= m.start and m.end <= amount.start]
    behind = [m for m in marks if amount.end <= m.start and m.end <= end]
    if any(m.end <= amount.start for m in marks):
        behind = [m for m in behind if not _is_cut(amount.end, m.start, cuts)]
    if before and behind:
        is_before = amount.start - before[-1].end < behind[0].start - amount.end
        return before[-1] if is_before else behind[0]
    if before or behind:
        return (before[-1:] or behind[:1])[0]
    earlier = [m for m in marks if m.end <= amount.start]
    return earlier[-1] if earlier else None
