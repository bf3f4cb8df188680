"""Problems of different size in one compiled model: padded to a capacity and packed into two vectors.

A compiled model knows only array shapes. Padding figures, points and error terms to round capacities lets a
new figure, publisher or street cell reuse it, and packing all data into one vector of floats and one of
integers keeps the sampler's compiled wrapper small (with ninety separate arrays its compile took minutes).
"""

from collections.abc import Mapping

import numpy as np

from models.chain.array_api import Array
from models.inference.news import NEWS

CAPACITY_STEP = {
    "figure": 64,
    "point": 64,
    "news": 64,
    "sum": 4,
    "definition": 16,
    "publisher": 16,
    "street_target": 32,
    "street_time": 16,
}
_ERROR_BLOCKS = {
    "definition_offset": "definition",
    "publisher_bias": "publisher",
    "street_target": "street_target",
    "street_time": "street_time",
}
_NEWS_ARRAYS = tuple(f"obs_{name}" for name in (*NEWS, "news_drift_expected", "news_drift_size"))
Layout = tuple[tuple[str, tuple[int, ...], str], ...]


def capacity(n: int, dimension: str) -> int:
    """Size to which a dimension is padded."""
    step = CAPACITY_STEP[dimension]
    # Never none: a vintage without any shares the compiled model of one that has some.
    return -(-max(n, 1) // step) * step


def padded_shape(block: str, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Shape of a parameter block in the compiled model."""
    dimension = _ERROR_BLOCKS.get(block)
    return (capacity(shape[0], dimension),) if dimension else shape


def split(vector: Array, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Array]:
    """Cut the last axis of a vector of all parameters into its blocks."""
    out, position = {}, 0
    for name, shape in shapes.items():
        size = int(np.prod(shape))
        piece = vector[..., position : position + size]
        out[name] = piece.reshape((*vector.shape[:-1], *shape)) if len(shape) > 1 else piece
        position += size
    return out


def joined(blocks: Mapping[str, np.ndarray]) -> np.ndarray:
    """Put blocks (row, ...) side by side again, (row, parameter)."""
    return np.concatenate([values.reshape(len(values), -1) for values in blocks.values()], axis=-1)


def padded(data: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Pad the arrays of `Problem.data` to their capacities.

    Padded figures have weight zero, padded points refer to a valid cell, padded error terms to nothing.
    """
    out = dict(data)
    points = data["obs_point_row"].shape[0]
    for name, values in data.items():
        if name.startswith("obs_"):
            out[name] = _grown(values, capacity(values.shape[0], _counts(name)))
        elif name.partition("_")[2] in _ERROR_BLOCKS:
            dimension = _ERROR_BLOCKS[name.partition("_")[2]]
            out[name] = _grown(values, capacity(values.shape[0], dimension))
    for name in ("weight", "left_out_share"):
        out[name] = _grown(data[name], capacity(data[name].shape[0], "figure"))
    out["obs_point_weight"][points:, 0] = 1.0
    return out


def _counts(name: str) -> str:
    """Say what an array of the operator counts along its first axis."""
    if name.startswith("obs_point_"):
        return "point"
    if name == "obs_sum_rows":
        return "sum"
    return "news" if name in _NEWS_ARRAYS else "figure"


def of_figures(arrays: dict[str, np.ndarray], at: np.ndarray) -> dict[str, np.ndarray]:
    """Cut an operator's arrays down to some of its figures, with the points and the news they refer to.

    Parameters
    ----------
    arrays : dict of ndarray
        `Operator.arrays`.
    at : ndarray of int
        Rows of the figures.
    """
    counted = {name: _counts(f"obs_{name}") for name in arrays}
    points, term_point = np.unique(arrays["term_point"][at], return_inverse=True)
    news, news_of = np.unique(arrays["news_of"][at], return_inverse=True)
    taken = {"figure": at, "point": points, "news": news}
    out = {n: v[taken[counted[n]]] if counted[n] in taken else v for n, v in arrays.items()}
    term_point = term_point.reshape(arrays["term_point"][at].shape)
    return out | {"term_point": term_point, "news_of": news_of.ravel()}


def _grown(values: np.ndarray, size: int) -> np.ndarray:
    widths = [(0, size - values.shape[0])] + [(0, 0)] * (values.ndim - 1)
    return np.pad(values, widths)


def layout_of(data: dict[str, np.ndarray]) -> Layout:
    """Names, shapes and kinds of the arrays in the order in which they are packed."""
    return tuple((k, v.shape, "int" if v.dtype.kind in "iu" else "float") for k, v in sorted(data.items()))


def pack(data: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Pack arrays into ``floats`` and ``ints``, in the order of `layout_of`."""
    parts: dict[str, list[np.ndarray]] = {"float": [], "int": []}
    for name, _, kind in layout_of(data):
        parts[kind].append(np.ravel(data[name]))
    return {
        "floats": np.concatenate(parts["float"]).astype(np.float64),
        "ints": np.concatenate(parts["int"]).astype(np.int32),
    }


def unpack(floats: Array, ints: Array, layout: Layout) -> dict[str, Array]:
    """View the packed vectors by name; works on NumPy and PyTensor vectors.

    Parameters
    ----------
    floats, ints : array (number,)
        From `pack`.
    layout : Layout
        `layout_of` the arrays that were packed.

    Returns
    -------
    dict of str to array
        In the shapes of the layout.
    """
    position = {"float": 0, "int": 0}
    source = {"float": floats, "int": ints}
    out = {}
    for name, shape, kind in layout:
        size = int(np.prod(shape))
        start = position[kind]
        out[name] = source[kind][start : start + size].reshape(shape)
        position[kind] = start + size
    return out
