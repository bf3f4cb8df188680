"""The few array operations that NumPy and PyTensor want written differently.

Everything else in the chain is one line for both. What differs here is only what is quick: PyTensor fuses a
product with its sum and compiles them in a second where a matrix product takes ten, and takes an array apart
in one operation where single rows cost one each, forwards and backwards; NumPy would hold every term of such
a product.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from pytensor.tensor import TensorVariable

type Array = np.ndarray | TensorVariable
"""What a line of the chain takes and gives: numbers, or an expression that is compiled."""
type Arrays = Mapping[str, Array]
"""Blocks of parameters, inputs or data by name."""


class ArrayNamespace(Protocol):
    """The functions that the chain and the likelihood ask of ``numpy`` and of ``pytensor.tensor``."""

    @property
    def exp(self) -> Callable[[Array], Array]:
        """Exponential."""

    @property
    def log(self) -> Callable[[Array], Array]:
        """Natural logarithm."""

    @property
    def log1p(self) -> Callable[[Array], Array]:
        """Natural logarithm of one and a number."""

    @property
    def sqrt(self) -> Callable[[Array], Array]:
        """Square root."""

    @property
    def minimum(self) -> Callable[[Array, Array | float], Array]:
        """Smaller of two, element by element."""

    @property
    def maximum(self) -> Callable[[Array, Array | float], Array]:
        """Larger of two, element by element."""

    @property
    def concatenate(self) -> Callable[..., Array]:
        """Arrays one after the other along an axis."""

    @property
    def split(self) -> Callable[..., Sequence[Array]]:
        """Pieces of an array along an axis."""


def matmul(xp: ArrayNamespace, a: Array, b: Array) -> Array:
    """Matrix product ``a @ b`` of (..., i, j) and (j, k), to (..., i, k)."""
    return a @ b if xp is np else (a[..., :, :, None] * b).sum(axis=-2)


def matmul_transposed(xp: ArrayNamespace, a: Array, b: Array) -> Array:
    """Matrix product ``a @ b.T`` of (..., i, j) and (k, j), to (..., i, k); both run along their rows."""
    return a @ b.T if xp is np else (a[..., :, None, :] * b).sum(axis=-1)


def matmul_from_left(xp: ArrayNamespace, a: Array, b: Array) -> Array:
    """Matrix product ``a @ b`` of (i, j) and (..., j, k), to (..., i, k)."""
    return a @ b if xp is np else (a[:, :, None] * b[..., None, :, :]).sum(axis=-2)


def inverse_logit(xp: ArrayNamespace, logit: Array) -> Array:
    """Share of a logit."""
    return 1.0 / (1.0 + xp.exp(-logit))


def length(values: Array, axis: int = -1) -> int:
    """Length of an axis, as a number in PyTensor too."""
    return int(getattr(values, "type", values).shape[axis])


def rows(xp: ArrayNamespace, values: Array) -> list[Array]:
    """Take (..., row, quarter) apart into one array (..., quarter) a row."""
    if xp is np:
        return [values[..., i, :] for i in range(values.shape[-2])]
    return [piece.squeeze(-2) for piece in xp.split(values, [1] * length(values, -2), axis=-2)]


def group_sums(xp: ArrayNamespace, values: Array, starts: Sequence[int]) -> Array:
    """Add up groups of neighbouring rows, (..., row, quarter) to (..., group, quarter).

    Parameters
    ----------
    xp : module
    values : array (..., row, quarter)
    starts : sequence of int
        First row of each group.
    """
    if xp is np:
        return np.add.reduceat(values, starts, axis=-2)
    group = np.searchsorted(starts, np.arange(length(values, -2)), side="right") - 1
    belongs = (group == np.arange(len(starts))[:, None]).astype(float)
    return (belongs[:, :, None] * values[..., None, :, :]).sum(axis=-2)
