"""A CSV that a user names."""

from pathlib import Path
from typing import TYPE_CHECKING

from flows.runtime.errors import HbmcastError

if TYPE_CHECKING:
    import pandas as pd


def read_csv(file: Path) -> "pd.DataFrame":
    """Read a CSV as text, empty cells as ''.

    Raises
    ------
    HbmcastError
        With the reason when there is none, or it is no CSV.
    """
    import pandas as pd

    try:
        return pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except OSError as error:
        raise HbmcastError(
            f"{file} can't be read ({error.strerror or error})", "Give the path of a CSV"
        ) from error
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise HbmcastError(f"{file} is no CSV in UTF-8 ({error})", "Save it as CSV in UTF-8") from error
