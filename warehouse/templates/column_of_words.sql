{{column}} {{type}} NOT NULL CHECK ({{column}} IN ({{words}}))
