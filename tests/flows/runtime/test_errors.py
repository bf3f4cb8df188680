"""Reasons in one line: what a disk says is put into words, whoever hands it on."""

import errno
import os

import pytest

from flows.runtime.errors import HbmcastError, one_line


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
        (KeyboardInterrupt(), "stopped from outside"),
    ],
)
def test_a_reason_is_one_plain_line(error: BaseException, said: str):
    line = one_line(error)
    assert line.startswith(said)
    assert "\n" not in line
