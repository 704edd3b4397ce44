"""How soon a report of 5 MB is painted, and how long its filter takes over 2,000 replies, in a headless Chromium.

    python benchmarks/report_browser.py [--replies 2000] [--length 300] [--times 5]

The page is made here, of simulated replies, with the limit on replies lifted. First paint is what the browser reports
from the start of navigation. A filter's time is that of its script and of the layout after it: the first search reads
all text, the next ones find it kept.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from statistics import median
from unittest import mock

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from browser.chromium import install, look_at, missing
from render_data import excerpts, judged, made_result, made_run

from harness.render import chosen, render_report

PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
FILTERS = """(() => {
  const search = document.getElementById("filter-text"), kind = document.querySelector("select[data-key=mode]");
  const set = (field, value) => {
    const from = performance.now();
    field.value = value;
    field.dispatchEvent(new Event("input", {bubbles: true}));
    document.body.offsetHeight;
    return performance.now() - from;
  };
  return {first: set(search, "4417"), second: set(search, "44170821"), none: set(search, "no such text"),
          all: set(search, ""), mode: set(kind, kind.options[1].value), "no mode": set(kind, "")}; })()"""


def main() -> None:
    arguments = _arguments()
    if missing():
        install()
    page = _page(arguments.replies, arguments.length)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "report.html"
        file.write_bytes(page.encode())
        job = {"file": str(file), "values": {"paint": PAINT, "filters": FILTERS}}
        found = look_at([{**job, "name": str(i)} for i in range(arguments.times)])
    paints = [each["values"]["paint"] for each in found.values()]
    shown = page.count('<details class="case"')
    print(f"{len(page) / 1e6:.1f} MB, {shown} replies, n = {arguments.times}, medians")
    print(f"first paint {median(paints):.0f} ms")
    for name in next(iter(found.values()))["values"]["filters"]:
        times = [each["values"]["filters"][name] for each in found.values()]
        print(f"filter, {name}: {median(times):.0f} ms")


def _page(replies: int, length: int) -> str:
    """Return a page with so many lost answers, each with a reply of so many characters."""
    results = [
        [
            made_result(
                f"s{i}",
                correct=side == "base",
                mode=("hallucinated", "truncated.answer", "near_miss.digit")[i % 3],
                context=i,
                length=1024 * 2 ** (i % 5),
                depth=i % 10 / 10,
                text=f"The ledger has it. ANSWER: {4417082 + i} " + "and so on " * (length // 10),
            )
            for i in range(replies)
        ]
        for side in ("base", "cand")
    ]
    runs = [made_run("base", results[0], role="baseline"), made_run("cand", results[1])]
    with mock.patch.multiple(chosen, MOST=replies, ON_THE_PAGE=replies):
        return render_report(runs, [judged(*runs)], excerpts=excerpts)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--replies", type=int, default=2000)
    parser.add_argument("--length", type=int, default=300, help="characters of each reply")
    parser.add_argument("--times", type=int, default=5)
    return parser.parse_args()


if __name__ == "__main__":
    main()
