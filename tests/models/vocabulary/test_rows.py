"""Rows of a table one by one are what pandas gives, however fast they come."""

import numpy as np
import pandas as pd
import pytest

from models.vocabulary.rows import records

TEXTS = pd.DataFrame({"a": ["x", "", "ß"], "b": ["1", "2", "3"]})
MISSING = pd.DataFrame({"a": ["x", None, np.nan]}, dtype=object)
KEPT_BY = {name: pd.StringDtype(name, na_value=np.nan) for name in ("python", "pyarrow")}
FRAMES = {
    **{f"texts kept by {name}": TEXTS.astype(kind) for name, kind in KEPT_BY.items()},
    **{f"texts that are missing, kept by {name}": MISSING.astype(kind) for name, kind in KEPT_BY.items()},
    "numbers and days": pd.DataFrame(
        {
            "n": [1, 2],
            "x": [1.5, np.nan],
            "day": [pd.Timestamp("2026-11-29"), pd.NaT],
            "flag": pd.array([True, None], dtype="boolean"),
            "any": np.array([np.float64(2.0), "z"], dtype=object),
        }
    ),
    "a part": pd.DataFrame({"a": ["x", "y", "z"], "n": [1, 2, 3]}, index=[7, 7, 9]).iloc[1:],
    "no rows": pd.DataFrame(columns=["a", "b"]),
    "no columns": pd.DataFrame(index=range(2)),
}


@pytest.mark.parametrize("name", FRAMES)
def test_records_are_those_of_pandas(name: str):
    found, wanted = records(FRAMES[name]), FRAMES[name].to_dict("records")
    assert [[*map(repr, row.items())] for row in found] == [[*map(repr, row.items())] for row in wanted]
    types = [[type(cell) for cell in row.values()] for row in found]
    assert types == [[type(cell) for cell in row.values()] for row in wanted]
