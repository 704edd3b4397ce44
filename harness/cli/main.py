"""The `harness` command: a group whose commands are imported only when they are called."""

from __future__ import annotations

import importlib
import keyword
import os
import sys
import traceback
from typing import Any

import click

import harness
from harness.errors import ConfigError, ExitCode, HarnessError

COMMANDS = {
    "quickstart": "The main job on a real embedded model, in minutes on two cores.",
    "init": "Write a first sweep.toml and gate.toml.",
    "validate": "What a sweep will ask, sample by sample: prompts, right answers, lengths. No calls.",
    "plan": "What a sweep will ask and what it can decide. No calls.",
    "noise": "What differs when the same model is asked the same twice.",
    "simulate": "How often this very plan would pass or fail, if the truth were known. No calls.",
    "run": "Ask every model of a sweep; the same command continues.",
    "diff": "Logged requests without right answers: what changed beyond noise.",
    "compare": "Two runs side by side: flips, intervals. Never decides.",
    "gate": "The verdict on a candidate, as an exit code.",
    "baseline": "Accept a run as a baseline to commit; list and show baselines.",
    "report": "A page, Markdown or JSON about one or more runs.",
    "verify": "Every number of a report, recomputed from its runs.",
    "import": "A log of lm-eval, Inspect or NeMo Evaluator as a run.",
    "export": "A run for Inspect, lm-eval, Parquet, Every Eval Ever.",
    "score": "Score saved replies again, with the tasks as they are now. No calls.",
    "show": "One sample: its prompt, the reply, how it was read.",
    "runs": "What is on disk, and how complete.",
    "schema": "JSON Schema of a sweep, a policy, a verdict or a report.",
    "tasks": "List, show and check tasks.",
    "completion": "What a shell needs to complete commands: bash, zsh, fish.",
    "models": "List adapters, check a sweep's models, fetch the embedded one.",
}


class LazyGroup(click.Group):
    """Knows the names of its commands without importing them, so that `--help` is quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of a first day's work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command. Hyphen and underscore are the same."""
        name = cmd_name.replace("_", "-")
        if name not in COMMANDS:
            return None
        module = f"{name}_" if keyword.iskeyword(name) else name
        command: click.Command = importlib.import_module(f"harness.cli.{module}").command
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[Any, Any, list[str]]:
        """Suggest a near name for a mistyped command."""
        if args and args[0].replace("_", "-") not in COMMANDS and not args[0].startswith("-"):
            from harness.registry import did_you_mean

            ctx.fail(f"no command {args[0]!r}{did_you_mean(args[0], COMMANDS)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands with their lines from `COMMANDS`."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(harness.__version__, prog_name="harness")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def cli(debug: bool) -> None:
    """May this model do this work at this context length, instead of that one?

    Exit codes: 0 pass, 1 regressed, 2 usage, 3 inconclusive, 4 incomplete or invalid, 130 interrupted.
    """


def main() -> None:
    """Run the command line: results on stdout, everything else on stderr, the exit code last."""
    sys.exit(int(_exit_code() or 0))


def _exit_code() -> int | None:
    """Run the command and turn whatever ends it into an exit code; a crash is 4, never a verdict's 0 or 1."""
    try:
        _read_env_file()
        code: int | None = cli.main(prog_name="harness", standalone_mode=False)
        sys.stdout.flush()
        return code
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    except HarnessError as error:
        _explain(f"error: {error}")
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted: everything answered so far is on disk; the same command continues", err=True)
        return ExitCode.INTERRUPTED
    except (SystemExit, BrokenPipeError):  # nobody reads our output; click itself would end with 1
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.INVALID
    except Exception as error:
        _explain(
            f"internal error: {type(error).__name__}: {error}\n  fix: this is a bug; 'harness --debug …' shows where"
        )
        return ExitCode.INVALID


def _explain(text: str) -> None:
    """Print an error, and its traceback where `--debug` asks for it."""
    if "--debug" in sys.argv:
        traceback.print_exc()
    click.echo(text, err=True)


def _read_env_file() -> None:
    """Read `.env` of the working directory; a variable that is already set keeps its value."""
    from pathlib import Path

    if Path(".env").is_file():
        from dotenv import load_dotenv

        try:
            load_dotenv(Path(".env"), override=False)
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"cannot be read: {error}", where=".env", fix="KEY=value lines in UTF-8") from None
