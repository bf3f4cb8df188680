"""Pure functions: periods, mapping, the chain, the observation model, the posterior, the simulator."""
