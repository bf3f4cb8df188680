"""One night: ingest, fit, simulate, check, news, publish, report."""
