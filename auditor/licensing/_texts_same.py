"""Is a text that licence, word for word? A comparison in time that grows with the text only.

Found words and the licence's own are walked side by side; where they part, the nearest place where they meet again is sought within
a bounded window. The hunks between may hold only names: of the holder, of the work.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from auditor.licensing._texts_hunk import Hunk

GRAM = 4  # words that must be equal for two walks to meet again
RUN = 8  # equal words that are enough to begin
WINDOW = 80  # words looked ahead
MOST = 60  # hunks; beyond, it is another text
HEAD = 150  # words before the first that match: titles, and what is printed before the terms


class Walk(NamedTuple):
    """How the words found go along the licence's own."""

    start: int  # of the words found, the first that belongs to the licence
    end: int
    head: int  # words of the licence before its first that was found
    tail: int  # place in the licence after its last that was found
    hunks: list[Hunk]


def walk(own: Sequence[str], found: Sequence[str], first: int, last: int) -> Walk | None:
    """Compare the words found from `first` up to `last` with a licence's own; None where it is another text."""
    start, head = _begin(own, found, first, last)
    if start < 0:
        return None
    i, j, hunks = head, start, []
    while i < len(own) and j < last:
        if own[i] == found[j]:
            i, j = i + 1, j + 1
            continue
        step = _meet(own, found, i, j, last)
        if step is None:
            break
        hunks.append(Hunk(tuple(own[i : i + step[0]]), tuple(found[j : j + step[1]]), j))
        if len(hunks) > MOST:
            return None
        i, j = i + step[0], j + step[1]
    return Walk(start, j, head, i, hunks)


def _begin(own: Sequence[str], found: Sequence[str], first: int, last: int) -> tuple[int, int]:
    """Return where both begin to be equal (place in `found`, place in `own`), or (-1, -1)."""
    places: dict[tuple[str, ...], int] = {}
    for at, gram in _grams(own, 0, min(len(own), HEAD + GRAM)):
        places.setdefault(gram, at)
    best, longest = (-1, -1), 0
    for at, gram in _grams(found, first, min(last, first + 2 * HEAD)):
        if gram not in places:
            continue
        place, run = places[gram], 0
        while run < RUN and at + run < last and place + run < len(own) and own[place + run] == found[at + run]:
            run += 1
        if run > longest or (run == longest and place < best[1]):
            best, longest = (at, place), run
    return best


def _grams(words: Sequence[str], start: int, end: int) -> Iterator[tuple[int, tuple[str, ...]]]:
    for at in range(start, end - GRAM + 1):
        yield at, tuple(words[at : at + GRAM])


def _meet(own: Sequence[str], found: Sequence[str], i: int, j: int, last: int) -> tuple[int, int] | None:
    """Return how many words of each to pass so that both go on equally, the fewest; None where they do not meet."""
    places: dict[tuple[str, ...], int] = {}
    for at, gram in _grams(own, i, min(len(own), i + WINDOW)):
        places.setdefault(gram, at - i)
    best: tuple[int, int] | None = None
    for at, gram in _grams(found, j, min(last, j + WINDOW)):
        passed = places.get(gram)
        if passed is not None and (best is None or passed + at - j < sum(best)):
            best = (passed, at - j)
    return best or _end(own, found, i, j, last)


def _end(own: Sequence[str], found: Sequence[str], i: int, j: int, last: int) -> tuple[int, int] | None:
    """Return the same where fewer words are left of the licence than a comparison needs."""
    rest = list(own[i:])
    for passed in range(1, min(len(rest), GRAM + 2)):
        left = rest[passed:]
        for at in range(j, min(last, j + 8)):
            if left and list(found[at : at + len(left)]) == left and len(rest) <= 2 * GRAM:
                return passed, at - j
    return None
