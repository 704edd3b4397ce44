"""`harness compare`: runs side by side, without a verdict."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.cli.options import columns, json_option, print_json, results_option, run_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.gate import Groups, Verdict
    from harness.store import Comparison, Run

SHOWN_FLIPS = 20


@click.command("compare")
@click.argument("baseline", metavar="BASELINE")
@click.argument("candidates", metavar="CANDIDATE...", nargs=-1, required=True)
@click.option(
    "--policy",
    "policy_file",
    type=click.Path(path_type=Path),
    help="Whose margins and icc are used; without it, as of 'harness gate'.",
)
@click.option(
    "--scan", "scanned", is_flag=True, help="Search all conjunctions of up to three axes for where CANDIDATE is worse."
)
@click.option(
    "--metrics", "with_metrics", is_flag=True, help="Show the means of what the tasks measure besides right and wrong."
)
@results_option
@json_option
def command(
    baseline: str,
    candidates: tuple[str, ...],
    policy_file: Path | None,
    scanned: bool,
    with_metrics: bool,
    results: Path,
    as_json: bool,
) -> None:
    """Show shares, flips and failure modes of two runs, or which of several cannot be told apart.

    Decides nothing and ends with 0: 'harness gate' decides.
    """
    from datetime import UTC, datetime

    from harness.gate import groups, load_policy, scan
    from harness.gate.emit.scan import scan_text
    from harness.gate.judge import make_case
    from harness.store import load_run

    runs = [load_run(run_path(name, results)) for name in (baseline, *candidates)]
    policy = load_policy(policy_file) if policy_file else None
    if len(runs) > 2:
        _check_one(scanned, "--scan")
        _check_one(with_metrics, "--metrics")
        _show_groups(groups(runs, policy or load_policy(None)), as_json)
        return
    case = make_case(runs[0], runs[1], policy, datetime.now(UTC))
    comparison, verdict = case.counted.comparison, case.verdict()
    found = scan(comparison.pairs, case.terms.policy) if scanned and len(comparison.pairs) else None
    if as_json:
        measured = {"metrics": _metrics(runs, verdict.icc)}
        print_json(_plain(comparison, verdict) | measured | ({"scan": asdict(found)} if found else {}))
    else:
        click.echo(comparison_text(comparison, verdict))
        if with_metrics:
            click.echo("\n" + _metrics_text(_metrics(runs, verdict.icc)))
        if found:
            click.echo("\n" + scan_text(found))


def _check_one(wanted: bool, option: str) -> None:
    from harness.errors import ConfigError

    if wanted:
        raise ConfigError(f"{option} is for one candidate at a time", fix="name one CANDIDATE")


def _metrics(runs: Sequence[Run], icc: float) -> list[dict[str, Any]]:
    """Return the metrics of both runs; None where one of them does not have it."""
    from harness.render.metrics import means_of

    base, cand = (dict(means_of(run, icc)) for run in runs)
    return [
        {
            "task": task,
            "length": length,
            "metric": metric,
            "baseline": asdict(base[place]) if place in base else None,
            "candidate": asdict(cand[place]) if place in cand else None,
        }
        for place in sorted({*base, *cand})
        for task, length, metric in [place]
    ]


def _metrics_text(metrics: Sequence[dict[str, Any]]) -> str:
    from harness.gate.emit.clean import visible
    from harness.gate.wording import place
    from harness.records import Estimate
    from harness.render.formatting import plain, plain_interval

    def told(found: dict[str, Any] | None) -> str:
        if found is None:
            return "none"
        mean = Estimate(**found)
        return f"{plain(mean.value)} [{plain_interval(mean).replace(' to ', ', ')}] n {mean.n}"

    rows = [("metric", "at", "baseline", "candidate")]
    rows += [
        (
            visible(each["metric"]),
            visible(place(each["task"], each["length"])),
            told(each["baseline"]),
            told(each["candidate"]),
        )
        for each in metrics
    ]
    return columns(rows) if metrics else "no metrics: the tasks note none besides right and wrong"


def _show_groups(found: Groups, as_json: bool) -> None:
    from harness.gate.emit.groups import groups_text

    if as_json:
        print_json({"schema": "longcontext-harness/groups@1", **asdict(found)})
    else:
        click.echo(groups_text(found))
        click.echo("no verdict here: 'harness gate' decides on each candidate")


def _plain(comparison: Comparison, verdict: Verdict) -> dict[str, Any]:
    from harness.gate.kinds import kinds_of_failure

    return {
        "baseline": comparison.baseline.name,
        "candidate": comparison.candidate.name,
        "rows": [asdict(row) for row in verdict.rows],
        "modes": _modes(comparison),
        "failures": asdict(kinds_of_failure(comparison.pairs)) if len(comparison.pairs) else None,
        "losses": _flips(comparison, lost=True),
        "gains": _flips(comparison, lost=False),
        "notes": list(verdict.notes),
        "gate_would_return": int(verdict.exit_code),
    }


def comparison_text(comparison: Comparison, verdict: Verdict) -> str:
    """Lay two runs out side by side for a terminal: shares, failure modes, lost samples."""
    from harness.gate.emit.clean import clean, visible
    from harness.gate.emit.table import footer, table_of

    verdict = clean(verdict)
    lost = _flips(comparison, lost=True)
    lines = [columns([row[1:-2] for row in table_of(verdict.rows)]), "", *_failures(comparison), ""]
    lines += [f"lost    {visible(sample)}" for sample in lost[:SHOWN_FLIPS]]
    lines += [f"        … and {len(lost) - SHOWN_FLIPS} more; --json lists all"] if len(lost) > SHOWN_FLIPS else []
    lines += [f"note: {note}" for note in verdict.notes]
    would = f"{int(verdict.exit_code)} ({verdict.state})"
    lines += [footer(verdict), f"no verdict here; under the {verdict.policy} 'harness gate' would end with {would}"]
    return "\n".join(lines)


def _failures(comparison: Comparison) -> list[str]:
    """Lay out the failure modes of both runs, and whether the failures are of the same kind."""
    from harness.gate.emit.clean import visible
    from harness.gate.kinds import kinds_of_failure
    from harness.gate.wording import probability

    if comparison.pairs.empty:
        return ["no paired replies"]
    found = kinds_of_failure(comparison.pairs)
    p = {shift.mode: probability(shift.p) for shift in found.shifts}
    rows = [("failure mode", "baseline", "candidate", "p of no shift")]
    rows += [
        (visible(mode), str(n["baseline"]), str(n["candidate"]), p[mode]) for mode, n in _modes(comparison).items()
    ]
    lines = [columns(rows, right=(1, 2, 3)), f"the mix of all outcomes is the same: p {probability(found.p)}"]
    if found.both_wrong:
        kappa = "" if found.kappa is None else f", kappa {found.kappa:.2f}"
        lines.append(f"wrong in both: {found.both_wrong}, in the same way {found.same_mode}{kappa}")
    if found.p_new is not None:
        new = f"{found.new_losses} new losses fail as the baseline's failures do: p {probability(found.p_new)}"
        lines.append(f"{new} (replies taken as independent)")
    return lines


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
