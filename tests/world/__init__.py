"""A tiny synthetic world with known truth: what its publications say follows from the model itself."""
