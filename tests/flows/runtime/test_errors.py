"""Reasons in one line: what a disk says is put into words, whoever hands it on."""

import errno
import os

import pytest

from flows.runtime.errors import HbmcastError, RunRefused, may_pass, one_line
from warehouse.errors import PublishError, WarehouseError, WarehouseLocked


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "x.nc"), "the disk is full"),
        # As HDF5 and Arrow hand it on: without its number.
        (
            OSError("Can't write data (errno = 28, error message = 'No space left on device')"),
            "the disk is full",
        ),
        (OSError(errno.EROFS, os.strerror(errno.EROFS), "lock"), "the disk can only be read"),
        (OSError(errno.EIO, os.strerror(errno.EIO)), "the disk fails"),
        (OSError(errno.ENOENT, os.strerror(errno.ENOENT), "gone"), "FileNotFoundError"),
        (HbmcastError("no figures", "Give some"), "no figures. Give some"),
        (PublishError("r1: no file of draws"), "r1: no file of draws"),
        (RuntimeError("r1"), "RuntimeError: r1"),
        (KeyboardInterrupt(), "stopped from outside"),
    ],
)
def test_a_reason_is_one_plain_line(error: BaseException, said: str):
    line = one_line(error)
    assert line.startswith(said)
    assert "\n" not in line


def test_what_is_busy_may_pass_and_what_is_refused_will_not():
    assert may_pass(WarehouseLocked("another process is publishing"))
    assert may_pass(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    for error in (WarehouseError("old"), PublishError("no file"), RunRefused("gate"), ValueError("a slip")):
        assert not may_pass(error), error
