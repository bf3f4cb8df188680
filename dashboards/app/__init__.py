"""The review app: a marimo notebook on 127.0.0.1 that reads, and hands notes to who may write them."""
