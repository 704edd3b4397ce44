"""The sentences of a diff, derived from its numbers. None of them says pass or fail: there are no right answers."""

from __future__ import annotations

from harness.diff.changes import FEW_CONTEXTS, LEVEL, NOISY, Change, Place
from harness.diff.compare import ALPHA, Diff
from harness.diff.search import Search
from harness.gate.wording import points, probability
from harness.records import Estimate
from harness.stats import clopper_pearson

LEVEL_NAMES = {
    "exact": "whole answers, to the letter",
    "normalised": "whole answers, without case, spacing and Markdown",
    "json": "JSON values",
    "label": "labels",
}
SUBJECTS = {"normalised": "Behaviour", "label": "The label in replies", "json": "The JSON in replies"}


def sentence(diff: Diff) -> str:
    """Say in one sentence whether behaviour changed, by how much, and how sure that is."""
    found, name = diff.headline, diff.candidate.model
    if found is None:
        return f"Nothing can be said of {name}: no request has all replies of both models."
    excess = f"{share(found.excess)} of {found.n} requests, p {probability(found.p)}. {_noise(found)}"
    if found.p > ALPHA:
        what = (
            f"No change of {name}"
            if found.level == "normalised"
            else f"No change of {LEVEL_NAMES[found.level]} of {name}"
        )
        return f"{what} beyond the baseline's own nondeterminism was shown: an excess of {excess}"
    return f"{SUBJECTS[found.level]} of {name} changed beyond the baseline's own nondeterminism on {excess}"


def _noise(change: Change) -> str:
    """Say how much the baseline differs from itself."""
    if change.within_baseline:
        return f"The baseline differs from itself in {points(change.within_baseline)} % of pairs of its own replies."
    most = clopper_pearson(0, change.contexts, LEVEL)[1]
    return (
        f"The baseline never differed from itself: by {change.contexts} contexts, it does so in at most "
        f"{points(most)} % (95 % interval)."
    )


def share(estimate: Estimate) -> str:
    """Write a share with its interval: `11.3 % (95 % interval 7.9 to 15.6)`."""
    if estimate.value is None:
        return "an unknown share"
    ends = "no interval" if estimate.low is None else f"95 % interval {points(estimate.low)} to {points(estimate.high)}"
    return f"{points(estimate.value)} % ({ends})"


def notes(diff: Diff) -> list[str]:
    """Say what limits the numbers."""
    found = []
    for model, lacking, errors in zip(
        (diff.baseline.model, diff.candidate.model), diff.lacking, diff.errors, strict=True
    ):
        if lacking:
            kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(errors.items()))
            kinds = f"failed calls: {kinds}" if kinds else "not asked yet"
            found.append(f"{lacking} of {diff.asked} requests lack a reply of {model} and are left aside ({kinds})")
    if diff.templated:
        found.append(
            f"{diff.templated} requests share their opening with so much of the log that it was taken for a template, "
            "not for a text in common; a column named context says otherwise"
        )
    found += [_noisy(change) for change in diff.changes if change.within_baseline > NOISY]
    if diff.headline and diff.headline.within_candidate > 2 * diff.headline.within_baseline + 0.02:
        found.append(
            f"{diff.candidate.model} differs from itself in {points(diff.headline.within_candidate)} % of pairs, the "
            f"baseline in {points(diff.headline.within_baseline)} %: it became less deterministic"
        )
    if 0 < diff.contexts < FEW_CONTEXTS:
        found.append(f"only {diff.contexts} contexts are independent: intervals and p-values rest on few")
    made_up = sorted({info.kind for info in (diff.baseline, diff.candidate)} - {"model"})
    found += [f"a {kind} model is among the two: its replies are no language model's" for kind in made_up]
    return found


def _noisy(change: Change) -> str:
    return (
        f"{LEVEL_NAMES[change.level]}: the baseline differs from itself in {points(change.within_baseline)} % of "
        "pairs, so that little can be seen at this level; look at a coarser one, or send temperature 0"
    )


def where_sentence(places: tuple[Place, ...]) -> str:
    """Say where change concentrates."""
    if not places:
        return "No class of requests is large enough to be looked at."
    told = [place for place in places if place.p_adjusted <= ALPHA]
    if not told:
        return f"In none of {len(places)} classes of requests is the change unlike that elsewhere, beyond chance."
    return f"In {len(told)} of {len(places)} classes of requests the change is unlike that elsewhere, beyond chance."


def leads(search: Search) -> list[str]:
    """Say of each class found how much more changed in it."""
    return [
        f"Change concentrates in {class_name(each.conditions)}: an excess of {share(each.excess)} of {each.excess.n} "
        f"requests, elsewhere {share(each.elsewhere)}, p {probability(each.p)} after correction. This class was "
        f"{search.status}."
        for each in search.found
    ]


def search_sentence(search: Search) -> str:
    """Say how far the search for classes that nobody declared looked, and how much it found."""
    further = f" ({search.unsearched} further columns have more values and were not searched)"
    return (
        f"Searched: {search.classes} classes by up to three of the columns {', '.join(search.columns)}"
        f"{further if search.unsearched else ''}; {len(search.found) or 'none'} changed more than the other requests, "
        "beyond noise and chance."
    )


def class_name(conditions: tuple[str, ...]) -> str:
    """Write a class as its conditions."""
    return " and ".join(conditions)
