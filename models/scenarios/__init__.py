"""What-if: the same draws with a shock."""
