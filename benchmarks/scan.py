"""What the search for undeclared classes of input finds where the truth is known: no class, or one planted class.

    python benchmarks/scan.py [--draws 1000] [--flip-rate 0.04] [--only none shared planted …]

Simulated outcomes, no model. 600 samples with five columns: two tasks, three lengths, four languages, a depth in [0, 1]
(cut at its quartiles) and a number of decoys (0, 4, 16). `none`: an unchanged candidate, each sample a context of its
own. `shared`: the same with 2,400 samples, 8 questions a context; outcomes within a context correlate at 0.3.
`planted`: 40 points lost where language is `de` and length is 128k, 1/12 of the samples; `planted-shared` the same on
the shared contexts. A class found is near the planted one if one of the two is a refinement of the other. Intervals
are Clopper-Pearson, 95 %. The seed is fixed.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator

import numpy as np
import pandas as pd

from harness.gate import Policy
from harness.gate.explore.scan import Scan, scan
from harness.gate.planning.simulate import Scenario, Truth, outcomes, uniform
from harness.gate.policy import PolicyFile
from harness.stats import clopper_pearson

PLANTED = {"length=128k", "language=de"}
ICC = 0.3


def main() -> None:
    arguments = _arguments()
    policy = Policy("benchmark", PolicyFile(version=1))
    print("| case | classes | anything found | first is planted | first is near it | others too | seconds a scan |")
    print("|---" * 7 + "|")
    cases = {
        "none": (600, 1, 0.0, uniform(0)),
        "shared": (2400, 8, ICC, uniform(0)),
        "planted": (600, 1, 0.0, _planted),
        "planted-shared": (2400, 8, ICC, _planted),
    }
    for name, (samples, questions, icc, loss) in cases.items():
        if arguments.only and name not in arguments.only:
            continue
        truth = Truth(flip_rate=arguments.flip_rate, icc=icc)
        drawn = outcomes(_samples(samples, questions), Scenario(name, "", loss), truth, arguments.draws, seed=1)
        print(_line(name, list(_scans(drawn, policy))), flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--flip-rate", type=float, default=0.04)
    parser.add_argument("--only", nargs="*", default=[])
    return parser.parse_args()


def _samples(number: int, questions: int) -> pd.DataFrame:
    """Lay out the samples: task, length and language are crossed and belong to contexts, depth and decoys do not."""
    rng = np.random.default_rng(0)
    context = np.arange(number) // questions
    return pd.DataFrame(
        {
            "task": np.array(["exact", "latent"])[context % 2],
            "length": np.array([8192, 32768, 131072])[context // 2 % 3],
            "context_id": [f"c{each}" for each in context],
            "sample_id": [f"s{each}" for each in range(number)],
            "axis.language": np.array(["de", "en", "fi", "sw"])[context // 6 % 4],
            "axis.depth": rng.random(number),
            "axis.decoys": rng.choice([0, 4, 16], number),
        }
    )


def _planted(samples: pd.DataFrame) -> np.ndarray:
    return np.where((samples["axis.language"] == "de") & (samples["length"] == 131072), 0.4, 0.0)


def _scans(drawn: Iterator[pd.DataFrame], policy: Policy) -> Iterator[tuple[Scan, float]]:
    for seed, pairs in enumerate(drawn):
        start = time.perf_counter()
        found = scan(pairs, policy, seed=seed)
        yield found, time.perf_counter() - start


def _line(name: str, scans: list[tuple[Scan, float]]) -> str:
    some = sum(bool(scan.found) for scan, _ in scans)
    first = [set(scan.found[0].conditions) for scan, _ in scans if scan.found]
    planted = sum(each == PLANTED for each in first)
    near = sum(each <= PLANTED or each >= PLANTED for each in first)
    others = sum(len(scan.found) > 1 for scan, _ in scans)
    seconds = np.median([taken for _, taken in scans])
    shares = " | ".join(_share(count, len(scans)) for count in (some, planted, near, others))
    return f"| {name} | {scans[0][0].classes} | {shares} | {seconds:.2f} |"


def _share(count: int, n: int) -> str:
    low, high = clopper_pearson(count, n)
    return f"{100 * count / n:.1f} % [{100 * low:.1f}, {100 * high:.1f}]"


if __name__ == "__main__":
    main()
