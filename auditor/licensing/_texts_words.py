"""What of a licence text counts when two are compared: SPDX's matching guidelines, as words.

White space, punctuation, quotes, dashes, case, bullets and copyright notices do not count; varietal spelling and http(s) are
folded (`licenses/text_words.tsv`). Everything else does.
"""

import html
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from hashlib import sha256
from typing import NamedTuple

from auditor.licensing import tables

STEM = 5  # letters: longer words of the list of spellings stand for what is made of them too
_TAG = re.compile(
    r"</?(?:a|b|blockquote|br|center|code|div|em|font|h[1-6]|hr|html|body|head|i|li|ol|p|pre|q|s|small|span|strong|sub|sup"
    r"|table|tbody|td|th|tr|u|ul)\b(?:\s+[a-z-]{1,20}=(?:\"[^\"<>]{0,300}\"|'[^'<>]{0,300}'|[^\s<>]{0,300}))*\s*/?>",
    re.IGNORECASE,
)
_PATH = re.compile(r"(?<=\w)/[^\s()<>\[\]\"']{1,300}")
_URL = re.compile(r"https?://[^\s()<>\[\]\"']{1,400}", re.IGNORECASE)
_WORD = re.compile(r"\d+(?:\.\d+)*|[^\W\d_]+|©")
_BULLET = re.compile(
    r"^[^\w\n(<]{0,12}(?:\(?(?:\d{1,2}(?:\.\d{1,2}){0,4}|[a-z]|[ivx]{1,4})[.):](?!\d)|\d{1,2}(?:\.\d{1,2}){1,4}(?=\s))\s*(?=\S)",
    re.MULTILINE | re.IGNORECASE,
)
_NOTICE = re.compile(
    r"^[^\w\n©(]{0,12}(?:portions )?(?:copyright\b|copr\.|©|\(c\))(?=[^\n]{0,40}?(?:\d{4}|[<\[{]|©|\(c\)|\byears?\b|\byyyy\b)).{0,300}$"
    r"|^\W{0,12}all rights reserved\W{0,4}$",
    re.IGNORECASE | re.MULTILINE,
)


class Words(NamedTuple):
    """The words that count, and the place of each in the text (`plain`)."""

    words: list[str]
    spans: list[tuple[int, int]]


def plain(text: str) -> str:
    """Return the text with entities resolved and known HTML tags made spaces; words of other brackets stay."""
    if "&" in text:
        text = html.unescape(text)
    if "</" in text or "<br" in text or "<p" in text:
        text = _TAG.sub(lambda m: " " * len(m[0]), text)
    return text.replace("\r", "\n").replace("\u00ad", "\u200b")


def notices(text: str) -> list[str]:
    """Return the copyright notices that `words` leaves out: they may hold more than a name."""
    return [m[0] for m in _NOTICE.finditer(text)]


def words(text: str) -> Words:
    """Return the words of a plain text that count."""
    text = _BULLET.sub(_blank, _NOTICE.sub(_blank, text))
    text = _URL.sub(lambda m: _PATH.sub(_blank, m[0]), text)  # of a link, the host counts
    _, pairs = spellings()
    found: list[str] = []
    spans: list[tuple[int, int]] = []
    for match in _WORD.finditer(text):
        word = spelt(match[0].lower())
        pair = found and pairs.get((found[-1], word))
        if pair:
            found[-1], spans[-1] = pair, (spans[-1][0], match.end())
            continue
        found.append(word)
        spans.append(match.span())
    return Words(found, spans)


def digest(found: Words) -> str:
    """Return a hash of the words: equal for texts that differ in nothing that counts."""
    return sha256(" ".join(found.words).encode("utf-8", "replace")).hexdigest()[:24]


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])


@lru_cache(maxsize=65_536)
def spelt(word: str) -> str:
    """Return a word in its one spelling: licenced as licensed, utilisation as utilization."""
    same, _ = spellings()
    if word in same:
        return same[word]
    for other, one in same.items():
        if len(other) > STEM and other in word:
            return word.replace(other, one)
    return word


@cache
def spellings() -> tuple[Mapping[str, str], Mapping[tuple[str, str], str]]:
    """Return word -> its one spelling, and pair of words -> the one word that it is."""
    same, pairs = {}, {}
    for row in tables.rows("text_words.tsv"):
        left, *right = row["word"].split()
        if row["kind"] == "same" and right:
            pairs[(left, right[0])] = row["as"]
        elif row["kind"] == "same":
            same[left] = row["as"]
    return same, pairs


@cache
def listed(kind: str) -> frozenset[str]:
    """Return the words of a kind: `name` (who and what a licence speaks of), `place`, `holder`, `never in a notice`, `never in a title`."""
    return frozenset(row["word"] for row in tables.rows("text_words.tsv") if row["kind"] == kind)


@cache
def swaps() -> frozenset[tuple[str, str]]:
    """Return pairs of words, single letters left out, that SPDX's templates let stand for each other."""
    pairs = [(row["word"], row["as"]) for row in tables.rows("text_words.tsv") if row["kind"] == "swap"]
    return frozenset([*pairs, *((b, a) for a, b in pairs)])
