"""Where a fault that stops nothing is written with its traceback."""

import logging
import sys
from logging import Logger, LoggerAdapter


def run_logger() -> "Logger | LoggerAdapter[Logger]":
    """Return Prefect's logger of this run, so that its page shows what is logged; else the standard one.

    Prefect is not imported for its sake: that would set up logging anew, and a run has imported it.
    """
    if "prefect" in sys.modules:
        from prefect import get_run_logger
        from prefect.exceptions import MissingContextError

        try:
            return get_run_logger()
        except MissingContextError:
            pass
    return logging.getLogger("flows")
