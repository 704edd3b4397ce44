"""`harness noise`: what differs when the same model is asked the same twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli.options import columns, json_option, print_json, results_option, run_path

if TYPE_CHECKING:
    from harness.gate.noise import Drift, Noise
    from harness.records import Estimate
    from harness.stats import ExcessFlips
    from harness.store import Run

SHOWN = 20
SCHEMA = "longcontext-harness/noise@1"


@click.command("noise")
@click.argument("baseline", metavar="BASELINE")
@click.argument("repeats", metavar="[REPEAT]...", nargs=-1)
@click.option(
    "--candidate",
    "candidates",
    metavar="RUN",
    multiple=True,
    help="How much of its change is noise? Repeat for its own repeats.",
)
@click.option("--policy", "policy_file", type=click.Path(path_type=Path), help="Whose slices and margins are used.")
@results_option
@json_option
def command(
    baseline: str,
    repeats: tuple[str, ...],
    candidates: tuple[str, ...],
    policy_file: Path | None,
    results: Path,
    as_json: bool,
) -> int:
    """Compare BASELINE with itself asked again: flips by task, length and slice, unstable samples, and the canary.

    Without REPEATs, those beside it are taken ([sweep] repeats = 1 makes one), or its several replies to each sample.
    Exit code 4 when the two cannot be compared, or when the gate would call the repeat regressed: then the
    environment is not stable.
    """
    from harness.errors import ExitCode
    from harness.gate import load_policy, terms_of
    from harness.gate.noise import canary, drift_of, noise_of
    from harness.store import load_run

    runs = _apart(baseline, [load_run(run_path(name, results)) for name in (baseline, *repeats)])
    policy = load_policy(policy_file) if policy_file else terms_of(runs[0], runs[1]).policy
    noises = [noise_of(runs[0], repeat, policy) for repeat in runs[1:]]
    unstable = [each for noise in noises for each in noise.unstable]
    others = _split([load_run(run_path(name, results)) for name in candidates])
    drift = drift_of(runs, others, unstable) if others else None
    if as_json:
        plain = {"noise": [asdict(noise) for noise in noises], "drift": asdict(drift) if drift else None}
        print_json({"schema": SCHEMA, **plain})
    else:
        click.echo("\n\n".join(map(_text, noises)) + (f"\n\n{_drift_text(drift)}" if drift else ""))
    broken = canary(noises) or any(noise.problems for noise in noises)
    return ExitCode.INVALID if broken else ExitCode.PASS


def _apart(name: str, runs: Sequence[Run]) -> list[Run]:
    """Return runs of one reply a sample: those given, those beside the first, or its own replies apart."""
    from harness.errors import ConfigError
    from harness.gate.noise import repeats_of
    from harness.store import load_run

    if len(runs) == 1:
        runs = [*runs, *(load_run(path) for path in repeats_of(runs[0].info, [runs[0].info.path.parent]))]
    found = _split(runs)
    if len(found) < 2:
        raise ConfigError(
            "there is nothing to compare the run with: no run of the role repeat lies beside it",
            where=name,
            fix="set repeats = 1 in [sweep] and run the sweep again: only the repeat is asked; or name another run",
        )
    return found


def _split(runs: Sequence[Run]) -> list[Run]:
    from harness.gate.noise import split_replies

    return [part for run in runs for part in split_replies(run)]


def _text(noise: Noise) -> str:
    from harness.gate.kinds import FEWEST_FLIPS
    from harness.gate.wording import place

    head = f"{noise.repeat} beside {noise.baseline}, the same model asked again"
    if not noise.rows:
        return f"{head}\ncannot be compared: {noise.problems[0]}"
    rows = [("row", "n (contexts)", "lost/gained", "flips, %")]
    rows += [
        (
            f"{place(row.task, row.length)}{', ' if row.part else ''}{row.part}",
            f"{row.flip_rate.n} ({row.contexts})",
            f"{row.losses}/{row.gains}",
            _share(row.flip_rate),
        )
        for row in noise.rows
    ]
    flips = noise.overall.losses + noise.overall.gains
    found = noise.icc
    lines = [
        head,
        columns(rows, right=(1, 2)),
        f"replies that are the same to the letter, %: {_share(noise.same_text)}",
    ]
    if found:
        lines.append(
            f"correlation of these flips within a context: {found.value:.2f} [{found.low:.2f}, {found.high:.2f}], "
            f"{found.n} contexts. It is of noise: damage may come by whole contexts, and only without an icc in the "
            "policy is the gate sure then"
        )
    else:
        lines.append(
            f"{flips} flips are too few (under {FEWEST_FLIPS}), or contexts too small, to say how they correlate"
        )
    lines.append(f"canary: the gate says {noise.canary} of the repeat")
    lines += [f"  {noise.canary_sentence}"] if noise.canary in ("regressed", "invalid") else []
    lines += [_unstable_line(each.sample_id, each.right, each.modes) for each in noise.unstable[:SHOWN]]
    if len(noise.unstable) > SHOWN:
        lines.append(f"… and {len(noise.unstable) - SHOWN} more; --json lists all")
    if noise.unstable:
        lines.append(f"'harness show {noise.baseline} SAMPLE' shows one; rerun them, never delete them")
    return "\n".join(lines)


def _unstable_line(sample: str, right: tuple[bool, bool], modes: tuple[str, str]) -> str:
    before, after = ("right" if is_right else mode for is_right, mode in zip(right, modes, strict=True))
    return f"unstable  {sample}: {before}, then {after}"


def _drift_text(drift: Drift) -> str:
    lines = [
        f"{drift.candidate}: {drift.flips} of {drift.n} answers differ from the baseline's, "
        f"{drift.on_unstable} of them on samples that are unstable in the baseline itself"
    ]
    if drift.answers is None:
        lines.append("behaviour beyond noise: unknown, it takes two replies to each sample from both models")
    else:
        lines.append(_excess("right or wrong", drift.answers))
        lines.append(
            "whole replies: unknown, a file of a baseline keeps none"
            if drift.texts is None
            else _excess("whole replies", drift.texts)
        )
    return "\n".join(lines)


def _excess(what: str, found: ExcessFlips) -> str:
    from harness.gate.wording import points, probability

    changed = "behaviour changed beyond noise" if found.p <= 0.05 else "no change beyond noise was shown"
    return (
        f"{what}: the two differ in {points(found.between)} %, the baseline with itself in "
        f"{points(found.within_baseline)} %, the candidate in {points(found.within_candidate)} %; "
        f"excess {points(found.excess)} points, p {probability(found.p)}: {changed}"
    )


def _share(found: Estimate) -> str:
    from harness.gate.wording import points

    return "unknown" if found.value is None else f"{points(found.value)} [{points(found.low)}, {points(found.high)}]"
