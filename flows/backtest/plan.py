"""What a backtest is asked for and what it makes."""

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from flows.runtime.errors import HbmcastError
from flows.runtime.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

CHAINS = 2
DRAWS = 1_000


@dataclass(frozen=True)
class Plan:
    """What a backtest was asked for."""

    settings: Settings
    dates: tuple[date, ...]
    draws: int = DRAWS
    cores: int = 2
    force: bool = False


@dataclass
class Done:
    """What a backtest made."""

    board: "pd.DataFrame"
    run_id: str
    refitted: int
    vintages: int
    seconds: float
    published: bool
    hindsight: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


def month_ends_of(settings: Settings, first: str, last: str | None) -> tuple[date, ...]:
    """Give the ends of the months of a backtest; the last is last month unless said.

    Parameters
    ----------
    settings : Settings
        `today` counts.
    first, last : str
        Months as 2023-07.

    Raises
    ------
    HbmcastError
        A month can't be read, or none is over.
    """
    from models.scoring.vintages import month_ends

    def month(text: str, option: str) -> date:
        try:
            return date.fromisoformat(f"{text}-01")
        except ValueError:
            raise HbmcastError(f"{option} {text!r} is no month", "Write it as 2023-07") from None

    begin = month(first, "--from")
    ends = month_ends(begin, settings.today)
    if last is not None:
        stop = month(last, "--to")
        ends = [day for day in ends if (day.year, day.month) <= (stop.year, stop.month)]
    if not ends:
        raise HbmcastError(
            f"no month is over between {first} and {last or settings.today}", "Give an earlier --from"
        )
    return tuple(ends)
