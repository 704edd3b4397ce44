"""The reference results: real runs of the embedded model, committed with a manifest, and the report on them.

    python benchmarks/reference.py           # report, gate outputs and manifest anew from the committed runs
    python benchmarks/reference.py --ask     # forget the runs and ask everything again: half an hour on two cores

Writes `results/reference/` and `reports/reference.html`. It needs `pip install -e ".[embedded]"`, and for the picture
in the README a Chromium, without which that step is left out.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = Path("results/reference")
SWEEPS = ("embedded", "harder", "lexical")
REPORTED = ("embedded", "lexical")
REPORT = Path("reports/reference.html")
REPLIES = "100"  # keeps the page below 500 kB


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ask", action="store_true", help="forget the committed runs and ask everything again")
    if parser.parse_args().ask:
        for sweep in SWEEPS:
            shutil.rmtree(ROOT / FOLDER / sweep, ignore_errors=True)
            _harness("run", str(FOLDER / f"{sweep}.toml"), "--results", str(FOLDER))
        curve = [sys.executable, str(ROOT / "benchmarks/load_curve.py"), str(FOLDER / "embedded.toml")]
        found = subprocess.run(curve, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
        (ROOT / FOLDER / "load.csv").write_text(found)
    inputs = ["--sweep", str(FOLDER / "embedded.toml"), "--load-curve", str(FOLDER / "load.csv")]
    _harness("report", *REPORTED, "--results", str(FOLDER), *inputs, "--replies", REPLIES, "-o", str(REPORT))
    (ROOT / FOLDER / "MANIFEST.json").write_text(json.dumps(_manifest(), indent=2) + "\n")
    picture = [
        sys.executable,
        "benchmarks/screenshot.py",
        str(REPORT),
        str(REPORT.with_suffix(".png")),
        "--height",
        "1000",
    ]
    if subprocess.run(picture, cwd=ROOT).returncode:
        print("the picture was left as it is: it takes Chromium and Node", file=sys.stderr)
    print(f"{REPORT}: {(ROOT / REPORT).stat().st_size / 1000:.0f} kB")


def _harness(*arguments: str) -> None:
    """Call the command line in the root of the checkout."""
    subprocess.run([sys.executable, "-m", "harness", *arguments], cwd=ROOT, check=True)


def _manifest() -> dict[str, object]:
    """Return what made the runs, and the hash of every file of them."""
    files = sorted(path for sweep in SWEEPS for path in (ROOT / FOLDER / sweep).rglob("*") if path.suffix in KEPT)
    first = json.loads((ROOT / FOLDER / SWEEPS[0] / "q8_0" / "run.json").read_text())
    return {
        "command": "python benchmarks/reference.py --ask",
        "environment": first["environment"],
        "files": {str(path.relative_to(ROOT)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files},
    }


KEPT = {".json", ".jsonl", ".lock"}

if __name__ == "__main__":
    main()
