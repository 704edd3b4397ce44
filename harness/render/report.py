"""The report: one offline HTML page from runs and the verdicts on them.

Everything that a reader must see is static HTML and SVG; the one script filters the list of replies. The page asks the
network for nothing, and its content security policy forbids it to. Same runs, same verdicts: same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from harness.declared import Declared
from harness.gate.emit.order import RULE
from harness.gate.emit.table import SHAPES, change, level
from harness.gate.verdict import State, Verdict, VerdictRow
from harness.gate.wording import amount, name_of, place, probability
from harness.records import Estimate
from harness.render import (
    cases,
    chosen,
    claims,
    compared,
    decision,
    effective,
    facts,
    forest,
    formatting,
    latency,
    losses,
    maps,
    metrics,
    modes,
    money,
    money_chart,
    money_figures,
    money_hosting,
    overview,
    positions,
    room,
    savings,
)
from harness.render.arms import Arms, Match, make_arms
from harness.render.estimates import by_cell, share
from harness.render.excerpts import AROUND
from harness.render.text import HEAD, TAIL, finalize, shortened
from harness.sizes import format_size
from harness.stats import STRICT_BELOW
from harness.store import Run
from harness.store.baseline import NOT_KEPT

Content = dict[str, Any]
"""What a report says: view models by the name that the templates know them by."""

CSP = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"


@dataclass(frozen=True, slots=True)
class ShareRow:
    """Shares right of one task at one length, a model each; None where a model was not asked."""

    task: str
    length: int
    shares: tuple[Estimate | None, ...]


def render_report(
    runs: Sequence[Run],
    verdicts: Sequence[Verdict] = (),
    *,
    excerpts: cases.Excerpts,
    caveats: Sequence[str] = (),
    declared: Declared | None = None,
) -> str:
    """Return the report as the text of an HTML file, to be written as UTF-8.

    Args:
        runs: every run that the report speaks of, each under its own name.
        verdicts: verdicts on pairs of these runs. Without any, the report says that no policy was applied.
        excerpts: gives the question and the passage behind a reply, or None where the prompt cannot be built again.
            Called only for the replies that are shown.
        caveats: further sentences on what the report does not show.
        declared: prices, machines, volume, claims and a load curve, as people state them.

    Raises:
        ConfigError: no run, or two runs of one name.
        UnknownName: a verdict speaks of a run that is not there.
    """
    return render_content(make_content(runs, verdicts, excerpts=excerpts, caveats=caveats, declared=declared))


def render_content(content: Content) -> str:
    """Return the page with what `make_content` found."""
    return _environment().get_template("report.html").render(csp=CSP, **content)


def make_content(
    runs: Sequence[Run],
    verdicts: Sequence[Verdict] = (),
    *,
    excerpts: cases.Excerpts,
    caveats: Sequence[str] = (),
    declared: Declared | None = None,
    replies: int = chosen.ON_THE_PAGE,
) -> Content:
    """Return all that a report says, by name: what every format of it is written from.

    Arguments as `render_report`; `replies` is how many are shown at most, of all models together.
    """
    arms = make_arms(runs, verdicts)
    declared = declared or Declared()
    told = _money(arms, declared)
    failures = modes.make_modes(arms)
    lengths = effective.make_lengths(arms, declared.decision.effective_at)
    rows = [row for verdict in verdicts for row in verdict.rows if row.unit == "points"]
    return dict(
        arms=arms,
        matches=[match for match in arms.matches if match.verdict],
        sweeps=sorted({run.info.sweep for run in runs}),
        tally=_tally(arms.matches),
        unscored=facts.unscored(arms),
        axis=forest.make_axis(rows) if rows else None,
        levels=sorted({row.drop.level for row in rows}),
        methods=sorted({row.drop.method for row in rows}),
        share_methods=sorted({row.baseline.method for row in rows}),
        shares=_shares(arms),
        tasks=facts.task_summaries(arms),
        compared=compared.make_compared(arms),
        metrics=metrics.make_metrics(arms),
        positions=positions.make_positions(arms),
        maps=maps.make_maps(arms),
        modes=failures,
        meanings=modes.meanings_of(arms),
        losses=losses.make_losses(arms),
        case_lists=cases.make_cases(arms, excerpts, replies),
        sweep_blocks=facts.blocks(arms.arms, map(facts.sweep_facts, arms.arms)),
        environment_blocks=facts.blocks(arms.arms, map(facts.environment_facts, arms.arms)),
        policy_blocks=facts.policy_blocks(verdicts),
        limits=[*caveats, *facts.limits(arms, verdicts)],
        lengths=lengths,
        overview=overview.make_overview(arms, lengths, failures, told["savings"], told["hosts"]),
        again=(),
        **told,
    )


def _money(arms: Arms, declared: Declared) -> dict[str, Any]:
    """Return what the sections on money, time and the decision print."""
    costs = money.make_money(arms, declared)
    hosts = money_hosting.make_hosts(costs.rows, declared)
    return {
        "money": costs,
        "savings": savings.make_savings(arms, costs),
        "hosts": hosts,
        "chart": money_chart.make_chart(costs.rows, hosts),
        "latency": latency.make_latency(arms, declared),
        "curve": latency.make_curve(arms, declared),
        "records": decision.make_records(arms, hosts, declared),
        "claims": claims.make_claims(arms, costs.rows, declared),
        "decision": declared.decision,
    }


DRAWN = {
    "MAP": {"left": maps.LEFT, "top": maps.TOP, "wide": maps.WIDE, "high": maps.HIGH},
    "STRIP": {"width": forest.WIDTH, "high": forest.HIGH},
    "CHART": {name: getattr(money_chart, name.upper()) for name in ("width", "high", "left", "right", "bottom")},
}
"""Sizes of the pictures, for the templates that draw them."""


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("harness.render"),
        autoescape=True,
        finalize=finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    written = (
        formatting.points,
        formatting.signed,
        formatting.interval,
        formatting.signed_interval,
        formatting.count,
        formatting.percent,
        formatting.plain,
        formatting.plain_interval,
        formatting.spoken,
        formatting.spoken_drop,
        shortened,
        format_size,
    )
    environment.filters |= {function.__name__: function for function in written}
    environment.globals |= _names()
    return environment


def _names() -> dict[str, Any]:
    """Return constants and functions that the templates use."""
    return {
        "SHAPES": SHAPES,
        "UNKNOWN": formatting.UNKNOWN,
        "STRICT_BELOW": STRICT_BELOW,
        **DRAWN,
        "AROUND": AROUND,
        "HEAD": HEAD,
        "TAIL": TAIL,
        "MOST": chosen.MOST,
        "first_of": chosen.first_of,
        "Leads": cases.Leads,
        "MOST_CURVES": effective.MOST_CURVES,
        "MOST_OPEN": room.MOST_OPEN,
        "common_notes": overview.common_notes,
        "MOST_MAPPED": maps.MOST_MAPPED,
        "pictured": room.pictured,
        "settled": room.settled,
        "RULE": RULE,
        "NOT_KEPT": NOT_KEPT,
        "BAR": modes.BAR,
        "FRACTION": effective.FRACTION,
        "CURVE": {name: getattr(effective, name.upper()) for name in effective.SIZES},
        "place": place,
        "probability": probability,
        "name_of": name_of,
        "level": level,
        "change": change,
        "amount": amount,
        "guarded_rows": _guarded_rows,
        "strip_of": forest.strip_of,
        "model_facts": facts.model_facts,
        "contexts_of": _contexts,
        "FEWEST_FOR_P95": latency.FEWEST_FOR_P95,
        "MOST_LATENCIES": latency.MOST_ROWS,
        **{function.__name__: function for function in money_figures.USED},
        "open_rows": _open_rows,
    }


def _tally(matches: Sequence[Match]) -> list[tuple[State, int]]:
    """Count the states of the candidates proper, worst first."""
    found = [match.verdict.state for match in matches if match.verdict and match.candidate.role != "positive-control"]
    order: tuple[State, ...] = ("invalid", "regressed", "insensitive", "inconclusive", "pass")
    return [(state, found.count(state)) for state in order if state in found]


def _contexts(verdict: Verdict) -> int:
    """Return the number of independent contexts behind a verdict: the row over everything has them all."""
    return max((row.contexts for row in verdict.rows), default=0)


def _guarded_rows(verdict: Verdict) -> list[VerdictRow]:
    """Return the rows that count something else than points, and so have no place on the axis of drops."""
    return [row for row in verdict.rows if row.unit != "points"]


def _open_rows(verdict: Verdict) -> list[VerdictRow]:
    """Return the rows that keep a verdict from being given."""
    return [row for row in verdict.rows if row.state == "inconclusive" and row.required]


def _shares(arms: Arms) -> tuple[ShareRow, ...]:
    """Return the shares right of the runs that no verdict speaks of."""
    found = {
        (task, length, arm.name): share(rows, "correct", arms.icc_of(arm))
        for arm in arms.without_verdict
        for (task, length), rows in by_cell(arm.scored).items()
    }
    places = sorted({(task, length) for task, length, _ in found})
    return tuple(
        ShareRow(task, length, tuple(found.get((task, length, arm.name)) for arm in arms.without_verdict))
        for task, length in places
    )
