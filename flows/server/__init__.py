"""The schedule, Prefect's servers, and a run started by hand."""
