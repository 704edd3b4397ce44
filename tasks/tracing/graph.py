"""`tracing.graph`: walk roads whose description is scattered over a long text.

Read the text below. It mentions one-way roads between places. …

… A road leads from Velmar to Tarnby. …

Question: Which other places are reached from Velmar by exactly 2 roads and not by fewer?
Answer in one line: write "ANSWER: " and then the names of the places with commas between them, nothing else.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import ClassVar

from pydantic import Field

from harness.contexts import Stream
from harness.reading import Answer, Rule, ValueType
from harness.records import Axis

from .puzzle import Ask, Puzzle, TracingParams, TracingTask, folded, invented, names_kind

ROADS: tuple[str, ...] = (
    "A road leads from {start} to {end}.",
    "From {start} there is a road to {end}.",
    "{end} is reached by a road from {start}.",
)
NAMES = "the names of the places with commas between them"
EXACT = "Which other places are reached from {start} by exactly {distance} roads and not by fewer?"
WITHIN = "Which other places are reached from {start} by at most {distance} roads?"
PARENTS = "From which places does a road lead straight to {start}?"
PATH = "Which places does the shortest way from {start} to {end} pass, both of them named too, in their order?"
OPERATIONS = ("exact", "within", "parents", "path")
FAREST = 99

Graph = Mapping[str, Sequence[str]]


class GraphParams(TracingParams):
    """Parameters of `tracing.graph`."""

    nodes: int = Field(default=12, ge=6, le=200, description="places")
    degree: int = Field(default=2, ge=1, le=4, description="roads from each place, one fewer from some")
    distance: int = Field(default=2, ge=2, le=8, description="roads that a question is about")
    questions: int = Field(default=4, ge=1, le=16, description="questions on a context")


def distances(graph: Graph, start: str) -> dict[str, int]:
    """Return how many roads each place is from the start, for those that can be reached."""
    found = {start: 0}
    queue = deque([start])
    while queue:
        here = queue.popleft()
        for there in graph.get(here, ()):
            if there not in found:
                found[there] = found[here] + 1
                queue.append(there)
    return found


def shortest_paths(graph: Graph, start: str, end: str) -> list[tuple[str, ...]]:
    """Return every shortest way between two places."""
    away = distances(graph, start)
    if end not in away:
        return []
    ways: list[tuple[str, ...]] = [(end,)]
    for steps in range(away[end] - 1, -1, -1):
        ways = [(place, *way) for way in ways for place in graph if away.get(place) == steps and way[0] in graph[place]]
    return ways


def reverse(graph: Graph) -> dict[str, list[str]]:
    """Turn every road round."""
    back: dict[str, list[str]] = defaultdict(list)
    for start, ends in graph.items():
        for end in ends:
            back[end].append(start)
    return back


class GraphWalk(TracingTask):
    """Walk roads."""

    name = "tracing.graph"
    version = "1"
    summary = "walk one-way roads: places at a distance, places from which one is reached, the shortest way"
    head = (
        "Read the text below. It mentions roads between places. Every road leads one way only. A question follows at "
        "the end."
    )
    Params: ClassVar[type[TracingParams]] = GraphParams
    sliced_by = ("nodes", "degree", "distance")

    def draw(self, stream: Stream) -> Puzzle:
        """Draw roads, and ask in turn about distances, parents and ways."""
        params: GraphParams = self.params
        names = invented(stream, params.nodes)
        graph = {
            name: stream.sample([other for other in names if other != name], max(1, params.degree - (at % 5 == 4)))
            for at, name in enumerate(names)
        }
        roads = stream.shuffled([(start, end) for start, ends in graph.items() for end in ends])
        first = stream.below(len(OPERATIONS))
        starts = stream.shuffled(names)
        asks = []
        for at in range(params.questions):
            operation = OPERATIONS[(first + at) % len(OPERATIONS)]
            asks.append(
                _ask(operation, starts[at % len(starts) :] + starts[: at % len(starts)], graph, roads, params.distance)
            )
        statements = tuple(stream.choice(ROADS).format(start=start, end=end) for start, end in roads)
        return Puzzle(statements, tuple(names), tuple(asks))

    def kind(self, puzzle: Puzzle, ask: Ask) -> ValueType:
        """Return the names of the context's places."""
        return names_kind(puzzle.names)

    def rules(self, puzzle: Puzzle, ask: Ask) -> Sequence[Rule[Answer]]:
        """Return what is tried on an answer that no foreseen mistake explains."""
        known = set(folded(puzzle.names))

        def invented_node(answer: Answer) -> str:
            wrong = [value for value in answer.given if value not in known]
            return f"no road leads to or from {wrong[0]}" if wrong else ""

        def wrong_nodes(answer: Answer) -> str:
            wrong = [value for value in answer.given if value in known and value not in answer.gold]
            few = set(answer.given) < set(answer.gold)
            return f"{wrong[0]} does not belong to the answer" if wrong and not few else ""

        return (Rule("trace.invented_node", invented_node), Rule("trace.wrong_nodes", wrong_nodes))

    def solve(self, text: str, question: str) -> tuple[str, ...]:
        """Walk the roads of a text by trying every way up to the length asked for."""
        ends: dict[str, set[str]] = defaultdict(set)
        for frame in ROADS:
            pattern = re.escape(frame).replace(r"\{start\}", r"(?P<start>\w+)").replace(r"\{end\}", r"(?P<end>\w+)")
            for match in re.finditer(pattern, text):
                ends[match["start"]].add(match["end"])
        names = re.findall(r"\b[A-Z]\w+", question.partition(" ")[2])
        if question.startswith("From which"):
            return tuple(sorted(start.casefold() for start in ends if names[-1] in ends[start]))
        if question == PATH.format(start=names[0], end=names[-1]):
            return folded(_way(ends, names[0], names[-1]))
        steps = int(re.findall("[0-9]+", question)[0])
        layers = [{names[0]}]
        for _ in range(steps):
            layers.append({end for place in layers[-1] for end in ends[place]})
        before = set().union(*layers[:-1])
        reached = layers[-1] - before if "exactly" in question else set().union(*layers) - {names[0]}
        return tuple(sorted(folded(reached)))


def _way(ends: Mapping[str, set[str]], start: str, end: str) -> tuple[str, ...]:
    ways: list[tuple[str, ...]] = [(start,)]
    for _ in range(FAREST):
        if found := [way for way in ways if way[-1] == end]:
            return found[0]
        ways = [(*way, there) for way in ways for there in sorted(ends.get(way[-1], ())) if there not in way]
    return ()


def _ask(operation: str, starts: Sequence[str], graph: Graph, roads: Sequence[tuple[str, str]], distance: int) -> Ask:
    """Ask from the first start that has an answer."""
    for start in starts:
        ask = (
            _way_between(start, graph, roads, distance)
            if operation == "path"
            else _places_from(operation, start, graph, roads, distance)
        )
        if ask.gold:
            return ask
    return ask


def _places_from(operation: str, start: str, graph: Graph, roads: Sequence[tuple[str, str]], distance: int) -> Ask:
    away, back = distances(graph, start), distances(reverse(graph), start)

    def at(steps: Iterable[int], found: Mapping[str, int] = away) -> tuple[str, ...]:
        wanted = set(steps)
        return tuple(sorted(name.casefold() for name, count in found.items() if count in wanted))

    up_to = range(1, distance + 1)
    if operation == "parents":
        gold, question = at([1], back), PARENTS.format(start=start)
        wrong = [
            ("trace.reversed_edges", at([1]), "where the roads from there lead"),
            ("trace.depth_plus1", at([2], back), "one road too far away"),
            ("trace.cumulative_instead_of_exact", at([1, 2], back), "also places farther away"),
            ("trace.includes_start", at([0, 1], back), "the place itself too"),
        ]
        evidence = [place for place, (_, end) in enumerate(roads) if end == start]
    else:
        exact = operation == "exact"
        gold = at([distance]) if exact else at(up_to)
        question = (EXACT if exact else WITHIN).format(start=start, distance=distance)
        other = ("trace.cumulative_instead_of_exact", at(up_to), "also nearer places")
        nearest = ("trace.exact_instead_of_cumulative", at([distance]), "only the farthest places")
        wrong = [
            other if exact else nearest,
            ("trace.reversed_edges", at([distance] if exact else up_to, back), "against the direction of the roads"),
            ("trace.depth_minus1", at([distance - 1] if exact else range(1, distance)), "one road short"),
            ("trace.depth_plus1", at([distance + 1] if exact else range(1, distance + 2)), "one road too far"),
            ("trace.includes_start", tuple(sorted((*gold, start.casefold()))), "the place itself too"),
        ]
        evidence = [place for place, (begin, _) in enumerate(roads) if away.get(begin, FAREST) < distance]
    return Ask(
        question,
        NAMES,
        gold,
        tuple(wrong),
        tuple(evidence),
        axes={"operation": operation, "roads": 1 if operation == "parents" else distance},
    )


def _way_between(start: str, graph: Graph, roads: Sequence[tuple[str, str]], distance: int) -> Ask:
    """Ask for the one shortest way to a place farther away than the distance, or as far as there is one."""
    away = distances(graph, start)
    ends = sorted(
        (name for name, steps in away.items() if steps > 1 and len(shortest_paths(graph, start, name)) == 1),
        key=lambda name: (-min(away[name], distance + 1), name),
    )
    if not ends:
        return Ask(
            PATH.format(start=start, end=start), NAMES, (), (), (), ordered=True, axes={"operation": "path", "roads": 0}
        )
    end = ends[0]
    way = shortest_paths(graph, start, end)[0]
    wrong = [
        ("trace.broken_at_hop", folded(way[:kept]), f"broken off after {kept - 1} roads") for kept in range(2, len(way))
    ]
    wrong += [
        ("trace.reversed_edges", folded(reversed(way)), "from the end to the start"),
        ("trace.includes_start", folded(way[1:]), "without the first place"),
        ("trace.skipped_node", folded((way[0], way[-1])), "only the two ends"),
    ]
    steps = set(pairwise(way))
    evidence = tuple(place for place, road in enumerate(roads) if road in steps)
    axes: dict[str, Axis] = {"operation": "path", "roads": len(way) - 1}
    return Ask(PATH.format(start=start, end=end), NAMES, folded(way), tuple(wrong), evidence, ordered=True, axes=axes)
