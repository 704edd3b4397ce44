"""`harness import`: logs of other harnesses as runs of ours."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.cli.options import json_option, print_json, results_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.interop.imported import Log
    from harness.records import Result
    from harness.store import RunInfo


@click.command("import")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--name", metavar="SWEEP/MODEL", help="Name of the run; without it, the log's task and model.")
@click.option(
    "--role", type=click.Choice(["baseline", "candidate"]), help="Without it, the first run of a sweep is its baseline."
)
@click.option("--metric", default="", help="The metric or scorer to take; without it, the first that is a share.")
@click.option("--filter", "filter_", default="", metavar="NAME", help="The filter of lm-eval to take; else the first.")
@click.option(
    "--correct-at",
    type=click.FloatRange(min=0, max=1, min_open=True),
    default=1.0,
    show_default=True,
    help="Value from which a reply is right.",
)
@click.option("--cluster-by", default="", metavar="COLUMN", help="Rows with one value share a context: doc.article")
@click.option("--slices", default="", metavar="COLUMN,COLUMN", help="Columns to slice by: doc.subject,doc.language")
@click.option("--dry-run", is_flag=True, help="Say what would be taken, and write nothing.")
@results_option
@json_option
def command(
    files: tuple[Path, ...],
    name: str | None,
    role: str | None,
    metric: str,
    filter_: str,
    correct_at: float,
    cluster_by: str,
    slices: str,
    dry_run: bool,
    results: Path,
    as_json: bool,
) -> None:
    """Make a run of the log of one run of lm-eval, Inspect or NeMo Evaluator.

    FILE is samples_*.jsonl of lm-eval, .eval or .json of Inspect, results.jsonl of NeMo Evaluator, or a folder with
    them: several tasks of one model are one run. What a log does not say stays unknown.
    """
    from dataclasses import replace

    from harness.engine.environment import environment
    from harness.interop.imported import Choices, info_of, names_of, notes_of, results_of
    from harness.interop.keep import keep, role_in
    from harness.interop.recognise import read_logs

    columns = tuple(each for each in map(str.strip, slices.split(",")) if each)
    choices = Choices(metric=metric, filter=filter_, correct_at=correct_at, cluster_by=cluster_by, slices=columns)
    log = read_logs(files, choices)
    found = _named(name) if name else names_of(log)
    rows = results_of(log, choices)
    log = replace(log, notes=notes_of(log, rows))
    info = info_of(log, choices, found, role or role_in(results / found[0], found[1]), environment())
    path = results / found[0] / found[1]
    written = False if dry_run else keep(info, rows, path)
    state = "not written: a dry run" if dry_run else "" if written else "unchanged: the same log was imported before"
    if as_json:
        print_json(_plain(log, info, rows, path, written=written))
    else:
        click.echo(_text(log, info, rows, f"{path} ({info.role})" + (f"  {state}" if state else "")))


def _named(name: str) -> tuple[str, str]:
    from harness.errors import ConfigError
    from harness.interop.imported import name_of

    sweep, slash, model = name.partition("/")
    if not slash or name_of(sweep) != sweep or name_of(model) != model:
        raise ConfigError(
            "not the name of a run",
            where="--name",
            found=name,
            allowed="SWEEP/MODEL, of letters, digits, '.', '_' and '-'",
        )
    return sweep, model


def _counts(rows: Sequence[Result]) -> dict[str, Any]:
    from harness.sizes import format_size

    lengths = Counter(row.recipe.length for row in rows)
    return {
        "replies": len(rows),
        "right": sum(row.score is not None and row.score.correct for row in rows),
        "invalid": sum(row.outcome == "invalid" for row in rows),
        "contexts": len({row.context_id for row in rows}),
        "lengths": {format_size(length): count for length, count in sorted(lengths.items())},
    }


def _unknown(rows: Sequence[Result]) -> list[str]:
    """Return what no reply says."""
    said = {
        "finish reason": any(row.reply.finish_reason not in ("unknown", "error") for row in rows),
        "tokens": any(row.reply.usage.completion_tokens is not None for row in rows),
        "latency": any(row.reply.latency_s is not None for row in rows),
        "depth": any("depth" in row.axes for row in rows),
    }
    return [what for what, known in said.items() if not known]


def _plain(log: Log, info: RunInfo, rows: Sequence[Result], path: Path, *, written: bool) -> dict[str, Any]:
    return {
        "run": info.name,
        "role": info.role,
        "path": str(path),
        "written": written,
        "from": log.harness,
        "files": [str(file) for file in log.files],
        "model": log.model,
        "kind": info.kind,
        "taken": dict(log.taken),
        **_counts(rows),
        "planned": info.planned,
        "unknown": _unknown(rows),
        "notes": list(log.notes),
    }


def _text(log: Log, info: RunInfo, rows: Sequence[Result], run: str) -> str:
    from harness.gate.emit.clean import visible

    counts = _counts(rows)
    missing = info.planned - counts["replies"]
    lengths = ", ".join(f"{name} ({count})" for name, count in counts["lengths"].items())
    lines = [f"read      {file}" for file in log.files]
    lines.append(f"from      {log.harness}, model {log.model}" + ("" if info.kind == "model" else f" ({info.kind})"))
    lines += [f"score     {task}: {told}" for task, told in log.taken.items()]
    lines.append(
        f"replies   {counts['replies']} on {counts['contexts']} contexts, {counts['right']} right, "
        f"{counts['invalid']} without a score" + (f", {missing} missing" if missing else "")
    )
    stated = all(entry.length for entry in log.entries)
    how = "as the log states them" if stated else "prompts by the reference counter, an estimate"
    lines.append(f"length    {lengths}: {how}")
    if unknown := _unknown(rows):
        lines.append(f"unknown   {', '.join(unknown)}: the log does not say")
    lines += [f"note      {note}" for note in log.notes]
    return "\n".join(visible(line) for line in [*lines, f"run       {run}"])
