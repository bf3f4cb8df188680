"""Rules by which figures speak of a quantity of a system, by metric, entity and segment, and how they err.

They are those by which the systems themselves read these figures (`models.scoring.system_outcomes`).
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial

import numpy as np

from models.evidence.assumptions import Z95, Prior, prior_named
from models.evidence.evidence import Evidence
from models.evidence.figure_errors import FigureErrors
from models.systems import packaging, supplier
from models.systems.logistic_normal import ANCHOR
from models.systems.reconcile import SHARE_YEAR, share_covariance
from models.vocabulary.periods import FIRST_YEAR

# Total of the chain -> the maker's amount of it, as measure and part.
AMOUNTS = {
    "hbm_revenue_usd": "usd/total",
    "hbm_bits_gb": "gb/total",
    "hbm_tsv_capacity_wafers_per_month": "wafers_per_month/total",
}


@dataclass(frozen=True)
class Rule:
    """How figures of one kind speak of a quantity.

    Attributes
    ----------
    quantity : str
    own : callable
        Kind of the figure to its own error (log, or logit where `is_logit`).
    per_year : float
        Further error per year of horizon left at publication.
    shift : float
        Added to the log of the figure.
    definition : str
        What the figure is about, where that is not the quantity itself.
    spread : callable
        Last month of the period to the error of the shift.
    is_level, is_logit : bool
    undated : float
        Error of a level that is printed for a year.
    """

    quantity: str
    own: Callable[[str], float]
    per_year: float
    shift: float = 0.0
    definition: str = ""
    spread: Callable[[int], float] = lambda _month: 0.0
    is_level: bool = False
    is_logit: bool = False
    undated: float = 0.0


def rules_of_suppliers(
    evidence: Evidence, errors: FigureErrors, as_of: date
) -> Iterator[tuple[tuple[str, str, str], Rule]]:
    """Give the rules for single makers: shares, revenue, bits and TSV capacity.

    Parameters
    ----------
    evidence : Evidence
        'suppliers'.
    errors : FigureErrors
        Its priors need the errors and the price premium of `models.systems.supplier.ASSUMPTIONS`.
    as_of : date
        Makers known by then have rules.

    Yields
    ------
    (metric, entity, segment), Rule

    Raises
    ------
    KeyError
        One of these is missing, named.
    """
    priors = dict(errors.priors)
    table = supplier.known_suppliers(evidence.suppliers, as_of)
    if table.empty:
        return
    middle = partial(_middle, priors)
    premium = prior_named(priors, "supplier.price_premium").scale
    premium_walk = middle("supplier.price_premium_volatility")
    share_error = math.hypot(middle("supplier.share_error"), middle("supplier.publisher_error"))
    capacity_error = math.hypot(middle("supplier.capacity_error"), middle("supplier.capacity_common_error"))
    amount_error = middle("supplier.amount_error")
    # Half a year ahead, carried on in proportion: sayings about HBM's suppliers err as those about HBM.
    ahead = 2.0 * errors.ahead("hbm", "hbm", 0.5)

    def unsaid(month: int) -> float:
        years = abs(month // 3 - ANCHOR) / 4
        return 0.5 * math.hypot(premium, premium_walk * math.sqrt(years))

    share = partial(
        Rule,
        own=lambda _kind: share_error,
        per_year=middle("supplier.share_error_per_year"),
        is_logit=True,
    )
    amount = partial(Rule, own=lambda _kind: amount_error, per_year=ahead)
    level = partial(
        Rule,
        own=lambda _kind: capacity_error,
        per_year=ahead,
        is_level=True,
        undated=errors.undated,
    )
    for row in table.itertuples():
        name, entity = f"{supplier.SYSTEM}/{row.supplier}", str(row.figure_entity)
        for basis, mix in supplier.BASES.items():
            key = ("hbm_supplier_share", entity, basis)
            if mix == supplier.BASES["revenue"]:
                yield key, share(f"{name}/share/revenue")
            elif mix == supplier.BASES["bits"]:
                yield key, share(f"{name}/share/bits")
            elif mix == supplier.BASES[""]:
                yield key, share(f"{name}/share/revenue", definition="basis unsaid", spread=unsaid)
        for metric, (total, segments, _, is_level) in supplier.AMOUNTS.items():
            for segment in segments:
                yield (metric, entity, segment), (level if is_level else amount)(f"{name}/{AMOUNTS[total]}")


def rules_of_links(
    evidence: Evidence, priors: dict[str, Prior]
) -> Iterator[tuple[tuple[str, str, str], Rule]]:
    """Give the rules of rows 'observes' of system_evidence.csv: figure times share is the item."""
    links = evidence.system_evidence
    for link in links[links["relation"] == "observes"].to_dict("records"):
        system, (measure, _, part) = link["system"], str(link["measure"]).partition("_")
        low, high = math.log(float(link["share_p05"])), math.log(float(link["share_p95"]))
        sd = (high - low) / (2 * Z95)
        key = (str(link["metric"]), str(link["entity"]), str(link["segment"] or "").strip())
        yield (
            key,
            Rule(
                f"{system}/{link['item']}/{measure}/{part or 'total'}",
                partial(_packaging_error if system == packaging.SYSTEM else _vendor_error, priors, system),
                _middle(priors, f"{system}.noise_per_year"),
                shift=(low + high) / 2,
                definition=" ".join(key[1:]),
                spread=partial(_share_error, sd) if system != packaging.SYSTEM else partial(_constant, sd),
            ),
        )


def _vendor_error(priors: dict[str, Prior], system: str, kind: str) -> float:
    return _middle(priors, f"{system}.noise_{kind if kind in ('actual', 'estimate') else 'forecast'}")


def _packaging_error(priors: dict[str, Prior], system: str, _kind: str) -> float:
    # Its own error, and its publisher's scope, which the system takes to be as large.
    return math.sqrt(2.0) * _middle(priors, f"{system}.noise")


def _share_error(sd: float, month: int) -> float:
    """Error of a vendor's share in the year of a month: level, trend and what the year adds."""
    ago = FIRST_YEAR + (month + 1) / 12 - SHARE_YEAR
    covariance = share_covariance(*(np.array([x]) for x in ("", sd, month // 12, ago)))
    return math.sqrt(float(covariance[0, 0]))


def _constant(value: float, _month: int) -> float:
    return value


def _middle(priors: dict[str, Prior], name: str) -> float:
    """Median of a lognormal assumption."""
    return math.exp(prior_named(priors, name).loc)
