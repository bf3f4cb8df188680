"""Joint draws as Parquet: how they are written, where they lie, and how long they are kept.

Two files a run, of one form: the chain's draws, and years of the systems on some of the same draws, under the
same draw numbers. So any query across the two is a query to the joint distribution.
"""

import shutil
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from warehouse import layout
from warehouse.atomic import link_or_copy, written_whole
from warehouse.errors import PublishError

# A folder of a run that was never published is a leftover when it is older than this.
LEFTOVER_SECONDS = 2 * 24 * 3600.0
GROUP_ROWS = 1_000_000

SCHEMA = pa.schema(
    [
        ("draw", pa.int32()),
        ("quantity", pa.dictionary(pa.int32(), pa.string())),
        ("period", pa.dictionary(pa.int32(), pa.string())),
        ("value", pa.float32()),
    ]
)


def write_draws(path: Path, periods: Sequence[str], draws: Mapping[str, np.ndarray]) -> None:
    """Write the chain's joint draws, one row group per quantity: who asks for one reads no other.

    Parameters
    ----------
    path : Path
        File to write; its folder is made.
    periods : sequence of str
        Labels of the second axis: quarters and years.
    draws : mapping of str to ndarray (draw, period)
        In the unit of the quantity.

    Raises
    ------
    PublishError
        When a quantity has another shape than the first.
    """
    numbers = np.arange(len(next(iter(draws.values()))))
    with _writer(path) as writer:
        for name, values in draws.items():
            table = _block_table(path, {name: values}, list(periods), numbers)
            writer.write_table(table, row_group_size=len(table))


def write_system_draws(
    path: Path, periods: Sequence[str], blocks: Iterable[Mapping[str, np.ndarray]], step: int
) -> None:
    """Write draws of the systems beside the chain's, row groups of a million rows.

    Parameters
    ----------
    path : Path
        File to write; its folder is made.
    periods : sequence of str
        Labels of the second axis.
    blocks : iterable of dict
        Each of other series, all of the same draws: name (system/item/measure/part) to array (draw, period).
    step : int
        The systems rest on every so many of the chain's draws: row i is the chain's draw ``i * step``.

    Raises
    ------
    PublishError
        When the arrays of a block differ in shape.
    """
    with _writer(path) as writer:
        for block in blocks:
            draws = step * np.arange(len(next(iter(block.values()))))
            writer.write_table(_block_table(path, block, list(periods), draws), row_group_size=GROUP_ROWS)


def _writer(path: Path) -> pq.ParquetWriter:
    path.parent.mkdir(parents=True, exist_ok=True)
    return pq.ParquetWriter(
        path,
        SCHEMA,
        compression="zstd",
        use_dictionary=["quantity", "period"],
        column_encoding={"value": "BYTE_STREAM_SPLIT", "draw": "DELTA_BINARY_PACKED"},
        # Names let a reader skip row groups; the smallest and largest value of a block help nobody.
        write_statistics=["quantity"],
        # Most flipped bytes of a value unpack into another value: only a checksum tells.
        write_page_checksum=True,
    )


def _block_table(
    path: Path, block: Mapping[str, np.ndarray], periods: list[str], draws: np.ndarray
) -> pa.Table:
    """Lay out one block with the draw running fastest: labels repeat and compress to next to nothing."""
    names, n_periods, n = list(block), len(periods), len(draws)
    if wrong := [name for name, values in block.items() if np.shape(values) != (n, n_periods)]:
        raise PublishError(f"{path}: draws of {wrong[0]} are not of shape ({n}, {n_periods})")
    draw = np.tile(draws.astype(np.int32), len(names) * n_periods)
    quantity = np.repeat(np.arange(len(names), dtype=np.int32), n_periods * n)
    period = np.tile(np.repeat(np.arange(n_periods, dtype=np.int32), n), len(names))
    value = np.concatenate([np.asarray(block[name], dtype=np.float32).T.ravel() for name in names])
    return pa.table(
        [
            pa.array(draw),
            pa.DictionaryArray.from_arrays(pa.array(quantity), pa.array(names)),
            pa.DictionaryArray.from_arrays(pa.array(period), pa.array(periods)),
            pa.array(value),
        ],
        schema=SCHEMA,
    )


def place_draws(state: Path, relative: str, parquet: Path) -> None:
    """Give a Parquet file of draws its place in the state folder.

    The file given stays where it is, so that a publication that fails can be tried again; on the same disk
    its place is only a second name for it.

    Parameters
    ----------
    state : Path
    relative : str
        Its place there: `warehouse.layout.draws_file` or `system_draws_file` of the run.
    parquet : Path
        Where it was written.
    """
    target = Path(state) / relative
    if parquet.resolve() != target.resolve():
        target.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(target) as unfinished:
            link_or_copy(parquet, unfinished)


def is_whole(path: Path) -> bool:
    """Whether a Parquet file is there and has both its ends; one cut short has not."""
    try:
        pq.read_metadata(path)
    except (OSError, pa.ArrowException):
        return False
    return True


def is_sound(path: Path) -> bool:
    """Whether a Parquet file is whole inside too: every page is read and held against its checksum.

    Files written before pages had checksums are held against what unpacks only.
    """
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            # One group after the other: a run's draws need not fit into memory.
            for group in range(file.num_row_groups):
                file.read_row_group(group)
    except (OSError, pa.ArrowException):
        return False
    return True


def remove_draws(state: Path, run_id: str) -> None:
    """Remove the draws of a run that is not published."""
    shutil.rmtree((Path(state) / layout.draws_file(run_id)).parent, ignore_errors=True)


def tidy_draws(state: Path, published_run_ids: list[str], keep: int) -> list[str]:
    """Delete the draws of all but the last runs, and leftovers of runs that were never published.

    Parameters
    ----------
    state : Path
    published_run_ids : list of str
        Published runs, the latest first.
    keep : int
        Runs whose draws are kept.

    Returns
    -------
    list of str
        run_ids whose draws were deleted.
    """
    kept, old = set(published_run_ids[:keep]), set(published_run_ids[keep:])
    removed = []
    for folder in sorted(layout.draws_folder(state).glob(f"{layout.RUN_FOLDER}*")):
        run_id = folder.name.removeprefix(layout.RUN_FOLDER)
        leftover = run_id not in kept and time.time() - folder.stat().st_mtime > LEFTOVER_SECONDS
        if run_id in old or leftover:
            shutil.rmtree(folder, ignore_errors=True)
            removed.append(run_id)
    return removed
