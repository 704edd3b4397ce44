"""Tells the visible answer from the reasoning, whichever way the server hands them over.

A server may give reasoning in a field of its own or leave it in the text, between marks that depend on the model:

    <think> … </think>                  DeepSeek, Qwen, GLM, MiniMax, Nemotron …; likewise `<thinking>`, `<thought>`
                                        (EXAONE), `<seed:think>` (Seed-OSS), `<reasoning>`, `<reflection>`
    [THINK] … [/THINK]                  Mistral
    ◁think▷ … ◁/think▷                  Kimi
    <|START_THINKING|> … <|END_…|>      Command; likewise `<|begin_of_thought|>` and `<|inner_prefix|>` (Apertus)
    <|channel|>analysis<|message|> …    gpt-oss, up to `<|channel|>final<|message|>`
    <|channel>thought … <channel|>      Gemma 4
    analysis … assistantfinal           gpt-oss, where a server has dropped the special tokens
    Here is my thought process: …       Granite 3, up to `Here is my response:`

The closing mark may be missing because the budget ran out, the opening one because the chat template had written it
already.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.records import Reply

_NAMED = r"(?:seed:)?(?:think|thinking|thoughts?|reasoning|reflection)"
_CLOSES = (
    rf"</{_NAMED}>|\[/think\]|◁/think▷|<\|end_of_thought\|>|<\|end_thinking\|>|<\|inner_suffix\|>|<channel\|>"
    r"|(?:<\|end\|>)?(?:<\|start\|>assistant)?<\|channel\|>final[^<]{0,40}<\|message\|>"
)
_OPENS = (
    rf"<{_NAMED}>|\[think\]|◁think▷|<\|begin_of_thought\|>|<\|start_thinking\|>|<\|inner_prefix\|>|<\|channel>thought"
    r"|(?:<\|end\|>)?(?:<\|start\|>assistant)?<\|channel\|>(?:analysis|commentary)(?:[^<]{0,80}<\|message\|>)?"
)
_MARK = re.compile(rf"(?P<closing>{_CLOSES})|(?:{_OPENS})", re.IGNORECASE)
_IN_MARKS = ("think", "thought", "reasoning", "reflection", "<|", "<channel")
_WORDED = (
    (re.compile(r"\s*analysis(?=[^\W_])", re.IGNORECASE), re.compile("assistantfinal", re.IGNORECASE)),
    (
        re.compile(r"\s*here(?:'s| is) my (?:thought|thinking) process:?", re.IGNORECASE),
        re.compile(r"here(?:'s| is) my response:?", re.IGNORECASE),
    ),
)
_TOKEN = r"(?:<\|[a-z_]{2,30}\|>|</s>|<eos>|<end_of_turn>)"
_TOKENS_BEFORE = re.compile(rf"(?:\s*{_TOKEN})+", re.IGNORECASE)
_TOKENS_AFTER = re.compile(rf"{_TOKEN}\Z", re.IGNORECASE)
_TOKEN_CHARS = 34
_MOST_TOKENS = 8


@dataclass(frozen=True, slots=True)
class Split:
    """A reply in two parts.

    Attributes:
        visible: the text outside any reasoning, without special tokens at its ends.
        reasoning: everything else, the server's own field first.
        unclosed: reasoning began in the text and never ended.
    """

    visible: str
    reasoning: str
    unclosed: bool


def split_reasoning(reply: Reply) -> Split:
    """Split a reply.

    A closing mark without an opening one makes reasoning of all visible text before it, unless reasoning has ended
    before and nothing follows. An opening mark without a closing one makes reasoning of all text after it. Marks do not
    nest: the first closing one ends the reasoning.
    """
    worded, text, unclosed = _split_worded(reply.text, cut=reply.finish_reason == "length")
    reasoning, visible, inside = _split_marked(text) if _may_be_marked(text) else ([], text, False)
    thought = "\n".join(part for part in (reply.reasoning, worded, *reasoning) if part.strip())
    return Split(_without_tokens(visible.strip()), thought, unclosed or inside)


def _split_worded(text: str, *, cut: bool) -> tuple[str, str, bool]:
    """Return reasoning that begins and ends with words, the rest, and whether it never ended."""
    for opening, closing in _WORDED:
        if start := opening.match(text):
            if end := closing.search(text, start.end()):
                return text[start.end() : end.start()], text[end.end() :], False
            if cut:
                return text[start.end() :], "", True
    return "", text, False


def _may_be_marked(text: str) -> bool:
    """Tell at once that a text has no mark, as most have none: each mark holds one of these."""
    lower = text.lower()
    return any(part in lower for part in _IN_MARKS)


def _split_marked(text: str) -> tuple[list[str], str, bool]:
    """Return the pieces of reasoning, the visible text, and whether reasoning never ended."""
    visible: list[str] = []
    reasoning: list[str] = []
    inside, at, end = False, 0, len(text.rstrip())
    for mark in _MARK.finditer(text):
        piece, at = text[at : mark.start()], mark.end()
        (reasoning if inside else visible).append(piece)
        closing = mark["closing"] is not None
        if closing and not inside and not (reasoning and at >= end):
            reasoning.extend(visible)
            visible.clear()
        inside = not closing
    (reasoning if inside else visible).append(text[at:])
    return reasoning, "".join(visible), inside


def _without_tokens(text: str) -> str:
    """Take away the special tokens that a server has left at the ends of a text."""
    if start := _TOKENS_BEFORE.match(text):
        text = text[start.end() :].lstrip()
    for _ in range(_MOST_TOKENS):
        end = _TOKENS_AFTER.search(text, max(len(text) - _TOKEN_CHARS, 0))
        if not end:
            break
        text = text[: end.start()].rstrip()
    return text
