"""`python -m harness`: the command line, where no script is installed."""

from harness.cli.main import main

main()
