"""A dropped Parquet file as a frame of text: its cells say what a person would read in them."""

import io
import json
import re
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from flows.sources.csv_text import LARGEST_COLUMNS, LARGEST_ROWS
from flows.sources.drop_rows import MOST_UNPACKED, DropRefused
from flows.sources.plain_sheets import cell_text

if TYPE_CHECKING:
    import pyarrow as pa

_PLAIN_FREQUENCIES: Final = ("Y", "Y-DEC", "Q", "Q-DEC", "M", "D")


def parquet_frame(content: bytes) -> pd.DataFrame:
    """Read a Parquet file into columns of text.

    Parameters
    ----------
    content : bytes

    Returns
    -------
    DataFrame of str
        '' for nothing. Numbers of 16 and 32 bits are written as short as they are told apart: 14.35 and not
        14.350000381469727.

    Raises
    ------
    DropRefused
        It is no Parquet, damaged, encrypted, too large, or a column is nested or has the name of another.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if content[-4:] == b"PARE":
        raise DropRefused("it is encrypted", "the file written without a key")
    try:
        file = pq.ParquetFile(io.BytesIO(content), page_checksum_verification=True)
        _check_shape(file.metadata, file.schema_arrow)
        texts = [field.name for field in file.schema_arrow if _is_text(field.type)]
        packed = pq.ParquetFile(io.BytesIO(content), page_checksum_verification=True, read_dictionary=texts)
        table = packed.read()
    except (pa.ArrowException, OSError, ValueError) as error:
        said = " ".join(str(error).split())[:120]
        raise DropRefused(f"it is no Parquet that can be read: {said}", "the file whole") from error
    # A word said once in a dictionary may stand in every row.
    size = sum(_n_bytes(column) for column in table.columns)
    if size > MOST_UNPACKED:
        raise DropRefused(f"unpacked its cells have {size} bytes, more than {MOST_UNPACKED}", "a part of it")
    return pd.DataFrame(
        {field.name: _column(field, table.column(field.name)) for field in table.schema}, dtype=str
    )


def _check_shape(metadata: Any, schema: "pa.Schema") -> None:
    if metadata.num_rows > LARGEST_ROWS:
        raise DropRefused(f"it has {metadata.num_rows} rows, more than {LARGEST_ROWS}", "a part of it")
    if len(schema.names) > LARGEST_COLUMNS:
        problem = f"it has {len(schema.names)} columns, more than {LARGEST_COLUMNS}"
        raise DropRefused(problem, "the columns of a table of data/ alone")
    twice = sorted({name for name in schema.names if schema.names.count(name) > 1})
    if twice:
        raise DropRefused(f"it names {', '.join(twice)} twice", "one name for each column")
    nested = next((field for field in schema if field.type.num_fields), None)
    if nested is not None:
        problem = (
            f"the column {nested.name!r} is nested ({str(nested.type)[:60]}): a cell holds several things"
        )
        raise DropRefused(problem, "each of them in a column of its own, or the file without that column")
    size = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    if size > MOST_UNPACKED:
        raise DropRefused(f"unpacked it has {size} bytes, more than {MOST_UNPACKED}", "a part of it")


def _is_text(kind: "pa.DataType") -> bool:
    import pyarrow.types as is_

    # Whatever text was written as, the file holds it as bytes of any length.
    return bool(is_.is_string(kind) or is_.is_binary(kind))


def _n_bytes(column: "pa.ChunkedArray") -> int:
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pa.types.is_dictionary(column.type):
        return int(column.nbytes)
    if not _is_text(column.type.value_type):
        return 8 * len(column)
    return sum(pc.sum(pc.take(pc.binary_length(c.dictionary), c.indices)).as_py() or 0 for c in column.chunks)


def _column(field: "pa.Field", column: "pa.ChunkedArray") -> list[str]:
    frequency = _frequency(field)
    if not frequency:
        return _cells(column)
    return ["" if cell is None else _period(int(cell), frequency) for cell in column.to_pylist()]


def _frequency(field: "pa.Field") -> str:
    """Frequency of a column of pandas' periods, which are kept as numbers; '' for any other."""
    said = getattr(field.type, "freq", "")  # where pandas told pyarrow of its type
    kept = field.metadata or {}
    if not said and kept.get(b"ARROW:extension:name") == b"pandas.period":
        said = json.loads(kept.get(b"ARROW:extension:metadata", b"{}")).get("freq", "?")
    return str(said)


def _period(ordinal: int, frequency: str) -> str:
    """Period as it is read; of a year that does not end in December the frequency is told too."""
    # What older versions of pandas called A, newer ones call Y.
    newer = re.sub(r"^A(?=-|$)", "Y", frequency)
    try:
        shown = str(pd.Period(ordinal=ordinal, freq=newer))
    except (ValueError, OverflowError, TypeError, AttributeError):
        return f"the {ordinal}th period of pandas' frequency {frequency}"
    is_plain = newer in _PLAIN_FREQUENCIES
    return shown if is_plain else f"{shown} (pandas' frequency {frequency})"


def _cells(column: "pa.ChunkedArray") -> list[str]:
    """Text of each cell; of a day beyond all calendars, or text that is no UTF-8, what can be told of it."""
    import pyarrow as pa

    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if kind in (pa.float16(), pa.float32()):
        # The shortest number that this one is nearest to, as it was written before it was stored so.
        import numpy as np

        short = np.float16 if kind == pa.float16() else np.float32
        return ["" if cell is None else cell_text(float(str(short(cell)))) for cell in column.to_pylist()]
    try:
        return [cell_text(cell) for cell in column.to_pylist()]
    except (OverflowError, ValueError):
        return [_cell(cell, kind) for chunk in column.chunks for cell in chunk]


def _cell(cell: Any, kind: "pa.DataType") -> str:
    try:
        return cell_text(cell.as_py())
    except (OverflowError, ValueError):
        pass
    if _is_text(kind):
        # Text that is no UTF-8; what was read into a dictionary is a word of it.
        return cell_text(bytes(getattr(cell, "value", cell).as_buffer()))
    return f"a {kind} beyond all years"
