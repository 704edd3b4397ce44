"""The gate as a pytest fixture, for who keeps releases behind tests.

Opt in with `pytest_plugins = ["harness.pytest_plugin"]` in a `conftest.py`, or with `-p harness.pytest_plugin`; nothing
loads it by itself, so that projects which merely have the harness installed do not pay for it.
"""

from __future__ import annotations

import os
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

import pytest

if TYPE_CHECKING:
    from harness.gate import Verdict

Undecided = Literal["fail", "skip", "xfail"]


class UndecidedWarning(UserWarning):
    """A verdict was not decided, and the policy lets that through."""


class Gate(Protocol):
    """What the fixture `harness_gate` is."""

    def __call__(
        self,
        baseline: str | Path,
        candidate: str | Path,
        *,
        policy: str | Path | None = None,
        results: str | Path | None = None,
        undecided: Undecided = "fail",
    ) -> Verdict:
        """Fail the test unless the candidate passes.

        Relative paths start at pytest's root directory.

        Args:
            baseline: `SWEEP/MODEL`, a run's directory, or a baseline's file.
            candidate: the same of the candidate.
            policy: the policy; None takes the one that was locked before the replies were seen, or the default one.
            results: the folder that runs live in; None takes `HARNESS_RESULTS`, or `results`.
            undecided: what becomes of the test where the verdict is inconclusive or insensitive. A policy with
                `on_inconclusive = "warn"` makes it an `UndecidedWarning` instead.
        """
        ...


@pytest.fixture
def harness_gate(pytestconfig: pytest.Config) -> Gate:
    """Judge a candidate; a failing test shows the verdict as `harness gate` prints it."""
    root = pytestconfig.rootpath

    def gate(
        baseline: str | Path,
        candidate: str | Path,
        *,
        policy: str | Path | None = None,
        results: str | Path | None = None,
        undecided: Undecided = "fail",
    ) -> Verdict:
        from harness.errors import HarnessError
        from harness.gate import emit

        folder = root / (results or os.environ.get("HARNESS_RESULTS", "results"))
        try:
            verdict = _verdict(
                _place(baseline, root, folder), _place(candidate, root, folder), policy and root / policy
            )
        except HarnessError as error:
            pytest.fail(str(error), pytrace=False)
        _settle(verdict, emit(verdict, "text"), undecided)
        return verdict

    return gate


def _place(name: str | Path, root: Path, results: Path) -> Path:
    from harness.store.load import is_run

    return root / name if is_run(root / name) else results / name


def _verdict(baseline: Path, candidate: Path, policy: Path | Literal[""] | None) -> Verdict:
    from harness.gate import judge, load_policy
    from harness.store import load_run

    given = load_policy(policy) if policy else None
    return judge(load_run(baseline), load_run(candidate), given, datetime.now(UTC))


def _settle(verdict: Verdict, text: str, undecided: Undecided) -> None:
    """End the test as the verdict says; only a pass, or a warning that the policy asks for, lets it go on."""
    if verdict.state == "pass":
        return
    if verdict.state in ("regressed", "invalid"):
        pytest.fail(text, pytrace=False)
    if verdict.exit_code == 0:
        warnings.warn(UndecidedWarning(f"undecided, and the policy lets it through: {verdict.sentence}"), stacklevel=3)
        return
    if undecided == "skip":
        pytest.skip(f"undecided: {verdict.sentence}")
    if undecided == "xfail":
        pytest.xfail(f"undecided: {verdict.sentence}")
    pytest.fail(f"undecided, which is no pass\n{text}", pytrace=False)
