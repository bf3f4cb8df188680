"""The accelerator catalogue as it was known on a date."""

from collections.abc import Mapping
from datetime import date

import pandas as pd

from models.vocabulary.periods import date_precision, effective_date

type Evidence = Mapping[str, pd.DataFrame]
"""Tables of evidence by name, with the rows that were known on a day."""


def known_products(products: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Products announced by a date, each as last described by then.

    A product announced early and specified later has several rows; each holds from its `announced_on` until
    the next one's, so that no vintage knows tomorrow's memory size.

    Parameters
    ----------
    products : DataFrame
        Rows of data/products.csv; `announced_on` as YYYY-MM-DD, YYYY-MM or YYYY (the last two count
        from their end).
    as_of : datetime.date

    Returns
    -------
    DataFrame
        One row per vendor and product, in the catalogue's order.
    """
    texts = products["announced_on"].astype(str)
    announced = pd.Series(
        [effective_date(t, date_precision(t)) for t in texts], index=products.index, dtype=object
    )
    order = announced[announced <= as_of].sort_values(kind="stable").index
    newest_last = products.loc[order]
    return newest_last.drop_duplicates(["vendor", "product"], keep="last").sort_index()
