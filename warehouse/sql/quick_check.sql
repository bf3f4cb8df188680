-- Looks at every page and stops at the first fault; for SQLite.
PRAGMA quick_check(1);
