"""Times the building of haystacks, token counts included, and measures how repetitive they are.

    python benchmarks/build_samples.py [runs]

Each build has another key, sixteen needles and their values and names to keep out of the filler, as a task would ask.
Imports are timed apart, in fresh processes. Times are the median of `runs` (5) and depend on the machine and its load.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1]))

from harness.contexts import Haystack, Kind, Needle, Stream, build_haystack, names, record_line, reference_counter

ROOT = Path(__file__).parents[1]
LENGTHS = {"1k": 1 << 10, "4k": 1 << 12, "32k": 1 << 15, "128k": 1 << 17, "1M": 1 << 20}
KINDS: tuple[Kind, ...] = ("prose", "records")


def build(kind: Kind, length: int, run: int) -> Haystack:
    stream = Stream("build_samples", run)
    people = names(stream, 16)
    needles = []
    for i, name in enumerate(people):
        value = str(stream.between(1_000_000, 9_999_999))
        line = record_line(name, "access code", value, stream)
        text = line if kind == "records" else f"The access code of {name} is {value}."
        needles.append(Needle(text=text, value=value, depth=(i + 0.5) / 16))
    return build_haystack(kind, needles, length, reference_counter(), ("build_samples", run), avoid=people)


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def import_seconds() -> float:
    command = [sys.executable, "-c", "import harness.contexts"]
    bare = [sys.executable, "-c", ""]
    return seconds(lambda: subprocess.run(command, cwd=ROOT, check=True)) - seconds(
        lambda: subprocess.run(bare, cwd=ROOT, check=True)
    )


def quality(kind: Kind, text: str) -> str:
    pieces = re.split(r"(?<=[.?])\s+", text) if kind == "prose" else text.split("\n")
    words = text.split()
    grams = Counter(zip(*(words[i:] for i in range(8)), strict=False))
    unique = len(set(pieces)) / len(pieces)
    repeated = 1 - len(grams) / sum(grams.values())
    data = text.encode()
    return f"{unique:>9.3%}{repeated:>8.2%}{len(zlib.compress(data)) / len(data):>7.3f}"


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print(f"{runs} runs, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, Python {sys.version.split()[0]}")
    print(f"import harness.contexts: {median(import_seconds() for _ in range(runs)):.2f} s")
    print(f"first prose haystack of a process, 1k: {seconds(lambda: build('prose', 1024, 0)):.3f} s\n")
    print("kind      length  build s  count s    fill ch/tok   unique   dup 8   zlib")
    for kind in KINDS:
        for name, length in LENGTHS.items():
            spent = median(seconds(lambda k=kind, n=length, i=i: build(k, n, i)) for i in range(runs))
            stack = build(kind, length, 0)
            counting = seconds(lambda s=stack: reference_counter().count(s.text))
            figures = f"{stack.fill_ratio:>8.2%}{len(stack.text) / stack.tokens:>7.2f}{quality(kind, stack.text)}"
            print(f"{kind:<9}{name:>7}{spent:>9.4f}{counting:>9.4f}{figures}")


if __name__ == "__main__":
    main()
