"""Answers a question from the rendered prompt alone, with code that shares nothing with what wrote it but the words."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import NamedTuple

_DELIVERY = re.compile(
    r"Delivery (?P<n0>\d+) brought (?P<c0>\d+) crates of (?P<g0>[a-z]+) to (?P<p0>[A-Z][a-z]+)\."
    r"|(?P<p1>[A-Z][a-z]+) received (?P<c1>\d+) crates of (?P<g1>[a-z]+) with delivery (?P<n1>\d+)\."
    r"|With delivery (?P<n2>\d+), (?P<c2>\d+) crates of (?P<g2>[a-z]+) reached (?P<p2>[A-Z][a-z]+)\."
    r"|^Delivery (?P<n3>\d+) \| (?P<p3>[A-Z][a-z]+) \| (?P<c3>\d+) crates \| (?P<g3>[a-z]+) \| arrived$",
    re.MULTILINE,
)


class _Delivery(NamedTuple):
    crates: int
    good: str


def find_gold(prompt: str) -> tuple[str, ...]:
    """Read the deliveries and the question, and work the answer out."""
    text, _, asked = prompt.rpartition("Question: ")
    question = asked.partition("\n")[0]
    place = re.search(r"(?:to|reached) ([A-Z][a-z]+)", question)
    if place is None:
        return ()
    deliveries: dict[str, _Delivery] = {}
    for match in _DELIVERY.finditer(text):
        number, crates, good, where = ([match[f"{part}{form}"] for form in range(4)] for part in "ncgp")
        if "".join(filter(None, where)) == place[1]:
            deliveries["".join(filter(None, number))] = _Delivery(
                int("".join(filter(None, crates))), "".join(filter(None, good))
            )
    return _answer(question, list(deliveries.values())) if deliveries else ()


def _answer(question: str, deliveries: list[_Delivery]) -> tuple[str, ...]:
    sizes = sorted(each.crates for each in deliveries)
    crates: defaultdict[str, int] = defaultdict(int)
    times: defaultdict[str, int] = defaultdict(int)
    for each in deliveries:
        crates[each.good] += each.crates
        times[each.good] += 1
    if question.startswith("How many deliveries of each"):
        return tuple(f"{good}: {times[good]}" for good in sorted(times))
    if question.startswith("How many crates of each"):
        return tuple(f"{good}: {crates[good]}" for good in sorted(crates))
    if question.startswith("Of which"):
        return (max(crates, key=lambda good: crates[good]),)
    if question.startswith("Which"):
        asked = re.match(r"Which (\d+) ", question)
        return tuple(sorted(times, key=lambda good: -times[good])[: int(asked[1]) if asked else 1])
    return (str(_number(question, sizes, times)),)


def _number(question: str, sizes: list[int], times: defaultdict[str, int]) -> int:
    if question.startswith("How many deliveries"):
        return len(sizes)
    if question.startswith("How many different"):
        return len(times)
    if question.startswith("How many crates"):
        return sum(sizes)
    if question.startswith("What is the median"):
        return sizes[len(sizes) // 2 - (len(sizes) % 2 == 0)]
    good = re.search(r"were of ([a-z]+)\?", question)
    share, rest = divmod(100 * times[good[1] if good else ""], len(sizes))
    return share + (2 * rest >= len(sizes))
