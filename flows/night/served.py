"""The posterior of the forecast served, as commands ask for it."""

from typing import TYPE_CHECKING

from flows.night.posterior import load_fit
from flows.runtime.errors import HbmcastError
from flows.runtime.settings import Settings
from models.evidence.assumptions import MissingAssumption

if TYPE_CHECKING:
    from models.evidence.evidence import Evidence
    from models.inference.fit import Fit


def served_fit(
    settings: Settings, for_as_of: bool = False, fit_missing: bool = True
) -> "tuple[Fit, Evidence]":
    """Load it with the evidence of its day, as `flows.night.posterior.load_fit` does.

    Parameters
    ----------
    settings : Settings
    for_as_of, fit_missing : bool
        As there.

    Raises
    ------
    HbmcastError
        What `load_fit` raises; or the evidence was taken in by an hbmcast that needed less of it.
    """
    try:
        return load_fit(settings, for_as_of, fit_missing)
    except MissingAssumption as error:
        raise HbmcastError(
            f"the evidence in {settings.state} has no assumption {error.name}: another version took it in",
            "Run `hbmcast nightly`",
        ) from error
