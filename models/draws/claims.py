"""A claim in words, as `hbm_revenue_usd 2027 > 100e9`, and the share of joint draws in which it holds.

A claim compares sums, products and ratios of quantities in periods and of numbers, and joins comparisons by
`and` and `or`. A quantity stands before its period; a division has blanks around it, since the names of
series of systems have strokes in them. After a number stand `bn`, `m`, `k` or `%` if need be.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

SCALES = {"": 1.0, "bn": 1e9, "m": 1e6, "k": 1e3, "%": 0.01}
_TOKENS = re.compile(
    r"\s*(?:(?P<period>\d{4}(?:Q[1-4])?(?![\d.eEQq%a-z]))|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?P<scale>bn|m|k|%)?(?![\w.])"
    r"|(?P<name>[a-zA-Z]\w*(?:/[\w.]+)*)|(?P<sign>>=|<=|>|<|[-+*/()]))",
    re.ASCII,
)
_COMPARISONS: Mapping[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    ">": np.greater,
    ">=": np.greater_equal,
    "<": np.less,
    "<=": np.less_equal,
}
_ARITHMETIC: Mapping[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
}
EXAMPLE = "hbm_revenue_usd 2027 > 100e9"


class ClaimError(ValueError):
    """A text is no claim; the message says where and what was expected."""


class Operand(NamedTuple):
    """A quantity in a period."""

    quantity: str
    period: str


Values = Mapping[Operand, np.ndarray]
Expression = Callable[[Values], np.ndarray]


@dataclass(frozen=True)
class Claim:
    """A claim that has been read.

    Attributes
    ----------
    text : str
    operands : tuple of Operand
        What it is about, each once, in the order in which it stands.
    holds : callable
        Values of the operands, (draw,) each, to whether it holds in each draw.
    threshold : tuple of (Operand, str, float), or None
        Of a claim that compares one quantity with a number, the comparison.
    """

    text: str
    operands: tuple[Operand, ...]
    holds: Expression
    threshold: tuple[Operand, str, float] | None


class Probability(NamedTuple):
    """Share of draws in which a claim holds, its Monte Carlo standard error, and the draws counted."""

    probability: float
    mcse: float
    n_draws: int


def parse_claim(text: str) -> Claim:
    """Read a claim.

    Raises
    ------
    ClaimError
        Where it is none.
    """
    reader = _Reader(text)
    holds = reader.alternatives()
    reader.expect_end()
    return Claim(text.strip(), tuple(dict.fromkeys(reader.operands)), holds, reader.threshold())


def probability_of(claim: Claim, values: Values) -> Probability:
    """Share of the draws in which a claim holds.

    Parameters
    ----------
    claim : Claim
    values : mapping of Operand to ndarray (draw,)
        Of all operands, draw by draw.
    """
    holds = claim.holds({operand: np.asarray(values[operand], float) for operand in claim.operands})
    n, share = len(holds), float(np.mean(holds))
    return Probability(share, float(np.sqrt(share * (1 - share) / n)), n)


def says_so(claim: Claim, published: float) -> bool | None:
    """Say whether a published value of a claim's one quantity agrees; None where the claim has no one."""
    if claim.threshold is None:
        return None
    _, sign, number = claim.threshold
    return bool(_COMPARISONS[sign](np.array(published), np.array(number)))


class _Reader:
    """Reads a claim from left to right; `operands` are those met so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.at = 0
        self.operands: list[Operand] = []
        self.sides: list[tuple[object, str, object]] = []

    def alternatives(self) -> Expression:
        return self._joined("or", np.logical_or, self.conjunction)

    def conjunction(self) -> Expression:
        return self._joined("and", np.logical_and, self.comparison)

    def comparison(self) -> Expression:
        start = self.at
        left = self.sum()
        sign = self._next("sign", *_COMPARISONS)
        middle = self.at
        right = self.sum()
        self.sides.append((self.tokens[start : middle - 1], sign, self.tokens[middle : self.at]))
        compare = _COMPARISONS[sign]
        return lambda values: compare(left(values), right(values))

    def sum(self) -> Expression:
        return self._arithmetic(("+", "-"), self.product)

    def product(self) -> Expression:
        return self._arithmetic(("*", "/"), self.atom)

    def atom(self) -> Expression:
        kind, word = self._peek()
        if kind == "sign" and word == "-":
            self.at += 1
            inner = self.atom()
            return lambda values: -inner(values)
        if kind == "sign" and word == "(":
            self.at += 1
            inner = self.sum()
            self._next("sign", ")")
            return inner
        if kind in ("number", "period"):
            self.at += 1
            number = np.array(float(word))
            return lambda values: number
        if kind == "name" and word not in ("and", "or"):
            self.at += 1
            operand = Operand(word, self._next("period"))
            self.operands.append(operand)
            return lambda values: values[operand]
        raise self._wrong("a quantity and its period, or a number")

    def expect_end(self) -> None:
        if self.at < len(self.tokens):
            raise self._wrong("and, or, or the end")
        if not self.operands:
            raise ClaimError(f"{self.text!r} names no quantity; write it as {EXAMPLE}")

    def threshold(self) -> tuple[Operand, str, float] | None:
        """Of one comparison of one quantity with a number, on whichever side it stands."""
        if len(self.sides) != 1 or len(self.operands) != 1:
            return None
        left, sign, right = self.sides[0]
        if _is_operand(right):
            turned = {">": "<", "<": ">", ">=": "<=", "<=": ">="}
            left, sign, right = right, turned[sign], left
        number = _number(right)
        return (self.operands[0], sign, number) if _is_operand(left) and number is not None else None

    def _joined(
        self, word: str, join: Callable[..., np.ndarray], part: Callable[[], Expression]
    ) -> Expression:
        found = [part()]
        while self._peek() == ("name", word):
            self.at += 1
            found.append(part())
        return lambda values: join.reduce([one(values) for one in found])  # type: ignore[attr-defined]

    def _arithmetic(self, signs: Sequence[str], part: Callable[[], Expression]) -> Expression:
        found = part()
        while self._peek()[0] == "sign" and self._peek()[1] in signs:
            apply, left = _ARITHMETIC[self._peek()[1]], found
            self.at += 1
            found = _applied(apply, left, part())
        return found

    def _peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def _next(self, kind: str, *words: str) -> str:
        found, word = self._peek()
        if found != kind or (words and word not in words):
            expected = " or ".join(words) if words else f"a {kind}, as 2027 or 2027Q4"
            raise self._wrong(expected)
        self.at += 1
        return word

    def _wrong(self, expected: str) -> ClaimError:
        kind, word = self._peek()
        found = f"{word!r} stands" if kind != "end" else "it ends"
        return ClaimError(f"{self.text!r} is no claim: {found} where {expected} is expected; as {EXAMPLE}")


def _applied(apply: Callable[..., np.ndarray], left: Expression, right: Expression) -> Expression:
    return lambda values: apply(left(values), right(values))


def _is_operand(tokens: object) -> bool:
    return isinstance(tokens, list) and [kind for kind, _ in tokens] == ["name", "period"]


def _number(tokens: object) -> float | None:
    if isinstance(tokens, list) and [kind for kind, _ in tokens] in (["number"], ["period"]):
        return float(tokens[0][1])
    return None


def _tokens(text: str) -> list[tuple[str, str]]:
    """Words of a claim, each with its kind; a number is written out in full."""
    found, at = [], 0
    whole = text.rstrip()
    while at < len(whole):
        match = _TOKENS.match(whole, at)
        if match is None:
            raise ClaimError(
                f"{text!r} is no claim: {whole[at:].strip()[:20]!r} is not understood; as {EXAMPLE}"
            )
        at = match.end()
        kind = match.lastgroup if match.lastgroup != "scale" else "number"
        word = match[str(kind)]
        if kind == "number":
            word = repr(float(word) * SCALES[match["scale"] or ""])
        found.append((str(kind), word))
    return found
