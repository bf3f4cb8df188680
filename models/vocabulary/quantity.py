"""One published quantity: name, unit, and how its years are made of quarters."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Quantity:
    """One published quantity.

    Parameters
    ----------
    name : str
        Name in CSV, code, SQL and plots.
    unit : str
        Unit of the quarterly value.
    yearly : {'sum', 'end', 'ratio'}
        How a year is made: sum of its quarters, value of its last quarter, or ratio of the yearly
        `numerator` to the yearly `denominator`.
    topic : str
        Group for views and pooling: 'server', 'accelerator', 'hbm', 'dram', 'cowos'.
    description : str
        One sentence for the data dictionary.
    headline : bool
        Whether the quantity stands in the headline table.
    numerator, denominator : str
        For ratios: the quantities whose ratio it is.
    """

    name: str
    unit: str
    yearly: str
    topic: str
    description: str
    headline: bool = False
    numerator: str = ""
    denominator: str = ""


def flow(name: str, unit: str, topic: str, description: str, headline: bool = False) -> Quantity:
    """Name what is counted over a period: a year is the sum of its quarters.

    Parameters
    ----------
    name, unit, topic, description, headline
        As in `Quantity`.
    """
    return Quantity(name, unit, "sum", topic, description, headline)


def capacity(name: str, topic: str, description: str, headline: bool = False) -> Quantity:
    """Name a capacity: a year is its last quarter.

    Parameters
    ----------
    name, topic, description, headline
        As in `Quantity`; the unit is wafers per month.
    """
    return Quantity(name, "wafers_per_month", "end", topic, description, headline)


def ratio(
    name: str, unit: str, topic: str, of: str, per: str, description: str, headline: bool = False
) -> Quantity:
    """Name a ratio of two quantities, `of` over `per`.

    Parameters
    ----------
    name, unit, topic, description, headline
        As in `Quantity`.
    of, per : str
        Names of the quantities above and below the line.
    """
    return Quantity(name, unit, "ratio", topic, description, headline, of, per)
