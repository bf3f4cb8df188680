"""How far each publisher stands from the rest, always with the number of figures behind it."""

from typing import Final

from dashboards import grammar
from dashboards.blocks import ChartBlock, NothingBlock, Section, section_block
from dashboards.chart_cache import Gallery
from dashboards.frames import ReportFrames

MOST_ROWS = 45
LOOK: Final = (
    "Look at blue: there the figures say that the publisher prints higher (right) or lower than the rest."
)


def publishers_section(frames: ReportFrames, _gallery: Gallery) -> Section:
    """Make the section of the publishers' biases."""
    return section_block("publishers", "Publisher bias", [publisher_bias_chart(frames)])


def publisher_bias_chart(frames: ReportFrames) -> ChartBlock | NothingBlock:
    """Make the chart of each publisher's bias with its 90 % interval and n.

    Parameters
    ----------
    frames : dashboards.frames.ReportFrames
        Its publisher_bias: ``publisher, topic, n, p05, p50, p95``, on the log (shares: logit) scale;
        positive: publishes above what the other figures say.

    Returns
    -------
    ChartBlock or NothingBlock
        The publishers with most figures; the foot says how many are left out.
    """
    title, bias = "Publisher bias", frames.publisher_bias
    if bias.empty:
        return grammar.nothing_block(title, "no publisher bias stored for this run")
    ordered = bias.sort_values(["n", "publisher"], ascending=[False, True])
    rows = ordered.head(MOST_ROWS).reset_index(drop=True)
    clear = (rows["p05"] > 0) | (rows["p95"] < 0)
    topics = rows["topic"].fillna("").astype(str)
    names = rows["publisher"].astype(str) + topics.where(topics.eq(""), " · " + topics)
    labels = [f"{name} (n={n})" for name, n in zip(names, rows["n"], strict=True)]
    marks = [
        {"type": "rule", "key": "zero", "name": "no bias", "at": 0.0, "dash": ""},
        grammar.interval("bias", "bias", list(range(len(rows))), rows, 0.01,
                         colours=["blue" if one else "grey" for one in clear]),
    ]  # fmt: skip
    x = grammar.value_axis([*marks[1]["p05"], *marks[1]["p95"]], zero=False, signed=True)
    x["label"] = "log points x 100 (about %); right of zero: prints higher than the others imply"
    note = "Shrunk towards zero: with few figures a bias can't be told from chance. Shares: logit points."
    if len(ordered) > len(rows):
        note += f" {len(ordered) - len(rows)} publishers with fewer figures not shown."
    foot = grammar.footline(frames.provenance, "log points x 100 (about %)", "90 %", note=note)
    one = grammar.panel("", x, grammar.rows_axis(labels), marks)
    return grammar.chart_block("publisher-bias", title, LOOK, [one], foot, "log points x 100")
