"""Quantities, units and metrics in words an analyst reads, and numbers in the sizes he thinks in."""

import math
import re
from collections.abc import Iterable
from typing import Final

# The quantities with a fan chart: the headline quantities, and what the market is measured against.
FAN_QUANTITIES: Final = (
    "hbm_revenue_usd",
    "hbm_bits_gb",
    "hbm_price_usd_per_gb",
    "accelerator_shipments",
    "cowos_wafers",
    "cowos_capacity_wafers_per_month",
    "dram_revenue_usd",
    "server_shipments",
)
RELATED_QUANTITIES: Final = (
    "cowos_capacity_tsmc_wafers_per_month",
    "hbm_bits_demand_gb",
    "cowos_wafers_demand",
    "hbm_share_of_dram_revenue",
)
"""More fan charts: what many published figures are about and the headline quantities rest on."""
BALANCE_QUANTITIES: Final = ("hbm_sufficiency", "shortfall")
"""Fan charts of supply against demand."""
STAGES: Final = {"demand": "demand", "hbm": "HBM supply", "cowos": "CoWoS supply"}

_GENERATION: Final = re.compile(r"hbm\d\w*")
_SUFFIXES: Final = ("_usd_per_gb", "_wafers_per_month", "_usd", "_gb")
_ACRONYMS: Final = {
    "hbm": "HBM", "cowos": "CoWoS", "dram": "DRAM", "tsv": "TSV", "ai": "AI", "tsmc": "TSMC",
    "nvidia": "NVIDIA", "amd": "AMD", "aws": "AWS", "asic": "ASIC", "google": "Google", "tpu": "TPU",
    "gb": "GB", "usd": "USD",
    "tcb": "TCB", "rdl": "RDL", "si": "silicon", "sk": "SK", "micron": "Micron", "samsung": "Samsung",
    "trendforce": "TrendForce", "gpu": "GPU", "gpgpu": "GPGPU", "8gpu": "8-GPU", "hopper": "Hopper",
    "blackwell": "Blackwell", "rubin": "Rubin", "trainium": "Trainium", "epoch": "Epoch",
    "goldman": "Goldman", "cms": "CMS", "ddr4": "DDR4",
    "rd": "R&D", "emc": "EMC", "ncf": "NCF", "pspi": "PSPI", "cmp": "CMP", "fcbga": "FC-BGA",
}  # fmt: skip
# The quantities on charts and in tables keep one unit from night to night, whatever their values become.
_FIXED: Final = {
    "hbm_revenue_usd": (1e9, "USD bn"),
    "hbm_bits_gb": (1e6, "million GB"),
    "hbm_price_usd_per_gb": (1.0, "USD per GB"),
    "accelerator_shipments": (1e6, "million units"),
    "cowos_wafers": (1e3, "thousand wafers"),
    "cowos_capacity_wafers_per_month": (1e3, "thousand wafers per month"),
    "cowos_capacity_tsmc_wafers_per_month": (1e3, "thousand wafers per month"),
    "hbm_bits_demand_gb": (1e6, "million GB"),
    "cowos_wafers_demand": (1e3, "thousand wafers"),
    "dram_revenue_usd": (1e9, "USD bn"),
    "server_shipments": (1e6, "million units"),
}
# Units as stored -> (divisor, unit in words); the first divisor that the largest value reaches is taken.
# Gb are bits and gb is for bytes: a unit is looked for as it is written first.
_SCALES: Final[dict[str, tuple[tuple[float, str], ...]]] = {
    "usd": ((1e9, "USD bn"), (1e6, "USD million"), (1.0, "USD")),
    "Gb": ((1e9, "bn Gb"), (1e6, "million Gb"), (1.0, "Gb")),
    "gb": ((1e6, "million GB"), (1.0, "GB")),
    **{
        money.lower(): (
            (1e12, f"{money} trillion"),
            (1e9, f"{money} bn"),
            (1e6, f"{money} million"),
            (1.0, money),
        )
        for money in ("KRW", "JPY", "CNY", "TWD", "HKD", "EUR")
    },
    "units": ((1e6, "million units"), (1e3, "thousand units"), (1.0, "units")),
    "wafers": ((1e3, "thousand wafers"), (1.0, "wafers")),
    "wafers_per_month": ((1e3, "thousand wafers per month"), (1.0, "wafers per month")),
    "usd_per_gb": ((1.0, "USD per GB"),),
    "usd_per_unit": ((1e6, "USD million per unit"), (1e3, "USD thousand per unit"), (1.0, "USD per unit")),
    "usd_per_tool": ((1e6, "USD million per tool"), (1.0, "USD per tool")),
    "fraction": ((0.01, "%"),),
    "probability": ((0.01, "%"),),
    "of the base": ((0.01, "% of the base"),),
}


def quantity_title(quantity: str) -> str:
    """Name of a quantity in words: ``hbm_revenue_usd`` becomes 'HBM revenue'."""
    said = parameter_words(quantity)
    return said[:1].upper() + said[1:]


def parameter_words(name: str) -> str:
    """Name of a driver, class or constant in words, without its unit."""
    suffix = next((one for one in _SUFFIXES if name.endswith(one) and len(name) > len(one)), "")
    return words(name.removesuffix(suffix).replace(".", "_"))


def system_title(name: str) -> str:
    """Name of a series of a system in words: ``equipment/tcb/usd/total`` becomes 'Equipment: TCB, USD'.

    A system alone stands for all of its series.
    """
    system, *of_item = name.replace(".", "/").split("/")
    item, *rest = of_item or ["all"]
    words = [_word(word) for word in rest if word != "total"]
    return ", ".join([f"{quantity_title(system)}: {quantity_title(item)}", *words])


def words(name: str) -> str:
    """Any name in words: ``packages_per_wafer`` becomes 'packages per wafer'."""
    return " ".join(_word(part) for part in name.split("_") if part)


def _word(name: str) -> str:
    """One part of a name in words; what begins with HBM is a generation and stands in capitals."""
    if _GENERATION.fullmatch(name):
        return name.upper()
    return _ACRONYMS.get(name, name.replace("_", " "))


def display_unit(unit: str, values: Iterable[float] = ()) -> tuple[float, str]:
    """Divisor and name of the unit in which values of that size are shown.

    Parameters
    ----------
    unit : str
        Unit as stored, e.g. 'USD' or 'wafers_per_month'.
    values : iterable of float
        Values to be shown together; the largest decides.

    Returns
    -------
    divisor : float
        Divide by it before showing.
    name : str
        The unit in words, e.g. 'USD bn'.
    """
    amount, _, per = str(unit).partition("/")
    if per == "quarter":
        divisor, name = display_unit(amount, values)
        return divisor, f"{name} per quarter"
    written = str(unit).strip()
    scales = _SCALES.get(written) or _SCALES.get(written.lower().replace("/", "_per_"))
    if scales is None:
        return 1.0, str(unit).replace("_", " ") or "no unit"
    largest = max(
        (abs(float(v)) for v in values if v is not None and math.isfinite(float(v))), default=math.nan
    )
    for divisor, name in scales:
        if largest >= divisor:
            return divisor, name
    return scales[-1]


def quantity_unit(quantity: str, unit: str, values: Iterable[float] = ()) -> tuple[float, str]:
    """Divisor and name of the unit of a quantity: fixed for those on charts, by size for the others.

    Parameters
    ----------
    quantity : str
    unit : str
        Unit as stored.
    values : iterable of float
        As for `display_unit`.

    Returns
    -------
    divisor : float
    name : str
    """
    return _FIXED[quantity] if quantity in _FIXED else display_unit(unit, values)


def amounts(unit: str, *values: float, digits: int = 3) -> tuple[str, ...]:
    """Write numbers of one unit as a reader thinks of them, and last that unit: '55.8', '66.1', 'USD bn'.

    Parameters
    ----------
    unit : str
        As stored or printed, as 'USD' or 'fraction'.
    *values : float
        The first decides the size.
    digits : int
        Those that count; 0 for all that were printed.
    """
    divisor, named = display_unit(unit, values[:1])
    sizes = [value / divisor for value in values]
    # Behind a number the word says nothing.
    unit_words = "" if named == "ratio" else named
    return (*(number(size, digits) if digits else f"{size:,.10g}" for size in sizes), unit_words)


def plain(value: float) -> str:
    """Write a diagnostic: at most four significant digits, no padding, powers of ten for the tiny."""
    return "–" if value is None or not math.isfinite(float(value)) else f"{float(value):,.4g}"


def number(value: float, digits: int = 3) -> str:
    """Write a number with so many significant digits, thousands separated, never in powers of ten.

    Parameters
    ----------
    value : float
    digits : int
        Significant digits: 12345 with 3 digits is written 12,300.

    Returns
    -------
    str
        A dash for a missing value.
    """
    if value is None or not math.isfinite(float(value)):
        return "–"
    value = float(value)
    if value == 0:
        return "0"
    decimals = digits - 1 - math.floor(math.log10(abs(value)))
    rounded = round(value, decimals)
    return f"{rounded:,.{max(decimals, 0)}f}"
