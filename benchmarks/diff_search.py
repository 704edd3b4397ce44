"""What the search of `harness diff` for undeclared classes of requests finds where the truth is known.

    python benchmarks/diff_search.py [--draws 400] [--repeats 2] [--noise 0.05] [--only none uniform …]

Simulated replies, no model. 300 requests with five columns: three features, four languages, three plans, a tier of 0 to
8 (cut at its quartiles) and three lengths. A reply is another text with probability `noise`, never the same twice.
`none`: the candidate has the baseline's answers. `uneven`: so, and one feature has five times the noise.
`uniform`: it has another answer to 30 % of the requests, wherever they are. `shared`: nothing changed, contexts of one
to five requests whose noise comes and goes as a whole. `uniform-shared`: contexts change as a whole. `planted`: another
answer to 40 % of the requests with language `de` and plan `pro`, 1/12 of all; `planted-over`: these 40 % on top of 5 %
everywhere. A class found is near the planted one if one of the two is a refinement of the other. Intervals are
Clopper-Pearson, 95 %.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from harness.diff.pairing import Item
from harness.diff.replies import NOT_JSON, Read
from harness.diff.search import Search, search
from harness.stats import clopper_pearson

PLANTED = {"language=de", "plan=pro"}
REQUESTS = 300
CASES = ("none", "uneven", "uniform", "shared", "uniform-shared", "planted", "planted-over")
SHARE = {"uniform": 0.3, "uniform-shared": 0.3, "planted-over": 0.05}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=400)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--noise", type=float, default=0.05)
    parser.add_argument("--only", nargs="*", default=CASES, choices=CASES)
    arguments = parser.parse_args()
    print("| case | anything found | first is planted | first is near it | others too | classes | seconds a search |")
    print("|---" * 7 + "|")
    for case in arguments.only:
        started = time.perf_counter()
        found = [
            search(_items(case, arguments, np.random.default_rng([seed, 3])), 0) for seed in range(arguments.draws)
        ]
        print(_line(case, found, (time.perf_counter() - started) / arguments.draws), flush=True)


def _line(case: str, found: list[Search], seconds: float) -> str:
    firsts = [set(each.found[0].conditions) for each in found if each.found]
    n = len(found)
    cells = [_share(len(firsts), n), "", "", ""]
    if case.startswith("planted"):
        near = sum(first <= PLANTED or first >= PLANTED for first in firsts)
        cells[1:] = [_share(firsts.count(PLANTED), n), _share(near, n), _share(_several(found), n)]
    return f"| {case} | {' | '.join(cells)} | {np.mean([each.classes for each in found]):.0f} | {seconds:.2f} |"


def _several(found: list[Search]) -> int:
    return sum(len(each.found) > 1 for each in found)


def _share(count: int, n: int) -> str:
    low, high = clopper_pearson(count, n)
    return f"{100 * count / n:.1f} [{100 * low:.1f}, {100 * high:.1f}]"


def _items(case: str, told: argparse.Namespace, rng: np.random.Generator) -> list[Item]:
    columns = {
        "feature": rng.choice(["chat", "extract", "summary"], REQUESTS),
        "language": rng.choice(["en", "de", "fr", "ja"], REQUESTS),
        "plan": rng.choice(["free", "team", "pro"], REQUESTS),
        "tier": rng.integers(0, 9, REQUESTS),
        "length_tokens": rng.choice([512, 1024, 2048], REQUESTS),
    }
    contexts = _contexts(rng) if case.endswith("shared") else np.arange(REQUESTS)
    planted = (columns["language"] == "de") & (columns["plan"] == "pro") & case.startswith("planted")
    rate = np.maximum(SHARE.get(case, 0.0), np.where(planted, 0.4, 0.0))
    moved = rng.random(REQUESTS)[contexts] < rate
    level = np.where((columns["feature"] == "chat") & (case == "uneven"), 5 * told.noise, told.noise)
    noisy = rng.random((REQUESTS, 2 * told.repeats))[contexts] < level[:, None]
    rows = [{name: values[at].item() for name, values in columns.items()} for at in range(REQUESTS)]
    return [_item(at, f"c{contexts[at]}", row, (bool(moved[at]), noisy[at])) for at, row in enumerate(rows)]


def _contexts(rng: np.random.Generator) -> np.ndarray:
    """Return the context of each request: contexts of one to five requests."""
    sizes = rng.integers(1, 6, REQUESTS)
    return np.repeat(np.arange(REQUESTS), sizes)[:REQUESTS]


def _item(at: int, context: str, axes: dict[str, str | int], drawn: tuple[bool, np.ndarray]) -> Item:
    moved, noisy = drawn
    half = len(noisy) // 2
    texts = [
        f"noise {number}" if each else "other" if moved and number >= half else "usual"
        for number, each in enumerate(noisy)
    ]
    reads = tuple(Read(text, text, NOT_JSON, False, None, frozenset(), None, None, None) for text in texts)
    return Item(f"r{at}", context, axes, (), reads[:half], reads[half:])


if __name__ == "__main__":
    main()
