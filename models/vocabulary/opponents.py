"""Names of the opponents that the forecast is scored against."""

LATEST, MEDIAN, REPORT = "latest figure", "street median", "report January 2024"
NO_CHANGE, GROWTH_PERSISTS = "no change", "growth persistence"
RIVALS = (LATEST, MEDIAN, NO_CHANGE, GROWTH_PERSISTS, REPORT)
"""Those that are not single publishers."""
PUBLISHER_PREFIX = "publisher: "
