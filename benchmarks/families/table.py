"""A table of runs for the docs: shares right by task and length, why points are lost, and the commonest failure modes.

harness run benchmarks/families/embedded.toml --results RESULTS
harness run benchmarks/families/lexical.toml --results RESULTS
python benchmarks/families/table.py RESULTS/families/smollm2-q8_0 RESULTS/families-long/lexical
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from harness.records import Estimate
from harness.render.arms import make_arms
from harness.render.losses import LossRow, make_losses
from harness.sizes import format_size
from harness.store import Run, load_run

MOST_MODES = 3


def main(folders: list[str]) -> None:
    for folder in folders:
        run = load_run(Path(folder))
        print(f"\n{run.info.name} ({run.info.kind}), {len(run.measured)} replies\n")
        for line in _table(run):
            print(line)
        wrong = [r for r in run.measured if r.score and not r.score.correct]
        unnamed = sum(r.score is not None and r.score.mode == "unattributed" for r in wrong)
        print(f"\n{len(wrong)} wrong, {unnamed} of them unattributed")


def _table(run: Run) -> list[str]:
    lines = [
        "| task | length | right, % | n | without text | with evidence alone | commonest failures |",
        "|---" * 7 + "|",
    ]
    losses = {(row.task, row.length): row for table in make_losses(make_arms([run], [])) for row in table.rows}
    modes: dict[tuple[str, int], Counter[str]] = {}
    for result in run.measured:
        counts = modes.setdefault((result.task, result.recipe.length), Counter())
        counts[("right" if result.score.correct else str(result.score.mode)) if result.score else "invalid"] += 1
    for (task, length), counts in sorted(modes.items()):
        row = losses.get((task, length))
        common = ", ".join(f"{mode} {n}" for mode, n in counts.most_common() if mode != "right")
        shown = ", ".join(common.split(", ")[:MOST_MODES])
        n = counts.total() - counts["invalid"]
        lines.append(
            f"| {task} | {format_size(length)} | {_share(counts['right'], n)} | {n} | {_control(row, known=True)} "
            f"| {_control(row, known=False)} | {shown} |"
        )
    return lines


def _share(right: int, n: int) -> str:
    from harness.stats import wilson

    low, high = wilson(right, n, 0.95)
    return f"{100 * right / n:.0f} [{100 * low:.0f}, {100 * high:.0f}]"


def _control(row: LossRow | None, *, known: bool) -> str:
    found: Estimate | None = None if row is None else row.known if known else row.reasoning
    if found is None or found.value is None:
        return ""
    return f"{100 * (found.value if known else 1 - found.value):.0f}"


if __name__ == "__main__":
    main(sys.argv[1:])
