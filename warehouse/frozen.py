"""Frozen forecasts: one small Parquet file a published run, kept for good under its SHA-256 hash.

The file holds joint draws (``draw`` filled) and quantiles (``level_per_mille`` filled) in one table, values
to `VALUE_BITS` binary digits: an error of 0.05 % at most, at half the size. The hash stands in
``frozen_forecasts``, in the same transaction as the run. Nothing here deletes or rewrites a file of a
published run: what was forecast can't be improved afterwards.
"""

import filecmp
import hashlib
import shutil
from collections.abc import Collection, Sequence
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from warehouse import layout
from warehouse.atomic import link_or_copy, written_whole
from warehouse.connect import connect, scratch_connection
from warehouse.errors import PublishError, WarehouseError
from warehouse.statements import statement

VALUE_BITS = 11
FLOAT_BITS = 24
SCHEMA = pa.schema(
    [
        ("draw", pa.int32()),
        ("level_per_mille", pa.int16()),
        ("quantity", pa.dictionary(pa.int32(), pa.string())),
        ("period", pa.dictionary(pa.int32(), pa.string())),
        ("value", pa.float32()),
    ]
)


def write_frozen(
    path: Path,
    draws_parquet: Path,
    draws: Sequence[int],
    periods: Sequence[str],
    quantiles: pd.DataFrame,
) -> Path:
    """Write what is kept of a run.

    Parameters
    ----------
    path : Path
        File to write.
    draws_parquet : Path
        All joint draws, as `warehouse.draws.write_draws` writes them.
    draws : sequence of int
        Numbers of those that are kept.
    periods : sequence of str
        Those that are kept.
    quantiles : DataFrame
        ``quantity, period, level_per_mille, value``.

    Returns
    -------
    Path

    Raises
    ------
    PublishError
        The draws lack one of the numbers, or all of the periods.
    """
    with scratch_connection() as connection:
        kept = connection.sql(
            statement("sql/thinned_draws"),
            params={"draws_file": str(draws_parquet), "draws": list(draws), "periods": list(periods)},
        ).to_arrow_table()
    found = len(set(kept["draw"].to_pylist()))
    if found != len(draws):
        raise PublishError(f"{draws_parquet}: {found} of the {len(draws)} draws to be frozen are there")
    levels = quantiles.assign(draw=pd.array([None] * len(quantiles), "Int32"))[SCHEMA.names]
    every = pa.concat_tables([_as_schema(kept), pa.Table.from_pandas(levels, SCHEMA, preserve_index=False)])
    value = SCHEMA.get_field_index("value")
    every = every.set_column(value, SCHEMA.field(value), [_rounded(every["value"].to_numpy())])
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(path) as unfinished:
        pq.write_table(
            every.unify_dictionaries(),
            unfinished,
            compression="zstd",
            compression_level=19,
            use_dictionary=["quantity", "period"],
            column_encoding={
                "value": "BYTE_STREAM_SPLIT",
                "draw": "DELTA_BINARY_PACKED",
                "level_per_mille": "DELTA_BINARY_PACKED",
            },
            write_statistics=False,
        )
    return path


def _rounded(values: np.ndarray) -> np.ndarray:
    """Round single-precision numbers to `VALUE_BITS` binary digits: the rest are zeros, which pack well."""
    dropped = FLOAT_BITS - VALUE_BITS
    bits = values.astype(np.float32).view(np.uint32)
    return (((bits + (1 << (dropped - 1))) >> dropped) << dropped).view(np.float32)


def _as_schema(table: pa.Table) -> pa.Table:
    columns = []
    for field in SCHEMA:
        column = table[field.name]
        if pa.types.is_dictionary(field.type):
            column = column.cast(pa.string()).dictionary_encode()
        columns.append(column.cast(field.type))
    return pa.table(columns, schema=SCHEMA)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def place_frozen(state: Path, run_id: str, frozen_parquet: Path) -> Path:
    """Give a frozen forecast its place in the state folder, read-only.

    Parameters
    ----------
    state : Path
    run_id : str
    frozen_parquet : Path
        As `write_frozen` wrote it; it stays where it is.

    Returns
    -------
    Path
        Its place.

    Raises
    ------
    PublishError
        A forecast of this run is frozen already: it is never overwritten.
    """
    target = Path(state) / layout.frozen_file(run_id)
    if target.exists():
        raise PublishError(f"{target}: a forecast of this run is frozen already, and is never overwritten")
    target.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(target) as unfinished:
        if (same := _frozen_before(target.parent, frozen_parquet)) is not None:
            # A night that changes nothing freezes the same file: a second name of it takes no room.
            link_or_copy(same, unfinished)
        else:
            shutil.copyfile(frozen_parquet, unfinished)
            unfinished.chmod(0o444)
    return target


def _frozen_before(folder: Path, frozen_parquet: Path) -> Path | None:
    """Return the forecast frozen last, where it is the very same."""
    frozen = sorted(folder.glob("*.parquet"), key=lambda path: path.stat().st_mtime)
    return next((path for path in frozen[-1:] if filecmp.cmp(path, frozen_parquet, shallow=False)), None)


def frozen_row(state: Path, run_id: str) -> dict[str, object]:
    """Columns of ``frozen_forecasts`` that follow from a file in its place."""
    relative = layout.frozen_file(run_id)
    path = Path(state) / relative
    table = pq.read_table(path, columns=["draw", "quantity", "period"])
    return {
        "run_id": run_id,
        "file": relative,
        "sha256": sha256_of(path),
        "bytes": path.stat().st_size,
        "n_draws": len(set(table["draw"].to_pylist()) - {None}),
        "n_targets": table.select(["quantity", "period"])
        .group_by(["quantity", "period"])
        .aggregate([])
        .num_rows,
    }


def frozen_forecasts(state: Path) -> pd.DataFrame:
    """Rows of the table ``frozen_forecasts``, the first published first."""
    with connect(state) as connection:
        return connection.sql(statement("sql/frozen_forecasts")).df()


def newest_frozen_scores(state: Path) -> pd.DataFrame:
    """Rows of the view ``newest_frozen_scores``: one of each forecast and target."""
    with connect(state) as connection:
        return connection.sql(statement("sql/frozen_scores")).df()


def frozen_draws(state: Path, relative: str, sha256: str, quantities: Collection[str]) -> pd.DataFrame:
    """Read the joint draws of some quantities of a frozen forecast.

    Parameters
    ----------
    state : Path
    relative, sha256 : str
        Columns ``file`` and ``sha256`` of `frozen_forecasts`.
    quantities : collection of str
        A few of a hundred: after a year a night looks into hundreds of such files.

    Returns
    -------
    DataFrame
        ``draw, quantity, period, value``.

    Raises
    ------
    WarehouseError
        The file is not there, or not the one that was published.
    """
    path = Path(state) / relative
    if not path.is_file() or sha256_of(path) != sha256:
        raise WarehouseError(f"{path}: not the forecast that was published; it is not scored")
    table = pq.read_table(path)
    asked = pc.is_in(table["quantity"], pa.array(sorted(quantities), pa.string()))
    whole = table.filter(pc.and_(asked, pc.is_valid(table["draw"]))).drop_columns(["level_per_mille"])
    return whole.to_pandas().astype({"quantity": str, "period": str, "value": float})


def prospective_scoreboard(state: Path) -> pd.DataFrame:
    """Rows of the view ``prospective_scoreboard``, prospective ones first."""
    with connect(state) as connection:
        try:
            return connection.sql(statement("sql/prospective_scoreboard")).df()
        except duckdb.CatalogException:
            # Published before forecasts were frozen.
            return pd.DataFrame()
