"""`harness completion`: what a shell needs to complete commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

SHELLS = ("bash", "fish", "zsh")


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> None:
    """Print the completion script of a shell.

    For bash and zsh put eval "$(harness completion bash)" into ~/.bashrc or the same with zsh into ~/.zshrc; for fish
    write the output to ~/.config/fish/completions/harness.fish.
    """
    from harness.cli.main import cli

    found = get_completion_class(shell)
    assert found is not None  # click has these three
    click.echo(found(cli, {}, "harness", "_HARNESS_COMPLETE").source())
