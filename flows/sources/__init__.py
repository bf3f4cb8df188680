"""Readers of the outside world: the evidence folder, and feeds on the network."""
