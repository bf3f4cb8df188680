"""The equations, once, and what drives them."""
