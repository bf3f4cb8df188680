"""The few array operations that NumPy and PyTensor want written differently.

Everything else in the chain is one line for both. What differs here is only what is quick: PyTensor fuses a
product with its sum and compiles them in a second where a matrix product takes ten, and takes an array apart
in one operation where single rows cost one each, forwards and backwards; NumPy would hold every term of such
a product. And NumPy's results lie in memory as what they are made of: the engine has its draws as neighbours
(`models.draws.simulate`), others their quarters, and each function here keeps what it is given.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from operator import add
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
    """Matrix product ``a @ b``.

    Parameters
    ----------
    xp : module
    a : array (..., i, j)
    b : array (j, k)

    Returns
    -------
    array (..., i, k)
    """
    return a @ b if xp is np else (a[..., :, :, None] * b).sum(axis=-2)


def matmul_transposed(xp: ArrayNamespace, a: Array, b: Array) -> Array:
    """Matrix product ``a @ b.T``: both run along their rows.

    Parameters
    ----------
    xp : module
    a : array (..., i, j)
    b : array (k, j)

    Returns
    -------
    array (..., i, k)
    """
    if xp is not np:
        return (a[..., :, None, :] * b).sum(axis=-1)
    if a.ndim == 3 and a.shape[1] > 1 and a.strides[0] == a.itemsize:
        # Draws are neighbours in memory: NumPy would copy them apart, one product a draw.
        return np.moveaxis(b @ np.moveaxis(a, 0, -1), -1, 0)
    return a @ b.T


def matmul_from_left(xp: ArrayNamespace, a: Array, b: Array) -> Array:
    """Matrix product ``a @ b`` of one matrix with each of many.

    Parameters
    ----------
    xp : module
    a : array (i, j)
    b : array (..., j, k)

    Returns
    -------
    array (..., i, k)
    """
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


def joined_rows(xp: ArrayNamespace, first: Array, *others: Array) -> Array:
    """Rows one after the other, (..., row, quarter); in NumPy laid out in memory as the first."""
    if xp is not np:
        return xp.concatenate([first, *others], axis=-2)
    return _laid_as(first, [first, *others])


def _laid_as(values: np.ndarray, parts: Sequence[np.ndarray]) -> np.ndarray:
    """Join rows in NumPy, laid out in memory as (..., row, quarter) that are given: left alone, it mixes."""
    n_rows = sum(part.shape[-2] for part in parts)
    out = np.empty_like(values, shape=(*values.shape[:-2], n_rows, values.shape[-1]))
    return np.concatenate(parts, axis=-2, out=out)


def shifted(values: Array, by: int) -> Array:
    """Move a path along the quarter axis, repeating the end value.

    Parameters
    ----------
    values : array (..., quarter)
    by : int
        Positive: the value `by` quarters ahead; negative: quarters back.
    """
    quarters = length(values)
    return values[..., np.clip(np.arange(quarters) + by, 0, quarters - 1)] if by else values


def quarters_ahead(xp: ArrayNamespace, values: Array, n: int) -> list[Array]:
    """Paths of this quarter, the next and so on, each as `shifted`.

    Parameters
    ----------
    xp : module
    values : array (..., quarter)
    n : int
        How many paths, that of this quarter counted; at least one.

    Returns
    -------
    list of array (..., quarter)
        In NumPy they share their memory.
    """
    if xp is not np or n == 1:
        return [shifted(values, by) for by in range(n)]
    quarters = length(values)
    # The end is repeated once, and each path is a part of what comes of it, not a copy.
    onward = np.concatenate([values] + [values[..., -1:]] * (n - 1), axis=-1)
    return [onward[..., by : by + quarters] for by in range(n)]


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
        stops = (*starts[1:], length(values, -2))
        # Row by row: `numpy.add.reduceat` goes through each group of numbers by itself.
        sums = [
            values[..., a : a + 1, :] + values[..., a + 1 : b, :].sum(axis=-2, keepdims=True)
            for a, b in zip(starts, stops, strict=True)
        ]
        return _laid_as(values, sums)
    group = np.searchsorted(starts, np.arange(length(values, -2)), side="right") - 1
    belongs = (group == np.arange(len(starts))[:, None]).astype(float)
    return (belongs[:, :, None] * values[..., None, :, :]).sum(axis=-2)


def weighted_sums(xp: ArrayNamespace, values: Array, weights: Array) -> Array:
    """Add up rows by the weights of each group, (..., row, quarter) to (..., group, quarter).

    Parameters
    ----------
    xp : module
    values : array (..., row, quarter)
    weights : array (group, row, quarter)
    """
    if xp is not np:
        return (values[..., None, :, :] * weights).sum(axis=-2)
    sums = []
    for of_group in weights:
        used = np.flatnonzero(of_group.any(axis=-1))
        # Rows without a weight are left out; of a group that has none the first gives its zeros.
        parts = (values[..., r : r + 1, :] * of_group[r] for r in (used if len(used) else [0]))
        sums.append(reduce(add, parts))
    return _laid_as(values, sums)
