"""The catalogues of the systems: what names a row of each, and from when it counts as known.

Their columns stand in schema_systems.sql; their views, and the comments on what every table of evidence has,
come from one template.
"""

from typing import NamedTuple

from warehouse.statements import identifier, identifiers, statement


class Catalogue(NamedTuple):
    """One table of evidence of the systems.

    Parameters
    ----------
    keys : tuple of str
        Columns that name a row together.
    known : str
        Column with the printed date from which a row counts as known; empty where rows carry none.
    """

    keys: tuple[str, ...]
    known: str = ""


CATALOGUES: dict[str, Catalogue] = {
    "process": Catalogue(("step", "known_since"), "known_since"),
    "materials": Catalogue(("material", "part", "form", "known_since"), "known_since"),
    "system_evidence": Catalogue(("metric", "entity", "segment", "system", "item", "measure")),
    "suppliers": Catalogue(("supplier", "known_since"), "known_since"),
    "server_content": Catalogue(("server", "component", "known_since"), "known_since"),
    "cowos_variants": Catalogue(("class", "known_since"), "known_since"),
    "supply_chain": Catalogue(
        ("company_en", "segment", "process_step", "product", "known_since"), "known_since"
    ),
    "scenario_shocks": Catalogue(("scenario", "driver", "operation", "from_quarter")),
    "report_findings": Catalogue(("finding_id",)),
}
# Evidence by another name than its table: the table `scenarios` holds what came of the shocks.
_TABLES = {"scenarios": "scenario_shocks"}
_NAMES = {table: name for name, table in _TABLES.items()}


def table_of(name: str) -> str:
    """Return the table that holds the rows of `name`.csv."""
    return _TABLES.get(name, name)


def name_of(table: str) -> str:
    """Return the name of the file whose rows a table holds, without its ending."""
    return _NAMES.get(table, table)


def catalogue_views() -> str:
    """Return the SQL of the views of current rows; the tables and `effective_date` must be there."""
    return "\n".join(
        statement(
            "sql/catalogue_view",
            table=identifier(table),
            view=identifier(f"{table}_current"),
            keys=identifiers(list(catalogue.keys)),
            known=identifier(catalogue.known) if catalogue.known else "NULL",
        )
        for table, catalogue in CATALOGUES.items()
    )
