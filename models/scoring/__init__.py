"""How good the forecast is, and its rivals."""
