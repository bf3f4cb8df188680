"""What the forecast served expected of figures that it has not seen."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from flows.night.posterior import load_fit
from flows.runtime.errors import HbmcastError, one_line
from flows.runtime.settings import Settings
from models.evidence.proposals import Proposal, figure_row

DRAWS: Final = 4000
"""Draws that are looked at: enough for a tail of one in two hundred."""
AT_ONCE: Final = 500
"""Figures drawn together: all of a first night of filings would take gigabytes."""
_FIRST_ROW: Final = 2


def expected(settings: Settings, proposals: Sequence[Proposal]) -> list[dict[str, Any]]:
    """Say where figures fall in what the forecast served expected such publications to print.

    Nothing is fitted, and nothing fails: where there is no expectation, the answer says why.

    Parameters
    ----------
    settings : Settings
    proposals : sequence of Proposal

    Returns
    -------
    list of dict
        A row a proposal: ``predicted_p05 ... predicted_p95`` in the unit printed, ``pit`` or ``probability``
        (`models.scoring.scored_figures.report_rows`), ``as_of`` of the forecast; else ``reason``.
    """
    if not proposals:
        return []
    try:
        return list(_placed(settings, [_row(proposal) for proposal in proposals]))
    except HbmcastError as error:
        reason = f"{error}"
    except Exception as error:  # what a posterior of another time can't say harms nothing else
        reason = one_line(error)
    return [{"reason": reason} for _ in proposals]


def _row(proposal: Proposal) -> dict[str, str]:
    page = proposal.page
    named = {name: getattr(page, name) for name in ("publisher", "published_on", "published_precision")}
    # Named by its own publication: what sources.csv calls it need not be known yet.
    return {**figure_row(proposal, {}), **named, "source_id": "", "origin_id": ""}


def _placed(settings: Settings, rows: list[dict[str, str]]) -> Iterator[dict[str, Any]]:
    import pandas as pd

    from models.scoring.scored_figures import scored_figures, thinned

    fit, known = load_fit(settings, fit_missing=False)
    few = thinned(fit, DRAWS)
    as_of = fit.problem.as_of.isoformat()
    for first in range(0, len(rows), AT_ONCE):
        part = rows[first : first + AT_ONCE]
        found = scored_figures(few, known, pd.DataFrame(part, dtype=str), None, settings.seed, settings.today)
        by_row: dict[int, Mapping[str, Any]] = {
            int(row["row"]): row for row in (*found["unmapped"], *found["figures"])
        }
        for i in range(len(part)):
            yield {**by_row.get(i + _FIRST_ROW, {"reason": "informs nothing"}), "as_of": as_of}
