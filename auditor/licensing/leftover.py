"""What is left of a statement beside the licence it names: a free reading accounts for every word near it.

Words are accounted for if they are of a name, of a credit, or of the small words that say nothing of terms; or if a phrase
says what they mean. Anything else may limit the licence, name a place or a part, or add a party whose terms are not said.
"""

from collections.abc import Iterator, Sequence
from functools import cache

from auditor.licensing import tables
from auditor.licensing.fold import Tokens, fold
from auditor.licensing.scan import Mention, Scan

SHORT = 14  # tokens up to which the whole of a statement is near its licence
CREDIT = 3  # words after "by" that may be a name in small letters
_ENDS = frozenset(".。!！")
_PARTS = frozenset(",;:()[]<>|.")


def unread(found: Scan, mentions: Sequence[Mention], strangers: Sequence[bool], rest: str) -> str | None:
    """Return the first words near the licences named that nothing accounts for; `rest` is what phrases left of the text."""
    words, harmless = found.tokens, _harmless()
    if not any(s and w not in harmless for s, w in zip(strangers, words, strict=True)):
        return None
    ends = [i + 1 for i, w in enumerate(words) if w in _ENDS and _ends(words, i)] if len(words) > SHORT else []
    left: frozenset[str] | None = None
    for begin, end in _near(words, mentions, ends):
        for i, after, named in _unknown(found, strangers, begin, end, mentions):
            left = frozenset(Tokens(rest)) if left is None else left
            told = named and after < end and words[after] not in left  # a phrase goes on where the name ends
            if words[i] in left and not told:
                return found.span(max(begin, i - 1), max(after, i + 1))
    return None


def _near(words: Tokens, mentions: Sequence[Mention], ends: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the stretches near the licences: of their sentences, what does not say first that a licence comes."""
    begin = 0
    for m in mentions:
        start = max([begin, *(e for e in ends if e <= m.start)])
        if begin:
            yield begin, min([m.start, *(e for e in ends if e > begin)]) if start > begin else begin
        if _speaking().isdisjoint(words[start : m.start]):
            yield start, m.start
        begin = m.end
    yield begin, min([len(words), *(e for e in ends if e > begin)])


def _unknown(
    found: Scan, strangers: Sequence[bool], begin: int, end: int, mentions: Sequence[Mention]
) -> Iterator[tuple[int, int, bool]]:
    """Yield the words of a stretch that are neither of a credit nor of a name nor harmless, the place after each, and whether they look like a name."""
    words, credited, i = found.tokens, begin, begin
    credits_, harmless, first = _words("credit"), _harmless(), mentions[0].start
    while i < end:
        word = words[i]
        after = i + 1
        if i < first and word in credits_:
            credited = after + CREDIT
        elif word in _PARTS:
            credited = begin
        elif strangers[i] and word not in harmless and word[0].isalpha() and not _glued(words, i):
            name = _name(found, strangers, i)
            whole = name > i and not _joined(words, i, mentions) and (i < first or _whole(words, name, end))
            if not whole and i >= credited:
                yield i, max(name, after), name > i and not _joined(words, i, mentions)
            after = max(name, after)
        i = after


@cache
def _words(use: str) -> frozenset[str]:
    return frozenset(w for row in tables.rows("beside.tsv") if row["use"] == use for w in fold(row["words"]).split())


@cache
def _harmless() -> frozenset[str]:
    return _words("harmless") | _words("speaks")


@cache
def _speaking() -> frozenset[str]:
    """Return the words before a name that say that what comes is the licence of what is spoken of."""
    return _words("speaks") | (tables.fillers() - _words("article"))


def _ends(words: Tokens, i: int) -> bool:
    if words[i] not in _ENDS or i + 1 >= len(words):
        return False
    if words[i] in "。！":
        return True
    before = words[i - 1] if i else ""
    apart = words.start(i + 1) > words.end(i) and not words.text[words.start(i + 1)].islower()
    return apart and not (len(before) == 1 and before.isalpha()) and before not in _words("abbreviated")


def _name(found: Scan, strangers: Sequence[bool], i: int) -> int:
    """Return the place after a name that begins at a token: words with capitals, and what stands in names between them."""
    words = found.tokens
    if found.text.isupper():
        return i
    at = after = i
    while at < len(words):
        capital = words.text[words.start(at)].isupper()
        if capital and (strangers[at] or (at > i and words[at] not in _words("no-name"))):
            after = at + 1
        elif not (at > i and (words[at] in _words("in-name") or words[at] in ".'") and at - after < 3):
            break
        at += 1
    return after


def _joined(words: Tokens, i: int, mentions: Sequence[Mention]) -> bool:
    """Return whether a name is joined to a licence named before it: ODbL and Example Maps, CC BY 4.0 valid in Japan."""
    at, first = i - 1, mentions[0].start
    while at > first and words[at] in _words("article"):
        at -= 1
    if at <= first or words[at] not in _words("joins") or any(_ends(words, k) for k in range(first, at)):
        return False
    place = tables.longest(tables.jurisdictions(), words, i)[0]
    if place and place != words[i]:
        return True
    ends, between = {m.end for m in mentions}, tables.fillers() | tables.PUNCTUATION
    while at not in ends and words[at - 1] in between:
        at -= 1
    return at in ends  # nothing but licence words and signs stand between


def _whole(words: Tokens, after: int, end: int) -> bool:
    """Return whether a name ends where it seems to: not in "English version"."""
    return after >= end or not words[after][0].isalpha() or words[after] in _words("after-name") | _words("credit")


def _glued(words: Tokens, i: int) -> bool:
    """Return whether a word is part of a file's name or an address."""
    before = i > 0 and words.end(i - 1) == words.start(i) and words[i - 1] in "./@"
    return before or (i + 1 < len(words) and words.start(i + 1) == words.end(i) and words[i + 1] in "/@")
