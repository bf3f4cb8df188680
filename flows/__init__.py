"""Order, retries, schedule and log of the nightly forecast, and the command line. No arithmetic, no SQL."""
