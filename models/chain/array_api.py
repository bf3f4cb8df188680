"""The few array operations that NumPy and PyTensor want written differently.

Everything else in the chain is one line for both. What differs here is only what is quick: PyTensor fuses a
product with its sum and compiles them in a second where a matrix product takes ten, and takes an array apart
in one operation where single rows cost one each, forwards and backwards; NumPy would hold every term of such
a product.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np


def matmul(xp: Any, a: Any, b: Any) -> Any:
    """Matrix product ``a @ b`` of (..., i, j) and (j, k), to (..., i, k)."""
    return a @ b if xp is np else (a[..., :, :, None] * b).sum(axis=-2)


def matmul_transposed(xp: Any, a: Any, b: Any) -> Any:
    """Matrix product ``a @ b.T`` of (..., i, j) and (k, j), to (..., i, k); both run along their rows."""
    return a @ b.T if xp is np else (a[..., :, None, :] * b).sum(axis=-1)


def length(values: Any, axis: int = -1) -> int:
    """Length of an axis, as a number in PyTensor too."""
    return int(getattr(values, "type", values).shape[axis])


def rows(xp: Any, values: Any) -> list[Any]:
    """Take (..., row, quarter) apart into one array (..., quarter) a row."""
    if xp is np:
        return [values[..., i, :] for i in range(values.shape[-2])]
    return [piece.squeeze(-2) for piece in xp.split(values, [1] * length(values, -2), axis=-2)]


def group_sums(xp: Any, values: Any, starts: Sequence[int]) -> Any:
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
