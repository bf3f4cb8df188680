"""`hbmcast claim`: how likely a claim is now, in every run that is kept, and what was published about it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.formats import chosen_format, write_parts
from flows.commands.options import FormatOption, OutputOption, QuietOption, StateOption
from flows.commands.output import note
from flows.commands.staleness import note_staleness
from flows.runtime.errors import HbmcastError
from flows.runtime.preparation import check_state
from flows.runtime.settings import state_folder

if TYPE_CHECKING:
    import pandas as pd

    from models.draws.claims import Claim


def claim(
    text: Annotated[
        str,
        typer.Argument(
            help='As "hbm_revenue_usd 2027 > 100e9", or "hbm_price_usd_per_gb 2027 < 0.9 * '
            'hbm_price_usd_per_gb 2026 and hbm_bits_gb 2027 > 4bn".'
        ),
    ],
    format: FormatOption = None,
    output: OutputOption = None,
    quiet: QuietOption = False,
    state: StateOption = None,
) -> None:
    """Say how likely a claim is: now, in every kept run, and which published figures speak of it.

    A quantity stands before its period; `hbmcast sql "FROM quantities"` lists them. Series of systems go by
    their name, as equipment/tcb/usd/total. Of runs whose draws are gone the 200 frozen ones answer.
    """
    from models.draws.claims import ClaimError, parse_claim

    chosen = chosen_format(format, output)
    folder = state_folder(state)
    check_state(folder)
    try:
        asked = parse_claim(text)
    except ClaimError as error:
        raise HbmcastError(str(error), "hbmcast claim --help says how claims are written") from error
    kept = in_kept_runs(folder, asked)
    if kept.empty or not kept["served"].iloc[0]:
        from warehouse.joint import what_is_wrong

        wrong = [line for operand in asked.operands if (line := what_is_wrong(folder, *operand))]
        raise HbmcastError("; ".join(wrong) or "no draws of all that the claim names are kept")
    now = kept.iloc[0]
    parts = {"probability": kept, "figures": figures_of(folder, asked)}
    if chosen == "table" and output is None:
        print(f"P({asked.text}) = {now['probability']:.3g}, Monte Carlo error {now['mcse']:.1g}")
    write_parts({name: part for name, part in parts.items() if len(part)}, chosen, output)
    if parts["figures"].empty:
        note("no published figure is about the level of what the claim names")
    note_staleness(folder, topics=True)


def in_kept_runs(folder: Path, asked: "Claim") -> "pd.DataFrame":
    """Probability of a claim in every published run of which draws are kept, the run served first."""
    import pandas as pd

    from models.draws.claims import probability_of
    from warehouse.joint import joint_values, published_runs

    quantities, periods = (list(dict.fromkeys(names)) for names in zip(*asked.operands, strict=True))
    rows = []
    for run in published_runs(folder).to_dict("records"):
        draws = joint_values(folder, run["run_id"], quantities, periods)
        if len(draws) and set(asked.operands) <= set(draws.columns):
            found = probability_of(asked, {operand: draws[operand].to_numpy() for operand in asked.operands})
            rows.append(
                {
                    "as_of": run["as_of"].date(),
                    "served": run["served"],
                    **found._asdict(),
                    "run_id": run["run_id"],
                }
            )
    return pd.DataFrame(rows)


def figures_of(folder: Path, asked: "Claim") -> "pd.DataFrame":
    """Read the published figures about what a claim names, and whether each agrees where it can be said."""
    import pandas as pd

    from models.draws.claims import says_so
    from warehouse.joint import figures_about

    found = []
    for quantity, period in asked.operands:
        rows = figures_about(folder, quantity, period)
        agrees = [says_so(asked, value) for value in rows["value"]]
        found.append(rows.assign(quantity=quantity, period=period, says_so=pd.array(agrees, dtype="boolean")))
    whole = pd.concat(found, ignore_index=True)
    shown = [
        "publisher",
        "published_on",
        "quantity",
        "period",
        "value",
        "unit",
        "says_so",
        "kind",
        "used",
        "figure_id",
        "url",
    ]
    return whole[shown]
