"""What can go wrong with the warehouse, each with a message that says how to mend it."""


def first_line(error: BaseException) -> str:
    """Return the first line of what an error says, or its type where it says nothing."""
    return (str(error).splitlines() or [type(error).__name__])[0]


class WarehouseError(RuntimeError):
    """Base of every error of the warehouse."""


class WarehouseMissing(WarehouseError):
    """There is no published file in the state folder."""


class WarehouseLocked(WarehouseError):
    """Another process holds the file open for writing, or is publishing."""


class WarehouseUnreadable(WarehouseError):
    """The file is not a DuckDB file, or is damaged."""


class WarehouseTooNew(WarehouseError):
    """The file or the state folder was written by a newer version."""


class IngestError(WarehouseError):
    """A frame of evidence can't be taken in as it is."""


class PublishError(WarehouseError):
    """A new file could not be built; the published one is untouched."""


class CheckFailed(PublishError):
    """A check found offending rows.

    Parameters
    ----------
    failures : list of warehouse.checker.CheckResult
        The checks that failed, each with its offending rows.
    """

    def __init__(self, failures: list) -> None:
        self.failures = failures
        super().__init__("; ".join(f"check {f.name} failed: {f.describe()}" for f in failures))
