"""`harness report`: what runs say, as one HTML page, as Markdown for a pull request, or as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from harness.cli.options import results_option, run_path, say, task_dir_option

if TYPE_CHECKING:
    from harness.records import Result
    from harness.render import Excerpt
    from harness.render.cases import Excerpts
    from harness.render.inputs import Inputs
    from harness.render.manifest import Form
    from harness.store import Run

DEFAULT = Path("reports/report.html")


@click.command("report")
@click.argument("names", metavar="RUN...", nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help=f"Where to write it, in the format of its suffix: html, md, json, txt. May be repeated. [default: {DEFAULT}]",
)
@click.option("--policy", "policy_file", type=click.Path(path_type=Path), help="The gate's policy.")
@click.option(
    "--sweep",
    "sweep_files",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A sweep's file: prices, machines, claims, decision. May be repeated.",
)
@click.option(
    "--load-curve", "curves", multiple=True, type=click.Path(path_type=Path), help="A measured load curve, JSON or CSV."
)
@click.option("--no-verdict", is_flag=True, help="Show the runs without deciding anything.")
@click.option("--redact", is_flag=True, help="Leave out text of users: questions, answers, replies, names of samples.")
@click.option(
    "--replies",
    type=click.IntRange(min=0),
    default=600,
    show_default=True,
    help="How many replies are shown at most, of all models together; 60 of each.",
)
@click.option("--keep-slices", is_flag=True, help="With --redact: the values of slices stay.")
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "html", "md", "json")),
    help="The format of -o, whatever its suffix; without -o it is printed.",
)
@task_dir_option
@results_option
def command(
    names: tuple[str, ...],
    outputs: tuple[Path, ...],
    policy_file: Path | None,
    sweep_files: tuple[Path, ...],
    curves: tuple[Path, ...],
    no_verdict: bool,
    redact: bool,
    replies: int,
    keep_slices: bool,
    form: Form | Literal["text"] | None,
    task_dirs: tuple[Path, ...],
    results: Path,
) -> None:
    """Write a report about runs: run directories, baselines' files, SWEEP/MODEL, or a SWEEP for all of its models.

    The run whose role is baseline is compared with each of the others; without one there is no verdict. 'harness
    verify' recomputes what was written.
    """
    from datetime import UTC, datetime

    from harness.render.formats import form_of
    from harness.render.inputs import Inputs, read_given
    from harness.store import load_run

    inputs = Inputs(
        policy=read_given(policy_file) if policy_file else None,
        sweeps=tuple(map(read_given, sweep_files)),
        curves=tuple(map(read_given, curves)),
        task_dirs=task_dirs,
        decided=not no_verdict,
        redacted=redact,
        slices_kept=keep_slices,
        replies=replies,
        now=datetime.now(UTC),
    )
    forms = {file: form or form_of(file) for file in outputs or (() if form else (DEFAULT,))}
    runs = [load_run(path) for name in names for path in _paths(name, results)]
    _check_scored(runs)
    for file in write_report(runs, inputs, forms):
        click.echo(file)
    if not forms and form:
        click.echo(rendered(runs, inputs, form), nl=False)


def _check_scored(runs: Sequence[Run]) -> None:
    """Refuse runs of `harness diff`: a page of shares would show none, and look like a finding."""
    from harness.engine.rebuild import asked_from_log
    from harness.errors import ConfigError

    for run in runs:
        if asked_from_log(run.info):
            raise ConfigError(
                "its replies are to logged requests, which have no right answers, so there is nothing to report",
                where=str(run.info.path),
                fix="give 'harness diff' again with -o PAGE.html: it takes the replies that are there",
            )


def _paths(name: str, results: Path) -> list[Path]:
    """Return the run of that name, or all runs of the sweep of that name."""
    from harness.store import load_info
    from harness.store.load import is_run

    path = run_path(name, results)
    if is_run(path):
        return [path]
    found = sorted(file.parent for file in path.glob("*/run.json"))
    return [run for run in found if load_info(run).role != "repeat"] or [path]


def excerpts_of(task_dirs: Sequence[Path]) -> Excerpts:
    """Return what gives the question and the passage behind a reply: from prompts built again, where they can be."""
    from harness.engine.rebuild import rebuild_prompt
    from harness.errors import HarnessError
    from harness.interop.imported import question_of
    from harness.render import Excerpt, excerpt_of
    from harness.store.imported import source_of

    def excerpts(run: Run, result: Result) -> Excerpt | None:
        if source_of(run.info):
            return Excerpt("", "", "", question_of(result), rebuilt=False)
        try:
            return excerpt_of(*rebuild_prompt(run, result, task_dirs))
        except HarnessError:
            return None

    return excerpts


def write_report(runs: Sequence[Run], inputs: Inputs, forms: Mapping[Path, Form | Literal["text"]]) -> list[Path]:
    """Render a report in the format of each output and put it in its place whole; return the places.

    Raises:
        StoreError: a file cannot be written.
    """
    from harness.errors import StoreError
    from harness.render.formats import written
    from harness.render.inputs import content_of
    from harness.render.size import size_note
    from harness.store.run_dir import write_atomically

    content = content_of(runs, inputs, excerpts_of(inputs.task_dirs)) if forms else {}
    for file, form in forms.items():
        page = written(content, form, runs, inputs, file)
        if note := size_note(page, file):
            say(note)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(file, page)
        except OSError as error:
            raise StoreError(f"the report cannot be written: {error.strerror}", where=str(file)) from None
    return list(forms)


def rendered(runs: Sequence[Run], inputs: Inputs, form: Form | Literal["text"]) -> str:
    """Return a report as it is printed: its manifest finds the runs from the working directory."""
    from harness.render.formats import written
    from harness.render.inputs import content_of

    return written(content_of(runs, inputs, excerpts_of(inputs.task_dirs)), form, runs, inputs, Path("report"))
