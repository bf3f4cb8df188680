"""Words that everything shares: quantities, periods, units, systems."""
