"""`harness verify`: every number of a report recomputed from the runs that it names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli.options import json_option, print_json, task_dir_option

if TYPE_CHECKING:
    from harness.render.figures import Figure
    from harness.render.verified import Means
    from harness.render.verify import Checked, State

SHOWN = 20


@click.command("verify")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--results",
    multiple=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder that the runs live in; without it they are looked for where the report says. May be repeated.",
)
@click.option("--policy", type=click.Path(path_type=Path), help="The policy, where the file does not hold its text.")
@click.option("--sweep", "sweeps", multiple=True, type=click.Path(path_type=Path), help="Likewise a sweep's file.")
@click.option("--load-curve", "curves", multiple=True, type=click.Path(path_type=Path), help="Likewise a load curve.")
@task_dir_option
@json_option
def command(
    files: tuple[Path, ...],
    results: tuple[Path, ...],
    policy: Path | None,
    sweeps: tuple[Path, ...],
    curves: tuple[Path, ...],
    task_dirs: tuple[Path, ...],
    as_json: bool,
) -> int:
    """Recompute every number of a report, a verdict or a README's marked figures from the runs.

    Exit codes: 0 all is as recomputed, 1 something differs, 2 a FILE names no runs, 4 runs are missing, damaged or not
    those that it was made from; of several files the worst one, in the order 4, 1, 0.
    """
    from harness.cli.report import excerpts_of
    from harness.render.inputs import read_given
    from harness.render.verified import Means, texts_of
    from harness.render.verify import WORST_FIRST

    given = [read_given(file) for file in (*([policy] if policy else []), *sweeps, *curves)]
    means = Means(results, texts_of(given), task_dirs, excerpts_of)
    checked = [_check(file, means, policy) for file in files]
    if as_json:
        print_json({"schema": "longcontext-harness/verified@1", "files": [_plain(each) for each in checked]})
    else:
        click.echo("\n".join(line for each in checked for line in _lines(each)))
    codes = {each.exit_code for each in checked}
    return int(next(code for code in WORST_FIRST if code in codes))


def _check(file: Path, means: Means, policy: Path | None) -> Checked:
    from harness.errors import ConfigError
    from harness.gate import load_policy
    from harness.render.figures import figures_of
    from harness.render.manifest import extracted
    from harness.render.verdict_files import check_verdict, verdict_named
    from harness.render.verified import check_report

    try:
        with file.open(encoding="utf-8", newline="") as stream:
            text = stream.read()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read: {error}", where=str(file)) from None
    if manifest := extracted(text, str(file)):
        return check_report(file, text, manifest, means)
    if named := verdict_named(text, str(file)):
        judged_by = load_policy(policy) if policy else None
        return check_verdict(file, text, named, means.results or [Path("results")], judged_by)
    if figures := figures_of(text, str(file)):
        return _check_figures(file, figures)
    raise ConfigError(
        "names no runs: it holds no manifest, is no verdict, and no figure in it is marked",
        where=str(file),
        fix="'harness report' writes files that can be verified",
    )


def _check_figures(file: Path, figures: Sequence[Figure]) -> Checked:
    from harness.errors import StoreError, UnknownName
    from harness.render.figures import check_figure
    from harness.render.tokens import NUMBER
    from harness.render.verify import Checked, Problem

    problems: list[Problem] = []
    numbers = missing = 0
    for figure in figures:
        try:
            printed = _printed(figure)
        except (UnknownName, StoreError) as error:
            problems.append(Problem(f"line {figure.line} ({figure.name})", told=str(error)))
            missing += 1
            continue
        problems += check_figure(figure, printed)
        numbers += sum(len(NUMBER.findall(line)) for line in figure.lines)
    state: State = "not recomputed" if missing else "differs" if problems else "recomputed"
    return Checked(file=str(file), state=state, computed=numbers, problems=tuple(problems))


def _printed(figure: Figure) -> str:
    """Return what a command prints on stdout; what it ends with is no matter."""
    import importlib
    import io
    from contextlib import redirect_stdout

    name, *arguments = figure.command
    called: click.Command = importlib.import_module(f"harness.cli.{name}").command
    out = io.StringIO()
    with redirect_stdout(out):
        called.main(arguments, prog_name=f"harness {name}", standalone_mode=False)
    return out.getvalue()


def _plain(checked: Checked) -> dict[str, object]:
    return {**asdict(checked), "exit_code": int(checked.exit_code)}


def _lines(checked: Checked) -> list[str]:
    from harness.gate.emit.clean import shortened, visible

    counted = f"{checked.computed:,} numbers recomputed" if checked.computed else "nothing recomputed"
    quoted = f", {checked.quoted:,} quoted from replies compared with the runs" if checked.quoted else ""
    lines = [f"{checked.file}: {checked.state}; {counted}{quoted}"]
    for problem in checked.problems[:SHOWN]:
        sides = [shortened(visible(side), 160) or "nothing" for side in (problem.printed, problem.expected)]
        told = visible(problem.told) or f"printed {sides[0]}; should be {sides[1]}"
        lines.append(f"  {visible(problem.where)}: {told}")
    if len(checked.problems) > SHOWN:
        lines.append(f"  … and {len(checked.problems) - SHOWN} more; --json lists all")
    return [*lines, *(f"  note: {note}" for note in checked.notes)]
