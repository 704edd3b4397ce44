"""A written report as a list of what is printed in it, so that two of them can be compared in words.

Of HTML: every text with the section and the row that it stands in, and every attribute, which holds the pictures. Of
Markdown: every line with its heading. Of JSON: every value with its path.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from harness.render.manifest import HTML, MARKDOWN, Form

NUMBER = re.compile(r"[-−+]?\d[\d,]*(?:\.\d+)?")
QUOTED = ("Replies to read", "replies[")
"""Sections in which numbers are quoted from replies and data: they are compared, and not counted as computed."""

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
SILENT = {"style", "script"}


@dataclass(frozen=True, slots=True)
class Token:
    """Something printed.

    Attributes:
        section: the heading that it stands under.
        row: the head of its row in a table; empty elsewhere.
        kind: `text`, `tag`, or the name of an attribute.
        text: as printed.
    """

    section: str
    row: str
    kind: str
    text: str

    @property
    def where(self) -> str:
        """The place in words."""
        place = f"{self.section}: {self.row}" if self.row else self.section
        return place if self.kind == "text" else f"{place} (markup: {self.kind})"


def tokens_of(text: str, form: Form) -> list[Token]:
    """Return what a report prints, in order, its manifest left out."""
    if form == "html":
        reader = _Reader()
        reader.feed(HTML.sub("", text))
        reader.close()
        return reader.tokens
    if form == "md":
        return list(_lines(MARKDOWN.sub("", text)))
    plain = json.loads(text)
    plain.pop("manifest", None)
    return list(_leaves(plain, ""))


def numbers_in(tokens: Sequence[Token]) -> tuple[int, int]:
    """Count the numbers in texts: those that are computed or fixed, and those that are quoted from replies and data."""
    counts = [0, 0]
    for token in tokens:
        if token.kind in ("text", "aria-label"):
            counts[token.section.startswith(QUOTED)] += len(NUMBER.findall(token.text))
    return counts[0], counts[1]


@dataclass
class _Reader(HTMLParser):
    tokens: list[Token] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[str] = []
        self._section, self._row = "top", ""
        self._heading: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._mark(tag, attrs)
        if tag == "h2":
            self._heading = []
        if tag == "tr":
            self._row = ""
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._mark(tag, attrs)

    def _mark(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tokens.append(Token(self._section, self._row, "tag", tag))
        self.tokens += [Token(self._section, self._row, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        self.tokens.append(Token(self._section, self._row, "tag", f"/{tag}"))
        if tag == "h2":
            self._section, self._row = " ".join("".join(self._heading).split()), ""
        if tag in ("table", "tr"):
            self._row = ""
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        if "h2" in self._open:
            self._heading.append(data)
        if not text:
            return
        if "th" in self._open and "tbody" in self._open and not self._row:
            self._row = text
        kind = next((tag for tag in SILENT if tag in self._open), "text")
        self.tokens.append(Token(self._section, self._row, kind, text))

    def handle_comment(self, data: str) -> None:
        self.tokens.append(Token(self._section, self._row, "comment", data))

    def handle_decl(self, decl: str) -> None:
        self.tokens.append(Token(self._section, self._row, "declaration", decl))


def _lines(text: str) -> Iterator[Token]:
    section = "top"
    for line in text.splitlines():
        if line.startswith("#"):
            section = line.lstrip("# ")
        if line.strip():
            cells = [cell.strip() for cell in line.strip("|").split(" | ")] if line.startswith("|") else [line.strip()]
            yield from (Token(section, cells[0] if len(cells) > 1 else "", "text", cell) for cell in cells)


def _leaves(value: Any, path: str) -> Iterator[Token]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{place}]")
    else:
        yield Token(path, "", "text", json.dumps(value, ensure_ascii=False))
