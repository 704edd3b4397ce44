"""The sweep and the policy that `harness quickstart` runs: two files to copy."""

from pathlib import Path

FOLDER = Path(__file__).parent
SWEEP, POLICY = FOLDER / "sweep.toml", FOLDER / "gate.toml"
