"""What the market is made of: product classes, their customers, HBM generations; data, not code.

One `Market` is read from data/product_classes.csv and data/hbm_generations.csv, and gives the names and the
order of everything that has a row per class, customer or generation. Whoever needs them is handed the market.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Final

import pandas as pd

from models.vocabulary.quantities import SINGLES, quantities_of
from models.vocabulary.quantity import Quantity

YES, NO = "yes", "no"
CLASS_TABLE, GENERATION_TABLE = "product_classes", "hbm_generations"
WORD_SEPARATOR = ";"
REVENUE_CUSTOMER = "nvidia"
"""The customer whose data-centre revenue the chain computes: every market has it."""
BLOCKS: Final = {
    "accelerator_shipments_{}": "customers",
    "accelerator_shipments_class_{}": "class_names",
    "hbm_bits_{}_gb": "generation_names",
    "hbm_revenue_{}_usd": "generation_names",
    "cowos_wafers_{}": "customers",
}
"""Rows of the chain by member: pattern of their names to the attribute of `Market` that lists the members."""


@dataclass(frozen=True)
class AcceleratorClass:
    """A product class of the accelerator mix.

    Attributes
    ----------
    name : str
    family : str
        Classes of a family succeed one another.
    customer : str
        Groups shipments and CoWoS wafers.
    on_cowos : bool
        False where the packages are made outside the CoWoS supply.
    """

    name: str
    family: str
    customer: str
    on_cowos: bool = True


@dataclass(frozen=True)
class Generation:
    """A generation of HBM.

    Attributes
    ----------
    name : str
    words : tuple of str
        What products call it, in capitals: HBM2 counts as hbm2e.
    milestones : tuple of str
        What the segments of makers' milestones about it begin with.
    premium : str
        Assumption about its price per GB over that of the generation that measures prices; empty for that
        generation itself.
    """

    name: str
    words: tuple[str, ...]
    milestones: tuple[str, ...]
    premium: str = ""


@dataclass(frozen=True)
class Market:
    """Product classes and HBM generations, in the order of every array that has an axis of them.

    Classes of a family stand side by side in the order in which they succeed one another, and so do the
    classes of a customer.
    """

    classes: tuple[AcceleratorClass, ...]
    generations: tuple[Generation, ...]

    @cached_property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes."""
        return tuple(c.name for c in self.classes)

    @cached_property
    def customers(self) -> tuple[str, ...]:
        """Customers, in the order of their first class."""
        return tuple(dict.fromkeys(c.customer for c in self.classes))

    @cached_property
    def cowos_customers(self) -> tuple[str, ...]:
        """Customers with a class on CoWoS."""
        return tuple(dict.fromkeys(c.customer for c in self.classes if c.on_cowos))

    @cached_property
    def generation_names(self) -> tuple[str, ...]:
        """Names of the generations, oldest first."""
        return tuple(g.name for g in self.generations)

    @cached_property
    def premiums(self) -> tuple[str, ...]:
        """Assumptions about the generations' premiums."""
        return tuple(dict.fromkeys(g.premium for g in self.generations if g.premium))

    @cached_property
    def generation_of(self) -> dict[str, str]:
        """Word of a product, in capitals, to the name of its generation."""
        return {word: g.name for g in self.generations for word in g.words}

    @cached_property
    def generation_of_milestone(self) -> dict[str, str]:
        """Beginning of a milestone's segment to the name of its generation, longest beginnings first."""
        starts = [(start, g.name) for g in self.generations for start in g.milestones]
        return dict(sorted(starts, key=lambda pair: -len(pair[0])))

    @cached_property
    def quantities(self) -> tuple[Quantity, ...]:
        """Every published quantity."""
        return quantities_of(self.class_names, self.customers, self.cowos_customers, self.generation_names)

    @cached_property
    def by_name(self) -> dict[str, Quantity]:
        """Published quantities by name."""
        return {q.name: q for q in self.quantities}

    @cached_property
    def members(self) -> dict[str, tuple[str, ...]]:
        """Members of each block of rows that the chain computes, by the pattern of their names."""
        return {block: getattr(self, attribute) for block, attribute in BLOCKS.items()}

    @cached_property
    def row_names(self) -> tuple[str, ...]:
        """Names of the chain's rows, in the order of `models.chain.equations.stacked`."""
        return SINGLES + tuple(block.format(m) for block, members in self.members.items() for m in members)


def read_market(product_classes: pd.DataFrame, hbm_generations: pd.DataFrame) -> Market:
    """Make the market from its two tables, whatever the order of their rows.

    Parameters
    ----------
    product_classes : DataFrame
        Columns ``class, family, position, customer, on_cowos``. A customer's families, and a family's
        classes, stand side by side, each in the order of its lowest position.
    hbm_generations : DataFrame
        Columns ``generation, position, words, milestones, premium``.

    Returns
    -------
    Market
    """
    rows = product_classes.assign(position=pd.to_numeric(product_classes["position"]))
    for group in ("customer", "family"):
        rows[f"{group}_position"] = rows.groupby(group)["position"].transform("min")
    rows = rows.sort_values(["customer_position", "family_position", "position"])
    classes = tuple(
        AcceleratorClass(name, family, customer, on_cowos == YES)
        for name, family, customer, on_cowos in zip(
            *(rows[column].astype(str) for column in ("class", "family", "customer", "on_cowos")), strict=True
        )
    )
    table = hbm_generations.assign(position=pd.to_numeric(hbm_generations["position"]))
    generations = tuple(
        Generation(
            str(row["generation"]),
            tuple(word.upper() for word in words_of(row["words"])),
            words_of(row["milestones"]),
            str(row["premium"]),
        )
        for row in table.sort_values("position").to_dict("records")
    )
    return Market(classes, generations)


def words_of(cell: str) -> tuple[str, ...]:
    """Read the words of a cell, semicolons between them."""
    return tuple(word.strip() for word in str(cell).split(WORD_SEPARATOR) if word.strip())


def market_of(evidence: Mapping[str, pd.DataFrame]) -> Market:
    """Make the market that evidence describes.

    Raises
    ------
    KeyError
        The evidence is of before product classes and generations were data.
    """
    for name in (CLASS_TABLE, GENERATION_TABLE):
        if name not in evidence or evidence[name].empty:
            raise KeyError(f"the evidence has no {name}: take {name}.csv in with the next nightly run")
    return read_market(evidence[CLASS_TABLE], evidence[GENERATION_TABLE])


def quantity_frame(market: Market) -> pd.DataFrame:
    """Table of the published quantities, one row each, as the warehouse publishes it."""
    return pd.DataFrame([asdict(q) for q in market.quantities]).rename(columns={"name": "quantity"})
