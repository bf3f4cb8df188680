"""The physical chain from servers to CoWoS wafers, written once.

Plain arithmetic on arrays whose last axis is the quarter. The array namespace is an argument, so the
same lines run inside the PyMC graph (``pytensor.tensor``) and on NumPy draws with any leading axes.
Equations: DESIGN.md section 3.
"""

from collections.abc import Mapping
from functools import reduce
from operator import add
from typing import Any

from models.chain.array_api import (
    Array,
    ArrayNamespace,
    Arrays,
    group_sums,
    quarters_ahead,
    shifted,
    weighted_sums,
)
from models.vocabulary.market import REVENUE_CUSTOMER, Market
from models.vocabulary.quantities import SINGLES

MONTHS_PER_QUARTER = 3.0
# Sharpness of the smooth minimum: two equal limits ration 7 %, three 10 %, one of 1.2 times the wanted 1.5 %.
# Customers and makers differ, so an industry is rationed before its totals meet; but demand and shipments
# of a year are printed within a tenth of each other, so not by a fifth (models/SCORES.md).
SMOOTH_MINIMUM_SHARPNESS = 10.0
# An HBM price holds for a year and is agreed before it: DRAM's price of the four quarters before speaks.
CONTRACT_LAGS = (1, 2, 3, 4)
FLOOR_SHARPNESS = 4.0
# Single precision ends at e^88. Of 252,000 paths as wide as the prior the largest weight was e^18, half as
# wide again e^66.
MOST_LOG_WEIGHT = 80.0


def smooth_minimum_ratio(xp: ArrayNamespace, *ratios: Array) -> Array:
    """Smooth minimum of one and the given ratios, never above any of them.

    With ``r = (1 + sum x^-b)^(-1/b)`` it holds ``r <= 1`` and ``r <= x`` for every ratio x, exactly, so
    what is shipped never exceeds a supply limit.
    """
    logs = [xp.log(ratio) for ratio in ratios]
    # Measured from the least ratio, so that a tiny one does not overflow in single precision.
    least = 0.0 * logs[0]
    for log in logs:
        least = xp.minimum(least, log)
    total = xp.exp(SMOOTH_MINIMUM_SHARPNESS * least)
    for log in logs:
        total = total + xp.exp(SMOOTH_MINIMUM_SHARPNESS * (least - log))
    return xp.exp(least - xp.log(total) / SMOOTH_MINIMUM_SHARPNESS)


def class_mix(xp: ArrayNamespace, log_weight: Array) -> Array:
    """Shares of the product classes: softmax over the class axis.

    Parameters
    ----------
    log_weight : array (..., class, quarter)

    Returns
    -------
    array (..., class, quarter), summing to one over classes.
    """
    weight = xp.exp(xp.minimum(log_weight, MOST_LOG_WEIGHT))
    return weight / weight.sum(axis=-2, keepdims=True)


def supply(capacity_wafers_per_month: Array) -> Array:
    """Wafers a capacity can process in a quarter: three months of the mean of last and this quarter's end."""
    return MONTHS_PER_QUARTER * 0.5 * (capacity_wafers_per_month + shifted(capacity_wafers_per_month, -1))


def blended_gb_per_wafer(share_of_bits: Array, gb_per_wafer: Array) -> Array:
    """HBM GB that a TSV wafer gives at a mix of generations, (..., quarter).

    Wafers add up, so the blend is the harmonic mean ``1 / sum_g share_g / GB per wafer_g``.

    Parameters
    ----------
    share_of_bits : array (..., generation, quarter), summing to one
    gb_per_wafer : array (..., generation, quarter)
    """
    return 1.0 / (share_of_bits / gb_per_wafer).sum(axis=-2)


def price_with_dram_floor(xp: ArrayNamespace, own: Array, dram_price: Array, ratio: Array) -> Array:
    """HBM price that no maker signs far below what its wafers earn as ordinary DRAM, (..., quarter).

    A smooth maximum of the market's own path and ``ratio`` times DRAM's price of the four quarters before:
    HBM
    is agreed for a year, ahead of it. At a ratio of 3 a wafer earns the same either way, for as HBM it gives
    about a third of the bits; long contracts and prepayments let makers accept less.

    Parameters
    ----------
    own, dram_price : array (..., quarter)
        USD per GB.
    ratio : array (..., 1)
    """
    log = xp.log(dram_price)
    lagged = sum(shifted(log, -lag) for lag in CONTRACT_LAGS) / len(CONTRACT_LAGS)
    excess = FLOOR_SHARPNESS * (lagged + xp.log(ratio) - xp.log(own))
    # The log of 1 + exp(excess) that holds however dear DRAM is: exp(excess) leaves single precision.
    over = xp.maximum(excess, 0.0) + xp.log1p(xp.exp(xp.minimum(excess, -excess)))
    return own * xp.exp(over / FLOOR_SHARPNESS)


def chain(xp: ArrayNamespace, d: Mapping[str, Any], market: Market) -> dict[str, Array]:
    """Carry drivers to every quantity of a market that is not a ratio.

    Parameters
    ----------
    xp : module
        ``numpy`` or ``pytensor.tensor``.
    d : dict
        Drivers, (..., quarter) unless said otherwise: ``server_shipments`` (units/quarter),
        ``hbm_server_penetration`` (fraction wanted), ``accelerators_per_server``, ``other_ai_servers``
        (units/quarter), ``hbm_other_use`` (HBM bits wanted beyond accelerator content, per bit of it),
        ``hbm_base_price_usd_per_gb`` (HBM3 equivalent, before its floor), ``hbm_price_floor_ratio`` (..., 1),
        ``generation_premium``, ``generation_gb_per_wafer`` and ``generation_dies_per_wafer``, those that go
        into stacks (..., generation, quarter),
        ``dram_revenue_ex_hbm_usd``, ``dram_bits_ex_hbm_gb``, ``hbm_tsv_capacity_wafers_per_month``,
        ``hbm_tsv_utilisation`` (..., 1), ``dram_wafer_capacity_wafers_per_month``,
        ``cowos_capacity_tsmc_wafers_per_month``, ``cowos_capacity_others_wafers_per_month``,
        ``nvidia_revenue_per_accelerator_usd``, ``mix_log_weight``, ``class_hbm_gb``, ``class_hbm_stacks``,
        ``class_packages_per_wafer`` (all (..., class, quarter)), ``on_cowos`` (class, quarter),
        ``generation_of_class`` (generation, class, quarter), ``hbm_lead`` and ``cowos_lead`` (tuples of
        (..., 1)) weights of this and later quarters.
    market : Market
        Classes, customers and generations, in the order of the drivers' axes.

    Returns
    -------
    dict of arrays (..., quarter); names with ``{}`` are blocks (..., member, quarter) over `Market.members`.
    """
    wanted_servers = d["server_shipments"] * d["hbm_server_penetration"]
    wanted = wanted_servers * d["accelerators_per_server"]
    mix = class_mix(xp, d["mix_log_weight"])
    wanted_by_class = wanted[..., None, :] * mix
    content_by_class = wanted_by_class * d["class_hbm_gb"]
    content = content_by_class.sum(axis=-2)
    content_by_generation = weighted_sums(xp, content_by_class, d["generation_of_class"])

    # Memory and wafers are bought before the product ships: those of a new class before the class itself.
    bought_by_generation = _lead(xp, d["hbm_lead"], content_by_generation)
    lead_content = bought_by_generation.sum(axis=-2)
    by_generation = bought_by_generation / lead_content[..., None, :]
    # Nobody builds an accelerator with less memory than it has: what is bought is never below its content.
    bits_demand = lead_content * (1.0 + d["hbm_other_use"])
    wafers_at_shipment = wanted_by_class * d["on_cowos"] / d["class_packages_per_wafer"]
    wafers_by_class = _lead(xp, d["cowos_lead"], wafers_at_shipment)
    wafers_demand = wafers_by_class.sum(axis=-2)

    hbm_wafers = supply(d["hbm_tsv_capacity_wafers_per_month"])
    # What is stacked and tested in a quarter was processed in it or in the one before.
    finished_wafers = 0.5 * (hbm_wafers + shifted(hbm_wafers, -1)) * d["hbm_tsv_utilisation"]
    bits_supply = finished_wafers * blended_gb_per_wafer(by_generation, d["generation_gb_per_wafer"])
    dies_per_gb = d["generation_dies_per_wafer"] / d["generation_gb_per_wafer"]
    capacity = d["cowos_capacity_tsmc_wafers_per_month"] + d["cowos_capacity_others_wafers_per_month"]
    wafers_supply = supply(capacity)
    fill = smooth_minimum_ratio(xp, bits_supply / bits_demand, wafers_supply / wafers_demand)

    bits = bits_demand * fill
    dram_price = d["dram_revenue_ex_hbm_usd"] / d["dram_bits_ex_hbm_gb"]
    base_price = price_with_dram_floor(
        xp, d["hbm_base_price_usd_per_gb"], dram_price, d["hbm_price_floor_ratio"]
    )
    price_by_generation = base_price[..., None, :] * d["generation_premium"]
    bits_by_generation = bits[..., None, :] * by_generation
    revenue_by_generation = bits_by_generation * price_by_generation
    revenue = revenue_by_generation.sum(axis=-2)
    shipped_by_class = wanted_by_class * fill[..., None, :]
    wafers = wafers_demand * fill

    wafer_share = wafers_by_class / wafers_demand[..., None, :]
    by_customer = _by_customer(xp, shipped_by_class, market)
    rows = {
        "server_shipments": d["server_shipments"],
        "ai_server_shipments": wanted_servers * fill + d["other_ai_servers"],
        "hbm_server_shipments": wanted_servers * fill,
        "accelerator_demand": wanted,
        "accelerator_shipments": wanted * fill,
        "accelerator_shortfall": wanted - wanted * fill,
        "nvidia_datacenter_revenue_usd": by_customer[..., market.customers.index(REVENUE_CUSTOMER), :]
        * d["nvidia_revenue_per_accelerator_usd"],
        "hbm_stacks": (shipped_by_class * d["class_hbm_stacks"]).sum(axis=-2),
        "hbm_content_gb": content * fill,
        "hbm_bits_demand_gb": bits_demand,
        "hbm_bits_supply_gb": bits_supply,
        "hbm_dies_stacked": bits_supply * (by_generation * dies_per_gb).sum(axis=-2),
        "hbm_bits_gb": bits,
        "hbm_revenue_usd": revenue,
        "hbm_tsv_capacity_wafers_per_month": d["hbm_tsv_capacity_wafers_per_month"],
        "hbm_wafers": hbm_wafers,
        "hbm_wafers_finished": finished_wafers,
        "dram_revenue_ex_hbm_usd": d["dram_revenue_ex_hbm_usd"],
        "dram_bits_ex_hbm_gb": d["dram_bits_ex_hbm_gb"],
        "dram_revenue_usd": d["dram_revenue_ex_hbm_usd"] + revenue,
        "dram_bits_gb": d["dram_bits_ex_hbm_gb"] + bits,
        "dram_wafer_capacity_wafers_per_month": d["dram_wafer_capacity_wafers_per_month"],
        "cowos_wafers_demand": wafers_demand,
        "cowos_wafers_supply": wafers_supply,
        "cowos_wafers": wafers,
        "cowos_capacity_wafers_per_month": capacity,
        "cowos_capacity_tsmc_wafers_per_month": d["cowos_capacity_tsmc_wafers_per_month"],
        "cowos_capacity_others_wafers_per_month": d["cowos_capacity_others_wafers_per_month"],
        "cowos_packages": fill * (wafers_by_class * d["class_packages_per_wafer"]).sum(axis=-2),
    }
    blocks = {
        "accelerator_shipments_{}": by_customer,
        "accelerator_shipments_class_{}": shipped_by_class,
        "hbm_bits_{}_gb": bits_by_generation,
        "hbm_revenue_{}_usd": revenue_by_generation,
        "cowos_wafers_{}": wafers[..., None, :] * _by_customer(xp, wafer_share, market),
    }
    return rows | blocks


def stacked(xp: ArrayNamespace, quantities: Arrays, market: Market) -> Array:
    """Stack the output of `chain` in the order of `Market.row_names`, (..., row, quarter).

    Parameters
    ----------
    xp : module
    quantities : dict
        By name (..., quarter); by the patterns of `Market.members` (..., member, quarter).
    market : Market
    """
    single = [quantities[name][..., None, :] for name in SINGLES]
    return xp.concatenate(single + [quantities[block] for block in market.members], axis=-2)


def _by_customer(xp: ArrayNamespace, by_class: Array, market: Market) -> Array:
    """Add up the classes of each customer, which stand side by side in a market."""
    customers = [c.customer for c in market.classes]
    return group_sums(xp, by_class, [customers.index(name) for name in market.customers])


def _lead(xp: ArrayNamespace, weights: tuple[Array, ...], values: Array) -> Array:
    """Weighted sum of paths (..., member, quarter) over this and later quarters."""
    later = quarters_ahead(xp, values, len(weights))
    return reduce(add, (weight[..., None, :] * path for weight, path in zip(weights, later, strict=True)))
