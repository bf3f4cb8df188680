"""Kill nights, run a year of them, or fill their disk: `python -m tests.endurance kill|soak|full`."""

import argparse
import tempfile
from datetime import datetime, timedelta
from pathlib import Path


def main() -> None:
    """Run what was asked for, and print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("kill", "soak", "full"))
    parser.add_argument("--n", type=int, help="instants, or nights; by default 500, or 365")
    parser.add_argument("--until", help="hour at which to stop in any case, as 11:40")
    parser.add_argument("--place", type=Path, help="folder to work in; by default one that goes afterwards")
    parser.add_argument("--follow", type=int, default=8, help="run the next night in every so many copies")
    parser.add_argument("--light", action="store_true", help="soak in nights that hold little")
    parser.add_argument("--real", action="store_true", help="kill nights of the synthetic world")
    parser.add_argument("--seed", type=int, default=0, help="kill at other instants")
    options = parser.parse_args()
    until = float("inf")
    if options.until:
        hour, now = datetime.strptime(options.until, "%H:%M"), datetime.now()
        stop = now.replace(hour=hour.hour, minute=hour.minute, second=0)
        # An hour that is over is that of tomorrow.
        until = (stop if stop > now else stop + timedelta(days=1)).timestamp()
    with tempfile.TemporaryDirectory() as folder:
        place = options.place or Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        if options.what == "kill":
            from tests.endurance import killed

            halts, reader = killed.run(
                place, options.n or 500, options.follow, until=until, seed=options.seed, real=options.real
            )
            print(killed.table(halts, reader))
            print(*[halt for halt in halts if halt.faults], *reader.faults[:10], sep="\n")
        elif options.what == "full":
            from tests.endurance import filled

            nights = filled.run(place)
            print(filled.table(nights))
        else:
            from tests.endurance import soak

            print(soak.table(*soak.run(place, options.n or 365, options.light, until=until)))


if __name__ == "__main__":
    main()
