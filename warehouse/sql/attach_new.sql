-- v1.0.0 is the oldest storage version that DuckDB 2 writes: every 1.x client reads it.
ATTACH {{path}} AS {{catalog}} (STORAGE_VERSION 'v1.0.0');
