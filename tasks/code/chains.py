"""A chain: functions that call one another across files, from an entry down to the last.

Planted chains are asked about; the filler of a context is made of the same chains, which nobody asks about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .draw import Draw
from .idioms import IDIOMS, PLANTS, Hop, join
from .links import home_of, link
from .program import File, path_of


@dataclass(frozen=True, slots=True)
class Chain:
    """Functions that call one another across files.

    Attributes:
        files: those that come first in the order of imports first.
        entry: dotted name of the function that the chain begins with.
        argument: what it is called with.
        idioms: how each function is written, from the entry on.
        links: how each but the entry is imported.
    """

    files: tuple[File, ...]
    entry: str
    argument: int
    idioms: tuple[str, ...]
    links: tuple[str, ...]

    @property
    def misreadings(self) -> frozenset[str]:
        """What the chain is there to be misread in."""
        return frozenset(name for kind in (*self.idioms, *self.links) for name in PLANTS.get(kind, ()))


def draw_chain(idioms: Sequence[str], links: Sequence[str], draw: Draw, beside: int = 0) -> Chain:
    """Write a chain, from its last function up to its entry.

    Args:
        idioms: how each function is written, from the entry on.
        links: how each but the entry is imported: one fewer.
        draw: names and numbers.
        beside: unrelated definitions that each file may hold beside what the chain needs.
    """
    files: list[File] = []
    line = callee = module = function = ""
    for place in range(len(idioms) - 1, -1, -1):
        kind = links[place - 1] if place else "entry"
        module, function = home_of(kind, draw), draw.word()
        hop = Hop(module, function, (line,) if line else (), callee)
        written = IDIOMS[idioms[place]](hop, draw)
        offered = link(kind, module, function, draw)
        imports = written.imports if written.bare else (*hop.imports, *written.imports)
        blocks = (*written.blocks, *offered.blocks)
        files += [*written.files, File(path_of(module), join(imports, blocks)), *offered.files]
        line, callee = offered.line, offered.callee
    if beside:
        files = [_with_others(file, draw.stream.below(beside + 1), draw) for file in files]
    return Chain(tuple(files), f"{module}.{function}", draw.argument(), tuple(idioms), tuple(links))


_SELF_CONTAINED = ("loop", "instance", "closure")
"""Idioms that bind no global name but new ones, so that they change nothing in any module."""


def _with_others(file: File, count: int, draw: Draw) -> File:
    """Add definitions that have nothing to do with the chain, before and behind those that have."""
    if file.path.endswith("/__init__.py"):
        return file
    blocks: list[str] = []
    for _ in range(count):
        hop = Hop(file.module, draw.word(), (), "")
        blocks += IDIOMS[draw.stream.choice(_SELF_CONTAINED)](hop, draw).blocks
    first, gap, rest = file.text.partition("\n\n")
    imports, own = (first + gap, rest) if first.startswith(("from ", "import ")) else ("", file.text)
    cut = draw.stream.below(len(blocks) + 1)
    return replace(file, text=imports + "\n\n".join([*blocks[:cut], own, *blocks[cut:]]))
