"""The word pairs that serve as values: common, harmless words, written for this project."""

from __future__ import annotations

_ADJECTIVES = """
agile amber ample ashen autumn azure balmy brazen breezy bronze calm candid chilly cobalt copper coral cosmic crimson
crisp dapper distant dusky eager early earnest fabled faded fleet floral foggy frosty frugal gentle gilded glossy
golden grand hazel hidden hollow humble indigo ivory jovial keen lavish lively lofty lucid lunar mellow mighty misty
modest nimble noble olive opal patient placid polar proud quaint quiet rapid rustic sable scarlet serene silver
sleepy solar sturdy sunny tidal tranquil velvet violet vivid wintry woolen
"""

_NOUNS = """
acorn anchor apron badger banjo barley basket beacon bobbin bonnet bramble bridge bucket button candle canoe canyon
carpet cedar chisel cinder cobweb comet compass cradle cricket dolphin easel falcon feather fiddle flagon garnet
gazelle goblet hammer harbor harvest hazelnut heron hinge kettle ladder lantern lentil magnet mallet maple meadow
mitten nutmeg orchard otter paddle pebble pepper piston plover pocket prairie pulley quarry quiver rafter ribbon
saddle satchel sparrow spindle sprout thimble thistle timber trellis trumpet tulip turnip walnut willow window
"""

ADJECTIVES: tuple[str, ...] = tuple(_ADJECTIVES.split())
NOUNS: tuple[str, ...] = tuple(_NOUNS.split())
