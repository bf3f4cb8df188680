"""The market of data/, for every test that needs classes, customers or generations."""

import pandas as pd

from models.vocabulary.market import CLASS_TABLE, GENERATION_TABLE, market_of
from tests.places import DATA

MARKET_TABLES = {
    name: pd.read_csv(DATA / f"{name}.csv", dtype=str, keep_default_na=False)
    for name in (CLASS_TABLE, GENERATION_TABLE)
}
MARKET = market_of(MARKET_TABLES)
