"""`harness export`: a run as a log of another harness, or as a table."""

from __future__ import annotations

from pathlib import Path

import click

from harness.cli.options import results_option, run_path, say, task_dir_option

FORMS = ("inspect", "lm-eval", "parquet", "eee")


@click.command("export")
@click.argument("run", metavar="RUN")
@click.option("--to", "form", type=click.Choice(FORMS), required=True, help="What to write.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=Path("exports"),
    show_default=True,
    help="A folder; or a file: .eval or .json of a run with one task, .parquet.",
)
@task_dir_option
@results_option
def command(run: str, form: str, output: Path, task_dirs: tuple[Path, ...], results: Path) -> None:
    """Write RUN as logs of Inspect or lm-eval, as a Parquet file with one row a reply, or for Every Eval Ever.

    Prompts are built again; one that cannot be is left out. RUN is a run's directory or SWEEP/MODEL.
    """
    from datetime import UTC, datetime

    from harness.interop.export_eee import write_eee
    from harness.interop.export_inspect import write_inspect
    from harness.interop.export_lm_eval import write_lm_eval
    from harness.interop.export_parquet import write_parquet
    from harness.interop.exported import gather
    from harness.store import load_run

    writers = {"inspect": write_inspect, "lm-eval": write_lm_eval, "parquet": write_parquet, "eee": write_eee}
    exported = gather(load_run(run_path(run, results)), task_dirs, datetime.now(UTC))
    if exported.without_prompt:
        say(f"{exported.without_prompt} prompts cannot be built again and are left out")
    for file in writers[form](exported, output):
        click.echo(file)
