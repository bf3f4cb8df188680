"""A diagnostic that only informs is neither passed nor failed."""

import pandas as pd

from dashboards.tables import diagnostics_table


def test_null_is_shown_as_informing():
    rows = pd.DataFrame({
        "name": ["a", "b", "c"], "value": [1.0, 2.0, 3.0], "threshold": [1.0, 1.0, 1.0],
        "passed": pd.array([True, None, False], dtype="boolean"), "detail": ["", "", ""],
    })  # fmt: skip
    table = diagnostics_table(rows).set_index("Check")["Passed"]
    assert table.to_dict() == {"c": "NO", "a": "yes", "b": "informs"}
