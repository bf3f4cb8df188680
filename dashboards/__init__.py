"""Read-only views on a finished run: plot functions, tables and the nightly self-contained report."""
