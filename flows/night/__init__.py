"""One night: ingest, fit, simulate, check, publish, report."""
