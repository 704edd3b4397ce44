"""`harness compare`: two runs side by side, without a verdict."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.cli.options import columns, json_option, print_json, results_option, run_path

if TYPE_CHECKING:
    from harness.gate import Verdict
    from harness.store import Comparison

SHOWN_FLIPS = 20


@click.command("compare")
@click.argument("baseline", metavar="BASELINE")
@click.argument("candidate", metavar="CANDIDATE")
@click.option("--policy", "policy_file", type=click.Path(path_type=Path), help="Whose margins and icc are used.")
@results_option
@json_option
def command(baseline: str, candidate: str, policy_file: Path | None, results: Path, as_json: bool) -> None:
    """Show shares, flips and failure modes of two runs. Decides nothing and ends with 0: 'harness gate' decides."""
    from harness.gate import decide, load_policy
    from harness.store import load_run, pair

    comparison = pair(load_run(run_path(baseline, results)), load_run(run_path(candidate, results)))
    verdict = decide(comparison, load_policy(policy_file))
    if as_json:
        print_json(_plain(comparison, verdict))
    else:
        click.echo(_text(comparison, verdict))


def _plain(comparison: Comparison, verdict: Verdict) -> dict[str, Any]:
    return {
        "baseline": comparison.baseline.name,
        "candidate": comparison.candidate.name,
        "rows": [asdict(row) for row in verdict.rows],
        "modes": _modes(comparison),
        "losses": _flips(comparison, lost=True),
        "gains": _flips(comparison, lost=False),
        "notes": list(verdict.notes),
        "gate_would_return": int(verdict.exit_code),
    }


def _text(comparison: Comparison, verdict: Verdict) -> str:
    from harness.gate.emit.table import footer, table_of

    modes = [("failure mode", "baseline", "candidate")]
    modes += [(mode, str(counts["baseline"]), str(counts["candidate"])) for mode, counts in _modes(comparison).items()]
    lost = _flips(comparison, lost=True)
    lines = [columns([row[1:-2] for row in table_of(verdict.rows)]), "", columns(modes, right=(1, 2)), ""]
    lines += [f"lost    {sample}" for sample in lost[:SHOWN_FLIPS]]
    lines += [f"        … and {len(lost) - SHOWN_FLIPS} more; --json lists all"] if len(lost) > SHOWN_FLIPS else []
    lines += [f"note: {note}" for note in verdict.notes]
    would = f"{int(verdict.exit_code)} ({verdict.state})"
    lines += [footer(verdict), f"no verdict here; under the {verdict.policy} 'harness gate' would end with {would}"]
    return "\n".join(lines)


def _modes(comparison: Comparison) -> dict[str, dict[str, int]]:
    """Count failure modes of both runs over the paired replies, the commonest of the candidate first."""
    base = comparison.pairs["base_mode"].dropna().value_counts()
    cand = comparison.pairs["cand_mode"].dropna().value_counts()
    names = sorted({*base.index, *cand.index}, key=lambda name: (-cand.get(name, 0), -base.get(name, 0), name))
    return {name: {"baseline": int(base.get(name, 0)), "candidate": int(cand.get(name, 0))} for name in names}


def _flips(comparison: Comparison, *, lost: bool) -> list[str]:
    pairs = comparison.pairs
    before, after = ("base_correct", "cand_correct") if lost else ("cand_correct", "base_correct")
    return list(pairs.loc[pairs[before] & ~pairs[after], "sample_id"])
