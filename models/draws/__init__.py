"""Joint draws, their summaries, and the gate."""
