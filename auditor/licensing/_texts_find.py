"""Where in a text which licences stand, whole or changed.

Runs of five words that the sample of a licence holds say where to look (`_texts_corpus`); a walk along the licence's own words
says whether it is that licence (`_texts_same`). Where words differ, `licenseclassifier`'s pattern of the licence must allow the place.
"""

import re
from bisect import bisect_left
from functools import cache
from typing import NamedTuple

from auditor.licensing import _texts_corpus as corpus
from auditor.licensing import _texts_hunk as hunk
from auditor.licensing import _texts_same as same
from auditor.licensing import _texts_words as reading
from auditor.licensing import spdx_list

ENOUGH = 0.3  # of a licence's sample must be near a place to look there
AHEAD = 40  # words after a first run in which another licence's first run may be
NEAREST = 20  # licences that are compared at a place
TIRED = 150  # places where nothing was found, after which the rest of a text is left
PART = 0.25  # of a licence's words in a text make it a changed copy of it
SHORT, SHORT_PART = 150, 0.6  # the same for a licence of few words
BEFORE = 400  # words before the first run of a sample that may belong to the licence
SMALL_HEAD, SMALL_TAIL = 6, 3  # words that may be missing at the ends: titles


_PATH = re.compile(r"/[^\s()<>\[\]\"']{0,300}")


class Found(NamedTuple):
    """A stretch of a text that is a licence, or a changed copy of one."""

    license: str
    start: int  # characters of the plain text
    end: int
    change: str | None  # what differs; None: nothing that counts
    added: str = ""  # words put in


class Gate:
    """Which stretches of a text `licenseclassifier`'s patterns take for which licence; asked only where words differ."""

    def __init__(self, text: str) -> None:
        """Take the plain text."""
        self.text = text
        self.regions: list[tuple[int, int, str]] | None = None

    def allows(self, license_: str, start: int, end: int) -> bool:
        """Return whether the pattern of the licence matches most of a stretch."""
        if self.regions is None:
            from licenseclassifier import identify_license

            matches = identify_license(self.text, coverage_threshold=0)
            self.regions = [(m.start, m.end, _family(m.id)) for m in matches]
        return any(
            i == _family(license_) and min(end, e) - max(start, s) > 0.6 * (end - start) for s, e, i in self.regions
        )


def find(text: str, words: reading.Words) -> list[Found]:
    """Return the licences of a text, in order; they do not overlap."""
    places, hits = _places(words.words)
    gate, found, at, tired, next_ = Gate(text), list[Found](), 0, 0, 0
    for number, (place, _) in enumerate(hits):
        if place < next_ or tired > TIRED:
            continue
        ids = {i for p, some in hits[number : number + 30] if p < place + AHEAD for i in some}
        best = _best(words, at, place, ids, places, gate)
        if best is None:
            tired, next_ = tired + 1, place + 8
            continue
        walk, one = best
        found.append(one)
        at = next_ = max(walk.end, place + 1)
    return found


Places = dict[str, list[int]]


def _places(words: list[str]) -> tuple[Places, list[tuple[int, tuple[str, ...]]]]:
    """Return licence -> places of the runs in its sample, each run once in a row; and place -> licences."""
    known, places, hits = corpus.by_gram(), Places(), []
    for place, gram in corpus.grams(words):
        ids = known.get(gram)
        if ids:
            hits.append((place, ids))
            for one in ids:
                places.setdefault(one, []).append(place)
    return places, hits


def _best(words: reading.Words, at: int, place: int, ids: set[str], places: Places,
          gate: Gate) -> tuple[same.Walk, Found] | None:  # fmt: skip
    """Return the longest licence that stands whole at a place, else the nearest changed copy."""
    near = sorted(((_share(i, place, places), i) for i in ids), reverse=True)[:NEAREST]
    changed: tuple[float, same.Walk, Found] | None = None
    whole: tuple[int, same.Walk, Found] | None = None
    for share, one in near:
        if share < ENOUGH:
            break
        own, line = corpus.words(one), corpus.index()[one]
        first = max(at, place - BEFORE)
        walk = own and same.walk(own.words, words.words, first, len(words.words))
        if own is None or not walk or walk.end <= walk.start:
            continue
        start, end = words.spans[walk.start][0], _past_link(gate.text, words.spans[walk.end - 1][1])
        change = _change(one, walk, own, words, gate, start, end)
        if change is None and (whole is None or walk.end - walk.start > whole[0]):
            whole = walk.end - walk.start, walk, Found(corpus.base(one), start, end, None)
        kept = walk.tail - walk.head - sum(len(h.removed) for h in walk.hunks)
        near_by = kept / line.size - sum(len(h.added) for h in walk.hunks) / line.size
        if kept / line.size >= (PART if line.size > SHORT else SHORT_PART) and (
            changed is None or near_by > changed[0]
        ):
            added = " ".join(w for h in walk.hunks for w in h.added)
            changed = near_by, walk, Found(corpus.base(one), start, end, change, added)
    if whole:
        return whole[1:]
    return changed[1:] if changed else None


def _past_link(text: str, end: int) -> int:
    """Return the end of the link that a stretch ends in: of links only the host was compared."""
    path = _PATH.match(text, end)
    return path.end() if path else end


def _share(license_: str, place: int, places: Places) -> float:
    """Return which part of a licence's sample lies between a place and where the licence could end."""
    line, listed = corpus.index()[license_], places[license_]
    there = bisect_left(listed, place + line.size + line.size // 4 + 50) - bisect_left(listed, place)
    return there / len(line.grams)


def _change(license_: str, walk: same.Walk, own: reading.Words, words: reading.Words, gate: Gate, start: int,
            end: int) -> str | None:  # fmt: skip
    """Return what differs between a stretch and a licence's text, or None where nothing does that counts."""
    named = False
    for change in walk.hunks:
        spans = words.spans[change.at : change.at + len(change.added)]
        weight = hunk.weigh(change, own.words, [not gate.text[s].islower() for s, _ in spans])
        if weight is hunk.Weight.TERMS:
            return str(change)
        named |= weight is hunk.Weight.NAME
    head, tail = own.words[: walk.head], own.words[walk.tail :]
    free = hunk.title(head, SMALL_HEAD) or _free_end(license_, own, 0, walk.head)
    if not free and not (hunk.title(head, len(head)) and gate.allows(license_, start, end)):
        return str(hunk.Hunk(tuple(head), (), walk.start))
    if not hunk.title(tail, SMALL_TAIL) and not _free_end(license_, own, walk.tail, len(own.words)):
        return str(hunk.Hunk(tuple(tail), (), walk.end))
    if named and not gate.allows(license_, start, end):
        return str(walk.hunks[0])
    return None


def _free_end(license_: str, own: reading.Words, first: int, last: int) -> bool:
    """Return whether a publisher's frame begins there: titles, how to apply the licence, who is not a party."""
    from auditor.licensing._texts_outside import frame

    whole = reading.plain(corpus.text(license_) or "")
    return frame().match(whole[own.spans[first][0] : own.spans[last - 1][1]]) is not None


@cache
def _family(identifier: str) -> str:
    """Return an id without what its text does not tell: whether later versions may be chosen, invariant sections."""
    known = spdx_list.folded().get(corpus.base(identifier).lower(), identifier)
    return (
        re.sub(r"-(?:no-)?invariants|-only$|-or-later$", "", spdx_list.current(known))
        .removesuffix("-only")
        .removesuffix("-or-later")
    )
