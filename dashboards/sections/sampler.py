"""Sampler checks: rank, trace, energy and ESS of the parameters that mix slowest."""

from functools import partial

from dashboards.blocks import Block, Section, section_block
from dashboards.chart_cache import Gallery
from dashboards.frames import ReportFrames
from dashboards.style import N_SLOWEST, Provenance


def sampler_section(frames: ReportFrames, gallery: Gallery) -> Section:
    """Make the section of the sampler checks."""
    # The posterior itself is only read where its charts are not kept.
    known = [frames.posterior_id] if frames.posterior_id else []
    texts = [f"The {N_SLOWEST} parameters that mix slowest are drawn; all others have a higher bulk ESS."]
    if frames.posterior_is_weighted:
        texts.append(
            "Tonight's posterior is the last one that was sampled, its draws weighted by the figures that "
            "changed: these checks are of that one, and the gate says how far the weights can be trusted."
        )
    return section_block(
        "sampler", "Sampler checks", gallery.blocks("sampler", partial(_drawn, frames), *known), *texts
    )


def _drawn(frames: ReportFrames, provenance: Provenance) -> list[Block]:
    # ArviZ takes seconds to load, and an unchanged night draws nothing with it.
    from dashboards.sampler_charts import sampler_blocks

    return sampler_blocks(frames.posterior(), provenance)
