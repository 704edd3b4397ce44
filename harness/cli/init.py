"""`harness init`: a first sweep and a first policy."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from harness.cli.options import say


@click.command("init")
@click.option("--dir", "folder", type=click.Path(path_type=Path, file_okay=False), default=Path(), help="Where to.")
@click.option("--name", default="first", show_default=True, help="Name of the sweep: its folder under results/.")
@click.option("--baseline-url", default="", help="Address of the server in use, such as http://localhost:8000/v1.")
@click.option("--baseline-model", default="", help="The name that it serves.")
@click.option("--candidate-url", default="", help="Address of the server to be judged.")
@click.option("--candidate-model", default="", help="The name that it serves.")
@click.option("--key-env", default="", help="Name of the variable that holds the key; none for servers without.")
@click.option("--lengths", help="Comma-separated, such as 32k,128k.")
@click.option("--tasks", help="Comma-separated: 'harness tasks list' has them.")
@click.option("--contexts", type=click.IntRange(min=1), default=100, show_default=True)
@click.option("--questions", type=click.IntRange(min=1), default=4, show_default=True, help="On each context.")
@click.option("--margin", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.05, show_default=True)
def command(
    folder: Path,
    name: str,
    baseline_url: str,
    baseline_model: str,
    candidate_url: str,
    candidate_model: str,
    key_env: str,
    lengths: str | None,
    tasks: str | None,
    contexts: int,
    questions: int,
    margin: float,
) -> None:
    """Write a commented sweep.toml and gate.toml. On a terminal, what no option says is asked."""
    from harness.scaffold.start import LENGTHS, TASKS, Start, start_files, write_files

    wanted = {
        "BASELINE_URL": (baseline_url, "address of the baseline's server"),
        "BASELINE_MODEL": (baseline_model, "name that it serves"),
        "CANDIDATE_URL": (candidate_url, "address of the candidate's server"),
        "CANDIDATE_MODEL": (candidate_model, "name that it serves"),
    }
    told = {variable: given or _ask(question) for variable, (given, question) in wanted.items()}
    start = Start(
        name=name,
        urls=(told["BASELINE_URL"], told["CANDIDATE_URL"]),
        models=(told["BASELINE_MODEL"], told["CANDIDATE_MODEL"]),
        key_env=key_env,
        lengths=lengths.split(",") if lengths else LENGTHS,
        tasks=tasks.split(",") if tasks else TASKS,
        contexts=contexts,
        questions=questions,
        margin=margin,
    )
    for path in write_files(start_files(start), folder):
        click.echo(path)
    unset = [variable for variable, text in told.items() if not text]
    if unset:
        say(f"set {', '.join(unset)} in the environment or in .env, or write the values into the sweep")
    say("next: harness models check sweep.toml; harness plan sweep.toml; harness run sweep.toml")


def _ask(question: str) -> str:
    """Ask on a terminal; elsewhere, and where nothing is typed, leave it open."""
    return str(click.prompt(question, default="", show_default=False)) if sys.stdin.isatty() else ""
