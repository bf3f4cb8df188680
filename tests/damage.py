"""Damage done to files on purpose."""

from pathlib import Path

import pyarrow.parquet as pq


def flip_inside(draws: Path) -> None:
    """Flip bytes of the first values of a file of draws, whose both ends stay sound.

    They are the last digits of values, which don't compress: the file unpacks all the same, into others.
    """
    content = bytearray(draws.read_bytes())
    values = pq.read_metadata(draws).row_group(0).column(3)
    middle = values.data_page_offset + values.total_compressed_size // 3
    for at in range(middle, middle + 10):
        content[at] ^= 0xFF
    draws.chmod(0o644)
    draws.write_bytes(content)
