"""The report: one offline HTML page from runs and the verdicts on them.

Everything that a reader must see is static HTML and SVG; the one script filters the list of replies. The page asks the
network for nothing and its content security policy forbids it to. Same runs, same verdicts: same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from harness.gate.emit.table import SHAPES
from harness.gate.verdict import Verdict, VerdictRow
from harness.gate.wording import place
from harness.render import cases, facts, forest, maps, modes, numbers
from harness.render.arms import Arms, make_arms
from harness.render.estimates import share
from harness.render.excerpts import AROUND
from harness.render.text import HEAD, TAIL, finalize, shortened
from harness.sizes import format_size
from harness.store import Run

CSP = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"


def render_report(
    runs: Sequence[Run],
    verdicts: Sequence[Verdict] = (),
    *,
    excerpts: cases.Excerpts,
    caveats: Sequence[str] = (),
) -> str:
    """Return the report as the text of an HTML file, to be written as UTF-8.

    Args:
        runs: every run that the report speaks of, each under its own name.
        verdicts: verdicts on pairs of these runs. Without any, the report says that no policy was applied.
        excerpts: gives the question and the passage behind a reply, or None where the prompt cannot be built again.
            Called only for the replies that are shown.
        caveats: further sentences on what the report does not show.

    Raises:
        ConfigError: no run, or two runs of one name.
        UnknownName: a verdict speaks of a run that is not there.
    """
    arms = make_arms(runs, verdicts)
    judged = [match for match in arms.matches if match.verdict is not None]
    rows = [row for verdict in verdicts for row in verdict.rows]
    axis = forest.make_axis(rows) if rows else None
    return _environment().get_template("report.html").render(
        csp=CSP,
        arms=arms,
        judged=judged,
        sweeps=sorted({run.info.sweep for run in runs}),
        states=_states(verdicts),
        unscored=facts.unscored(arms),
        open_matches=[match for match in judged if any(_is_open(row) for row in _rows(match.verdict))],
        is_open=_is_open,
        axis=axis,
        strip_of=forest.strip_of,
        levels=sorted({row.drop.level for row in rows}),
        methods=sorted({row.drop.method for row in rows}),
        shares=_share_table(arms),
        maps=maps.make_maps(arms),
        modes=modes.make_modes(arms),
        case_lists=cases.make_cases(arms, excerpts),
        most_cases=cases.MOST,
        sweep_blocks=facts.blocks(arms.arms, map(facts.sweep_facts, arms.arms)),
        environment_blocks=facts.blocks(arms.arms, (facts.flattened(arm.run.info.environment) for arm in arms.arms)),
        policy_blocks=facts.policy_blocks(verdicts),
        limits=[*caveats, *facts.limits(arms, verdicts)],
    )
