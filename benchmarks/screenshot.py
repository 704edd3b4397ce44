"""Writes the first screen of a report as a picture, 1280 pixels wide.

    python benchmarks/screenshot.py REPORT.html OUT.png [--height 900] [--width 1280] [--dark]

It needs Chromium and Node; the npm packages are put into the cache if they are not there.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from browser.chromium import install, look_at, missing


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("report", type=Path)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--height", type=int, default=900)
    parser.add_argument("--dark", action="store_true")
    arguments = parser.parse_args()
    if missing():
        install()
    page = {
        "name": "page",
        "file": str(arguments.report.resolve()),
        "size": [arguments.width, arguments.height],
        "dark": arguments.dark,
        "png": str(arguments.picture.resolve()),
    }
    look_at([page])


if __name__ == "__main__":
    main()
