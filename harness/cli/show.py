"""`harness show`: everything about one sample of a run."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli.options import json_option, print_json, results_option, run_path, task_dir_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.records import Message, Result

AROUND = 400


@click.command("show")
@click.argument("run", metavar="RUN")
@click.argument("sample_id", metavar="SAMPLE")
@click.option("--replicate", default=0, show_default=True, help="Which reply, where there are several.")
@click.option("--full", is_flag=True, help="Print the whole prompt, not its ends.")
@task_dir_option
@results_option
@json_option
def command(
    run: str,
    sample_id: str,
    replicate: int,
    full: bool,
    task_dirs: tuple[Path, ...],
    results: Path,
    as_json: bool,
) -> None:
    """Show a sample's exact prompt (built again, its hash checked), the reply, and how it was read.

    RUN is a run's directory or SWEEP/MODEL. Of a baseline's file it shows the score alone, of an imported run what the
    log had.
    """
    from harness.engine.rebuild import asked_from_log, find_result, rebuild_prompt
    from harness.store import load_run
    from harness.store.imported import source_of

    loaded = load_run(run_path(run, results))
    result = find_result(loaded, sample_id, replicate)
    if loaded.info.accepted:
        click.echo(_scores(result, as_json=as_json))
        return
    if source := source_of(loaded.info):
        click.echo(_imported(result, source, as_json=as_json, full=full))
        return
    if asked_from_log(loaded.info):
        click.echo(_logged(result, as_json=as_json))
        return
    sample, messages = rebuild_prompt(loaded, result, task_dirs)
    if as_json:
        print_json({"result": asdict(result), "question": sample.question, "messages": [asdict(m) for m in messages]})
        return
    click.echo(_text(result, messages, full=full))


def _scores(result: Result, *, as_json: bool) -> str:
    """Lay out what a baseline's file keeps of a sample."""
    from harness.store.baseline import NOT_KEPT

    if as_json:
        kept = {"sample_id": result.sample_id, "axes": result.axes, "score": result.score and asdict(result.score)}
        return json.dumps({**kept, "usage": asdict(result.reply.usage), "note": f"prompt and reply are {NOT_KEPT}"})
    lines = [f"sample      {result.sample_id}", f"context     {result.context_id}"]
    lines += [f"axis        {name} = {value}" for name, value in result.axes.items()]
    lines += [f"verdict     {_verdict(result)}", f"            prompt, right answer and reply are {NOT_KEPT}"]
    return "\n".join(lines)


def _imported(result: Result, source: str, *, as_json: bool, full: bool) -> str:
    """Lay out what an imported run keeps of a sample."""
    from harness.interop.imported import question_of

    note = f"a log of {source}: the prompt is not kept and cannot be built again"
    if as_json:
        return json.dumps({"result": asdict(result), "question": question_of(result), "note": note})
    lines = [f"sample      {visible(result.sample_id)}", f"context     {visible(result.context_id)}"]
    lines += [f"axis        {name} = {visible(str(value))}" for name, value in result.axes.items()]
    tokens = f", about {result.expected_tokens} tokens by {result.expected_by}" if result.expected_by else ""
    question = visible(question_of(result))
    lines += [f"prompt      {note}{tokens}", "", "--- question", question if full else ends(question), ""]
    return "\n".join([*lines, *_answered(result)])


def _logged(result: Result, *, as_json: bool) -> str:
    """Lay out what a run of `harness diff` keeps of a request: all of it is redacted."""
    from harness.engine.rebuild import LOGGED

    note = f"{LOGGED}; its line in the log has it"
    if as_json:
        return json.dumps({"result": asdict(result), "note": note})
    tokens = f"{result.expected_tokens} tokens by {result.expected_by}"
    lines = [f"sample      {visible(result.sample_id)}", f"context     {visible(result.context_id)}"]
    lines += [f"axis        {visible(name)} = {visible(str(value))}" for name, value in result.axes.items()]
    lines += [f"prompt      {note}; sha256 {result.prompt_sha256[:16]}… (redacted), {tokens}", ""]
    return "\n".join([*lines, *_answered(result, graded=False), "verdict     none: nobody knows the right answer"])


def _verdict(result: Result) -> str:
    if result.score is None:
        return f"no score: {result.reply.error.kind}" if result.reply.error else "no score"
    return "right" if result.score.correct else f"wrong: {result.score.mode}"


def _text(result: Result, messages: Sequence[Message], *, full: bool) -> str:
    """Lay a sample out for a terminal. Control characters in a model's text are shown, never sent."""
    reply = result.reply
    lines = [f"sample      {result.sample_id}", f"context     {result.context_id}"]
    lines += [f"axis        {name} = {value}" for name, value in result.axes.items()]
    lines += [
        f"prompt      sha256 {result.prompt_sha256[:16]}… (built again, the same), "
        f"{result.expected_tokens} tokens by {result.expected_by}, {reply.usage.prompt_tokens or '?'} by the server",
        "",
    ]
    for message in messages:
        lines += [f"--- {message.role}", message.content if full else ends(message.content), ""]
    return "\n".join([*lines, *_answered(result)])


def _answered(result: Result, *, graded: bool = True) -> list[str]:
    """Lay out the reply and how it was read."""
    reply, score = result.reply, result.score
    lines = []
    if reply.reasoning:
        lines += ["--- reasoning", visible(reply.reasoning), ""]
    lines += ["--- reply", visible(reply.text), "", f"finish      {reply.finish_reason}"]
    if graded:
        lines.append(
            f"expected    {visible(', '.join(result.gold)) or '(none: the right answer is that there is none)'}"
        )
    if reply.error:
        lines.append(f"error       {reply.error.kind}: {visible(reply.error.message)}")
    if score:
        lines += [
            f"read        {', '.join(map(visible, score.answer)) or '(nothing)'}  by {score.rung or 'the task itself'}",
            f"verdict     {_verdict(result)}",
        ]
        lines += [f"because     {visible(score.evidence)}"] if score.evidence else []
        lines += [f"flags       {', '.join(score.flags)}"] if score.flags else []
        lines += [f"metric      {visible(name)} = {value:.4g}" for name, value in score.metrics.items()]
    return lines


def ends(text: str) -> str:
    """Return a text, or its first and last characters with what was left out counted between them."""
    if len(text) <= 4 * AROUND:
        return text
    left_out = len(text) - 3 * AROUND
    return f"{text[:AROUND]}\n[… {left_out} characters; --full prints them …]\n{text[-2 * AROUND :]}"


def visible(text: str) -> str:
    """Return text with control characters, bidirectional overrides and lone surrogates written as escapes."""
    return "".join(c if c in "\n\t" or c.isprintable() else c.encode("unicode_escape").decode() for c in text)
