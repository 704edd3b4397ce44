"""`harness baseline`: the scores of a run as a file to commit, so that nobody asks the baseline again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.cli.options import columns, json_option, print_json, results_option, run_path, say

if TYPE_CHECKING:
    from harness.gate import Policy
    from harness.store import Run


@click.group("baseline")
def command() -> None:
    """Accept a run as a baseline to commit, list the baselines on file, show one.

    'gate', 'compare' and 'report' take a baseline's file in the place of a run.
    """


@command.command("accept")
@click.argument("run", metavar="SWEEP/MODEL")
@click.option("--reason", required=True, help="Why, in a sentence; it is kept in the file and printed with verdicts.")
@click.option("--by", "accepted_by", help="Who accepts it; without it, git's user.name.")
@click.option("--promote", is_flag=True, help="Accept a run that is a candidate in its sweep.")
@click.option("--policy", "policy_file", type=click.Path(path_type=Path), help="Whose max_invalid and margins count.")
@results_option
def accept(
    run: str, reason: str, accepted_by: str | None, promote: bool, policy_file: Path | None, results: Path
) -> None:
    """Write results/baselines/SWEEP--MODEL.json from a complete run, and show what changes against the one it replaces.

    The file holds scores, hashes and token counts; no prompt, no answer, no reply. Commit it on its own, so that the
    change is reviewed.
    """
    from harness.gate.baselines import check_acceptable
    from harness.store import load_run
    from harness.store.baseline import FOLDER, file_name, holds, write_baseline
    from harness.store.run_dir import Acceptance

    loaded = load_run(run_path(run, results))
    policy = _policy(loaded, policy_file)
    check_acceptable(loaded, policy, promoted=promote)
    path = results / FOLDER / file_name(loaded.info)
    if path.exists() and holds(path, loaded):
        say("the baseline on file has these very results already: nothing was written")
        click.echo(path)
        return
    replaced = _replaced(path, loaded, policy) if path.exists() else ""
    accepted = Acceptance(
        reason=_one_line(reason, "--reason"),
        by=_one_line(accepted_by or _git_name(), "--by"),
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        role=loaded.info.role,
        replaces=replaced,
    )
    write_baseline(path, loaded, accepted)
    click.echo(path)


@command.command("list")
@results_option
@json_option
def list_baselines(results: Path, as_json: bool) -> None:
    """List the baselines on file: how many replies, how many right, who accepted them when and why."""
    from harness.errors import HarnessError
    from harness.store.baseline import baselines_in, load_baseline

    found = []
    for path in baselines_in(results):
        try:
            found.append(_summary(load_baseline(path)))
        except HarnessError as error:
            say(f"not listed: {error}")
    if as_json:
        print_json(found)
    elif found:
        click.echo(columns([tuple(found[0]), *[tuple(map(str, row.values())) for row in found]], right=(3, 4, 5, 7)))
    else:
        click.echo(f"no baselines in {results}/baselines/")


@command.command("show")
@click.argument("name", metavar="NAME")
@results_option
@json_option
def show(name: str, results: Path, as_json: bool) -> None:
    """Show what a baseline's file holds. NAME is the file, SWEEP/MODEL or SWEEP--MODEL."""
    from harness.store.baseline import FOLDER, load_baseline

    path = Path(name)
    loaded = load_baseline(path if path.is_file() else results / FOLDER / f"{name.replace('/', '--')}.json")
    if as_json:
        print_json(_plain(loaded))
    else:
        click.echo(_text(loaded))


def _policy(run: Run, policy_file: Path | None) -> Policy:
    """Return the policy that is given, else the one that the run's plan was locked with, else the default one."""
    from harness.gate import load_policy
    from harness.gate.planning.lock import load_lock

    locked = None if policy_file else load_lock(run.info.path.parent)
    return locked.policy if locked else load_policy(policy_file)


def _replaced(path: Path, run: Run, policy: Policy) -> str:
    """Show what a new baseline changes; return the hash of the one that it replaces."""
    from harness.cli.compare import comparison_text
    from harness.errors import UsageError
    from harness.gate import decide
    from harness.store import pair
    from harness.store.baseline import load_baseline, sha256_of

    before = load_baseline(path)
    if before.info.name != run.info.name:
        raise UsageError("this file is the baseline of another run", where=str(path), found=before.info.name)
    comparison = pair(before, run)
    click.echo(f"against the baseline that it replaces, {sha256_of(path)[:12]}:\n")
    click.echo(comparison_text(comparison, decide(comparison, policy)))
    click.echo()
    return sha256_of(path)


def _one_line(text: str, option: str) -> str:
    from harness.errors import UsageError

    if not text.strip() or not text.isprintable():
        raise UsageError("one printable line is needed", where=option, found=repr(text))
    return text.strip()


def _git_name() -> str:
    import subprocess

    try:
        return subprocess.run(["git", "config", "user.name"], capture_output=True, text=True, timeout=5).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return ""


def _summary(run: Run) -> dict[str, Any]:
    from harness.gate.baselines import age_days

    accepted = run.info.accepted
    assert accepted is not None
    return {
        "run": run.info.name,
        "kind": run.info.kind,
        "role": accepted.role,
        "replies": len(run.measured),
        "right": sum(result.score is not None and result.score.correct for result in run.measured),
        "invalid": run.invalid,
        "accepted": accepted.at,
        "days": int(age_days(run.info, datetime.now(UTC))),
        "by": accepted.by,
        "reason": accepted.reason,
        "path": str(run.info.path),
    }


def _cells(run: Run) -> list[dict[str, Any]]:
    """Return the share of right answers of each task at each length; a context counts as one sample."""
    from dataclasses import asdict

    from harness.render.estimates import by_cell, share
    from harness.store.frame import results_frame

    frame = results_frame(run)
    scored = frame[frame["outcome"] == "scored"]
    return [
        {
            "task": task,
            "length": length,
            "contexts": int(rows["context_id"].nunique()),
            "right": asdict(share(rows, "correct", 1.0)),
            "modes": {str(mode): int(count) for mode, count in rows["mode"].value_counts().items()},
        }
        for (task, length), rows in by_cell(scored).items()
    ]


def _plain(run: Run) -> dict[str, Any]:
    from harness.store.baseline import FACTS, sha256_of

    facts = {name: getattr(run.info, name) for name in FACTS}
    return {**_summary(run), "sha256": sha256_of(run.info.path), "cells": _cells(run), **facts}


def _text(run: Run) -> str:
    from harness.gate.wording import place, points
    from harness.store.baseline import NOT_KEPT, sha256_of

    accepted = run.info.accepted
    lines = [f"{key:<11} {value}" for key, value in _summary(run).items()]
    lines += [f"{'sha256':<11} {sha256_of(run.info.path)}"]
    lines += [f"{'replaces':<11} {accepted.replaces if accepted and accepted.replaces else '(the first)'}", ""]
    rows: list[tuple[str, ...]] = [("row", "n (contexts)", "right", "failure modes")]
    for cell in _cells(run):
        right = cell["right"]
        share = f"{points(right['value'])} [{points(right['low'])}, {points(right['high'])}]"
        modes = ", ".join(f"{mode} {count}" for mode, count in cell["modes"].items())
        rows.append((place(cell["task"], cell["length"]), f"{right['n']} ({cell['contexts']})", share, modes or "-"))
    lines += [columns(rows), "", "intervals of shares 95 % (Wilson), a context counted as one sample"]
    return "\n".join([*lines, f"prompts, right answers and replies are {NOT_KEPT}; --json has config and identity"])
