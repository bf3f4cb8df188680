"""Names of the forecast and of the opponents that it is scored against."""

OURSELVES = "hbmcast"
"""Our own forecast; as a publisher, of figures that are a judgement of this collection."""
LATEST, MEDIAN, REPORT = "latest figure", "street median", "report January 2024"
NO_CHANGE, GROWTH_PERSISTS = "no change", "growth persistence"
RIVALS = (LATEST, MEDIAN, NO_CHANGE, GROWTH_PERSISTS, REPORT)
"""Those that are not single publishers."""
NOBODY = "none"
"""Stands for no opponent: the coverage of all our forecasts."""
ALL_SYSTEMS, SLASH = "all systems", "/"
"""Quantity of the scoreboard's rows over all systems, and what a series of a system has in its name."""
PUBLISHER_PREFIX = "publisher: "
MEDIAN_DAYS = 365
"""The street's median is over figures of so many days."""
