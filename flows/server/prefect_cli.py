"""Prefect's own command line, which Ctrl-C ends in one line while it is still being loaded too."""

import sys


def main() -> None:
    """Run it with the arguments of this process."""
    try:
        from prefect.cli import app

        app()
    except KeyboardInterrupt:
        print("hbmcast: interrupted", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
