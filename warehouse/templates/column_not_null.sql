{{column}} {{type}} NOT NULL
