"""Errors a person can act on: what is wrong, and how to mend it."""

import errno

from warehouse.errors import WarehouseError, WarehouseLocked

# What a disk that takes nothing more says, by its number or where a library hands on only its words.
_OF_DISK = (
    ({errno.ENOSPC, errno.EDQUOT, errno.EFBIG}, "No space left", "the disk is full", "Make room"),
    ({errno.EROFS}, "Read-only file system", "the disk can only be read", "Make it writable"),
    ({errno.EIO}, "Input/output error", "the disk fails", "Look at the disk"),
)


class HbmcastError(Exception):
    """A failure with a one-line reason and a remedy.

    Parameters
    ----------
    reason : str
        What is wrong, in one line.
    remedy : str
        What to do about it; may be empty where nothing can be done.
    """

    def __init__(self, reason: str, remedy: str = "") -> None:
        super().__init__(reason, remedy)
        self.reason = reason
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.reason}. {self.remedy}" if self.remedy else self.reason


class StateError(HbmcastError):
    """The state folder can't be used as it is."""


class RunRefused(HbmcastError):
    """The gate or a check refused the run; the same run again would be refused again."""


class SourceError(HbmcastError):
    """A source of figures can't be read."""


def one_line(error: BaseException) -> str:
    """Return the reason of any error as one line, with its type where it is not one of ours."""
    text = " ".join(str(error).split())
    if isinstance(error, OSError):
        for numbers, words, reason, remedy in _OF_DISK:
            if error.errno in numbers or words in text:
                return f"{reason} ({text}). {remedy}, then run again"
    if not isinstance(error, Exception):
        return f"stopped from outside ({text or type(error).__name__})"
    # They already say what to do.
    if isinstance(error, HbmcastError | WarehouseError):
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def may_pass(error: BaseException) -> bool:
    """Say whether the same thing tried again may work: a busy file or disk may, a refusal will not."""
    if isinstance(error, WarehouseError):
        return isinstance(error, WarehouseLocked)
    return not isinstance(
        error, HbmcastError | ImportError | TypeError | ValueError | KeyError | AttributeError
    )
