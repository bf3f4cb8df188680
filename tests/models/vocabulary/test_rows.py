"""Rows of a table one by one are what pandas gives, however fast they come."""

import numpy as np
import pandas as pd
import pytest

from models.vocabulary.rows import records

FRAMES = {
    "texts": pd.DataFrame({"a": ["x", "", "ß"], "b": ["1", "2", "3"]}, dtype="str"),
    "texts that are missing": pd.DataFrame({"a": ["x", None, np.nan]}, dtype="str"),
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
