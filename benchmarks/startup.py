"""Times `--help` of this harness and of its peers, in turn, in one run.

The peers live in environments of their own; name their commands:

    python benchmarks/startup.py                                  # this harness alone
    python benchmarks/startup.py /peers/bin/lm-eval /peers/bin/inspect
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

RUNS = 7


def main(peers: list[str]) -> None:
    """Print the median, least and largest wall time of each command, all commands taking turns."""
    commands = [str(Path(sys.executable).with_name("harness")), *peers]
    seconds: dict[str, list[float]] = {command: [] for command in commands}
    for turn in range(RUNS + 1):
        for command in commands:
            started = time.perf_counter()
            subprocess.run([command, "--help"], check=True, capture_output=True)
            if turn:  # the first turn warms the disk cache
                seconds[command].append(time.perf_counter() - started)
    for command, taken in seconds.items():
        median = statistics.median(taken)
        spread = f"{min(taken):.2f} to {max(taken):.2f}, n = {RUNS}"
        print(f"{Path(command).name:<10} --help  median {median:.2f} s  ({spread})")


if __name__ == "__main__":
    main(sys.argv[1:])
