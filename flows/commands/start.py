"""Where `hbmcast` begins: Ctrl-C ends it in one line from here on, while its modules are still loaded too."""

import signal
import sys

# Until `main` has taken over, while what follows is loaded, Ctrl-C ends the command as it ends any other.
if __name__ == "__main__" or sys.argv[0].endswith("/hbmcast"):
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import atexit
import os
from types import FrameType
from typing import TextIO

INTERRUPTED = 130
# A night swaps in a new database while readers have the old one open; Windows refuses that.
ONLY_IN_WSL = (
    "hbmcast: runs on Linux and macOS, and on Windows in WSL. In PowerShell: wsl --install; "
    "then clone and run it in the shell of WSL (docs/howto/platforms.md)"
)
_pressed = False


def main() -> None:
    """Run the command line."""
    if os.name == "nt":
        sys.exit(ONLY_IN_WSL)
    signal.signal(signal.SIGINT, _interrupt)
    # What is registered first runs last.
    atexit.register(_end_quietly)
    try:
        from flows.commands.cli import run

        code = run()
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader (head, less) went away; that is no fault.
        _no_more(sys.stdout)
        code = 0
    except BaseException as error:
        # Libraries make errors of their own of an interruption.
        if not (_pressed or isinstance(error, KeyboardInterrupt)):
            raise
        code = INTERRUPTED
    if _pressed:
        code = INTERRUPTED
        print("hbmcast: interrupted", file=sys.stderr)
    sys.exit(code)


def _no_more(stream: TextIO) -> None:
    """Let what is still to be written vanish: the interpreter flushes its streams at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _end_quietly() -> None:
    """Let what libraries say while the interpreter is taken down vanish: all that is ours has been said.

    Prefect's background threads keep modules alive to the end, and DuckDB's binding then lists its own types
    as leaked, in forty lines below a night's result.
    """
    sys.stderr.flush()
    _no_more(sys.stderr)


def _interrupt(number: int, frame: FrameType | None) -> None:
    global _pressed
    _pressed = True
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
