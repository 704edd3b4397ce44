"""From the content that the page is written from to the plain records of `document`."""

from __future__ import annotations

from collections.abc import Iterator

from harness.render.arms import Arm
from harness.render.cases import Case, CaseList
from harness.render.document import (
    Chosen,
    Claimed,
    Condition,
    Cost,
    DepthCell,
    DepthPart,
    Document,
    EffectiveContext,
    Facts,
    LengthShare,
    Loss,
    Machines,
    MetricMean,
    Model,
    ModeLoss,
    Pair,
    Saved,
    Seconds,
    Share,
    ShownReply,
    Unpaired,
)
from harness.render.facts import model_facts
from harness.render.money import CostRow
from harness.render.report import Content
from harness.render.text import shortened


def document_of(content: Content) -> Document:
    """Return what a report says as plain records."""
    return Document(
        sweeps=tuple(content["sweeps"]),
        decided=bool(content["matches"]),
        tally=dict(content["tally"]),
        verdicts=tuple(match.verdict for match in content["matches"]),
        models=tuple(_models(content)),
        side_by_side=tuple(_pairs(content)),
        unpaired=tuple(
            Unpaired(baseline=pair.baseline.name, candidate=pair.candidate.name, problems=pair.problems)
            for pair in content["compared"]
            if not pair.rows
        ),
        shares=tuple(_shares(content)),
        metrics=tuple(_metrics(content)),
        effective=tuple(_effective(content)),
        positions=tuple(_positions(content)),
        depths=tuple(_depths(content)),
        modes=tuple(_modes(content)),
        losses=tuple(_losses(content)),
        costs=tuple(map(_cost, (*content["money"].rows, *content["money"].by_length))),
        savings=tuple(_savings(content)),
        machines=tuple(Machines(model=host.row.arm.name, computed=host.out) for host in content["hosts"]),
        seconds=tuple(_seconds(content)),
        load_curve=tuple(row.point for row in content["curve"]),
        decision=tuple(_conditions(content)),
        claims=tuple(_claims(content)),
        replies=tuple(_reply(cases.arm, case) for cases in content["case_lists"] for case in cases.cases),
        replies_shown=tuple(chosen for cases in content["case_lists"] for chosen in _chosen(cases)),
        limits=tuple(content["limits"]),
        facts=tuple(_facts(content)),
        meanings=content["meanings"],
        tasks=content["tasks"],
        again=content["again"],
    )


def _models(content: Content) -> Iterator[Model]:
    errors = {entry.arm.name: dict(entry.errors) for entry in content["unscored"]}
    for arm in content["arms"].arms:
        yield Model(
            name=arm.name,
            label=arm.label,
            kind=arm.kind,
            role=arm.role,
            planned=arm.run.info.planned,
            replies=len(arm.asked),
            missing=arm.missing,
            without_score=errors.get(arm.name, {}),
            facts=dict(model_facts(arm)),
        )


def _pairs(content: Content) -> Iterator[Pair]:
    for pair in content["compared"]:
        for row in pair.rows:
            yield Pair(
                baseline=pair.baseline.name,
                candidate=pair.candidate.name,
                task=row.task,
                length=row.length,
                right_baseline=row.baseline,
                right=row.candidate,
                drop=row.drop,
                losses=row.losses,
                gains=row.gains,
                contexts=row.contexts,
            )


def _shares(content: Content) -> Iterator[Share]:
    for row in content["shares"]:
        for arm, right in zip(content["arms"].without_verdict, row.shares, strict=True):
            if right is not None:
                yield Share(model=arm.name, task=row.task, length=row.length, right=right)


def _depths(content: Content) -> Iterator[DepthCell]:
    for group in content["maps"]:
        for depth_map in (each for maps in group.models for each in maps):
            baseline = depth_map.baseline
            for cell in depth_map.cells:
                yield DepthCell(
                    model=depth_map.arm.name,
                    baseline=baseline.name if baseline else None,
                    task=group.task,
                    length=cell.length,
                    depth=cell.depth,
                    right=None if baseline else cell.estimate,
                    drop=cell.estimate if baseline else None,
                )


def _metrics(content: Content) -> Iterator[MetricMean]:
    for row in content["metrics"].rows:
        for arm, mean in zip(content["metrics"].asked, row.means, strict=True):
            if mean:
                yield MetricMean(model=arm.name, task=row.task, length=row.length, metric=row.metric, mean=mean)


def _effective(content: Content) -> Iterator[EffectiveContext]:
    for table in content["lengths"]:
        for curve in table.curves:
            yield EffectiveContext(
                model=curve.arm.name,
                task=table.task,
                threshold=curve.threshold,
                length=curve.found.estimate,
                low=curve.found.low,
                high=curve.found.high,
                words=curve.reached,
                interval_words=curve.between,
                proven=curve.reach.proven if curve.reach else None,
                curve=tuple(LengthShare(length=point.length, right=point.share) for point in curve.points),
            )


def _positions(content: Content) -> Iterator[DepthPart]:
    for group in content["positions"]:
        for profile in group.profiles:
            for part in profile.parts:
                yield DepthPart(
                    model=profile.arm.name,
                    baseline=profile.baseline.name if profile.baseline else None,
                    task=group.task,
                    depth=part.depth,
                    right=part.right,
                    drop=part.drop,
                )


def _savings(content: Content) -> Iterator[Saved]:
    for each in content["savings"].values():
        yield Saved(
            model=each.row.arm.name,
            baseline=each.base.arm.name,
            tasks=each.thousand,
            correct_tasks=each.correct,
            at_most=each.at_most,
        )


def _modes(content: Content) -> Iterator[ModeLoss]:
    for table in content["modes"]:
        for row in table.rows:
            yield ModeLoss(
                model=table.arm.name,
                baseline=table.baseline.name if table.baseline else None,
                mode=row.mode,
                lost=row.model,
                lost_baseline=row.baseline,
                rise=row.change,
            )


def _losses(content: Content) -> Iterator[Loss]:
    for table in content["losses"]:
        for row in table.rows:
            yield Loss(
                model=table.arm.name,
                task=row.task,
                length=row.length,
                right=row.right,
                known=row.known,
                reasoning=row.reasoning,
                finding=row.finding,
                length_loss=row.length_loss,
            )


def _cost(row: CostRow) -> Cost:
    told = row.measured
    return Cost(
        model=row.arm.name,
        length=row.length,
        prompt_tokens=told.prompt,
        cached_tokens=told.cached,
        output_tokens=told.output,
        right=told.right,
        per_1000=row.spread,
        price=row.price,
        at_most=row.at_most,
        computed=row.out if row.price else {},
    )


def _seconds(content: Content) -> Iterator[Seconds]:
    for row in content["latency"]:
        yield Seconds(
            model=row.arm.name, length=row.length, n=row.n, p50=row.p50, p95=row.p95, concurrency=row.concurrency
        )


def _conditions(content: Content) -> Iterator[Condition]:
    for record in content["records"]:
        for each in record.conditions:
            yield Condition(
                model=record.host.row.arm.name,
                name=each.name,
                holds_if=each.holds_if,
                state=each.state,
                mark=each.mark,
                evidence=each.evidence,
            )


def _claims(content: Content) -> Iterator[Claimed]:
    for row in content["claims"]:
        yield Claimed(
            model=row.arm.name if row.arm else row.claim.model,
            what=row.what,
            claimed=row.claimed,
            found=row.found,
            mark=row.mark,
            rests_on=row.rests_on,
            source=row.claim.source,
            date=row.claim.date,
        )


def _reply(arm: Arm, case: Case) -> ShownReply:
    result = case.result
    error = result.reply.error
    return ShownReply(
        model=arm.name,
        kind=case.kind,
        sample_id=result.sample_id,
        replicate=result.replicate,
        task=result.task,
        length=result.recipe.length,
        depth=case.depth,
        mode=case.mode,
        question=case.excerpt.question if case.excerpt else "",
        expected=result.gold,
        read=result.score.answer if result.score else (),
        evidence=result.score.evidence if result.score else "",
        reply=shortened(error.message if error else result.reply.text),
        command=case.command,
    )


def _chosen(cases: CaseList) -> Iterator[Chosen]:
    for kind, shown, found in cases.counts:
        yield Chosen(model=cases.arm.name, kind=kind, shown=shown, all=found)


def _facts(content: Content) -> Iterator[Facts]:
    for about in ("sweep", "environment"):
        for block in content[f"{about}_blocks"]:
            yield Facts(about=about, models=tuple(arm.name for arm in block.arms), facts=dict(block.facts))
    for block in content["policy_blocks"]:
        yield Facts(about="policy", models=block.candidates, facts=dict(block.facts))
