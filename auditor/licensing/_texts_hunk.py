"""A place where a text departs from a licence's words, and whether it matters: names, dates and numbers of clauses do not."""

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

from auditor.licensing import _texts_corpus as corpus
from auditor.licensing import _texts_words as reading

NAME = 12  # words of a holder's name
NOTICE = 60  # words of two copyright notices
TITLE = 8  # words of a text among which its title is
_ROMAN = frozenset({"ii", "iii", "iv", "vi", "vii", "viii", "ix"})
_NOTICES = (("copyright",), ("portions",))


class Weight(IntEnum):
    """How much a hunk says."""

    NOTHING = 0  # a clause's number, a copyright notice, an address, the title again
    NAME = 1  # a name: fine where the licence leaves a place for one
    TERMS = 2  # words of the language of licences: another text


class Hunk(NamedTuple):
    """A place where the text departs from the licence: words taken out and words put in."""

    removed: tuple[str, ...]
    added: tuple[str, ...]
    at: int  # place of the first word put in

    def __str__(self) -> str:
        """Return the change as a reader would say it, long ones cut."""
        sides = (self.removed, "left out"), (self.added, "put in")
        return ", ".join(f"“{_cut(words)}” {verb}" for words, verb in sides if words)


def weigh(hunk: Hunk, own: Sequence[str], capital: Sequence[bool]) -> Weight:
    """Weigh a hunk of a text with the licence's `own` words; `capital`: whether each word put in begins like a name."""
    removed, added = ([w for w in side if not _letter(w)] for side in (hunk.removed, hunk.added))
    swapped = (" ".join(removed), " ".join(added)) in reading.swaps()
    if removed == added or swapped or _numbered(removed, added) or _numbered(added, removed):
        return Weight.NOTHING
    if not removed and len(added) > 2 and {*own[:TITLE]}.issuperset(added):
        return Weight.NOTHING
    words, names, places = [*removed, *added], reading.listed("name"), reading.listed("place")
    never = reading.listed("never in a notice")
    if hunk.removed[:1] in _NOTICES or hunk.added[:1] in _NOTICES:
        return Weight.NOTHING if len(words) < NOTICE and never.isdisjoint(words) else Weight.TERMS
    if len(places.intersection(words)) > 1 and all(w in places or w in names or w.isdigit() for w in words):
        return Weight.NOTHING
    if not reading.listed("holder").isdisjoint(removed) and {*names, "or"}.issuperset(removed):
        return Weight.NAME if len(added) < NAME and never.isdisjoint(added) else Weight.TERMS
    language = corpus.language()
    if not all(w in names or _year(w) or not (w in language or w[0].isdigit()) for w in words):
        return Weight.TERMS
    written = all(c or w in names or _letter(w) for w, c in zip(hunk.added, capital, strict=True))
    return Weight.NAME if written else Weight.TERMS


def title(words: Sequence[str], most: int) -> bool:
    """Return whether words at an end may be missing: few, and none that grants or binds."""
    return len(words) <= most and reading.listed("never in a title").isdisjoint(words)


def _numbered(bare: list[str], other: list[str]) -> bool:
    """Return whether one side has only the number of a clause more."""
    return not any(_number(w) for w in bare) and [w for w in other if not _number(w)] == bare


def _number(word: str) -> bool:
    return len(word.partition(".")[0]) < 3 and word.replace(".", "").isdigit()


def _letter(word: str) -> bool:
    return (len(word) == 1 and word.isalpha()) or word in _ROMAN


def _year(word: str) -> bool:
    return len(word) == 4 and word[:2] in ("19", "20") and word.isdigit()


def _cut(words: Sequence[str]) -> str:
    return " ".join(words) if len(words) < 25 else " ".join([*words[:22], "…"])
