"""`make bench`: every benchmark in one run. `--runs N` sets how often each is measured."""

from __future__ import annotations

import argparse

from benchmarks import startup, table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    startup.run(runs)
    table.run(runs)


if __name__ == "__main__":
    main()
