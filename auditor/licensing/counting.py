"""Which names in a statement count: one may be part of a longer name that nobody knows, or no licence's there."""

from collections.abc import Iterable, Sequence
from functools import cache

from auditor import policy
from auditor.licensing import cc, merge, tables
from auditor.licensing.reading import terms
from auditor.licensing.scan import LINK, Mention, Scan

_CONTEXT = frozenset({"licensed", "licenced", "under", "spdx", "copying"})
_JOINTS = frozenset("-+,/")
_LISTING = frozenset({",", ";", "/", "|", "+", "&", "and", "or"})
NOTICE = frozenset({"copyright", "©", "copyrighted", "(c)"})


def counting(found: Scan, strangers: Sequence[bool]) -> list[Mention]:
    """Return the mentions that count as licences."""
    return _listed_too(found, [m for m in found.mentions if _counts(found, m, strangers)], strangers)


def unfinished(found: Scan, mentions: Iterable[Mention], strangers: Sequence[bool]) -> list[Mention]:
    """Return Creative Commons names that an unknown word goes on from: an element that is not known?"""
    words = found.tokens
    bad: list[Mention] = []
    skip = _between_names()
    for m in mentions:
        at = m.end
        if m.rule != "cc-name" or not m.tool:
            continue
        if m.tool.version or m.tool.complete:
            if at < len(words) and strangers[at] and words[at].isalpha() and words.between(at) == "-":
                bad.append(m)  # cc-by-4.0-academic
            continue
        named = False
        while at < len(words) and words[at] in skip and not (named and words[at] == ","):
            named, at = named or words[at] in _NAMED, at + 1  # "CC BY license," is whole; what follows is no element
        if at < len(words) and strangers[at] and not words.between(at).strip(" -+"):
            bad.append(m)
    return bad


@cache
def _between_names() -> frozenset[str]:
    return tables.fillers() | _JOINTS | cc.AND


_ARTICLES = frozenset({"the", "a", "an"})


@cache
def _context() -> frozenset[str]:
    """Return the words near a name that say that a licence is meant."""
    return _CONTEXT | (tables.fillers() - _ARTICLES - {"version", "v", "ver", "vers", "family"})


_LEADING = (
    tables.PUNCTUATION
    | tables.fillers()
    | {"under", "by", "of", "is", "as", "with", "cc", "sous", "bajo", "unter", "con", "sob"}
)  # what may stand right before "Attribution 4.0"
_CHANGED = frozenset({"modified", "revised", "amended", "adapted", "changed", "customized", "custom"})
_NAMED = frozenset({"license", "licence", "licenses", "licences"})
_FIELD = frozenset(":=.<>/|") | {"file", "files", "text", "information", "id", "identifier"}


def another(found: Scan, mentions: Sequence[Mention], strangers: Sequence[bool]) -> str | None:
    """Return the words of a licence that no list has, named beside those that are read: the Dgraph Community License."""
    words = found.tokens
    said = {m.license for m in mentions}.union(*(m.options for m in mentions))
    for m in found.mentions:
        if m not in mentions and m.license and policy.FORBIDDING.intersection(terms(m.license)[1]):
            joined = any(words.between(m.end) == "-" for other in mentions if other.start == m.end)
            if joined or not m.weak:  # what it forbids may hold: BUSL turning into MIT, openrail-mit
                return found.span(m.start, m.end)
        before = words[m.start - 1] if m.start and strangers[m.start - 1] and not words.between(m.start).strip() else ""
        if m in mentions or not (before or m.rule.startswith("cc")):
            continue
        if m.tool and m.tool.version and any(k.tool and merge.same(m, k) for k in mentions):
            continue  # the same said twice: Nimeä 4.0 (CC BY 4.0)
        another = m.rule == "name" and (before in _CHANGED or not (m.weak or m.license in said))
        if another or m.rule.startswith("cc"):
            return found.span(max(0, m.start - 1), m.end)  # part of a longer name: a modified LGPL
    inside = {i for m in mentions for i in range(m.start, m.end)}
    for i in range(1, len(words)):
        if words[i] in _NAMED and i not in inside and _alien(words, strangers, i - 1, i) and not words[i - 1].isdigit():
            labels = i + 1 < len(words) and words[i + 1] in _FIELD  # "License: MIT", "LICENSE.txt", "the LICENSE file"
            if not labels and not words.between(i).strip():
                return found.span(i - 1, i + 1)
    return None


def strangers_of(found: Scan) -> list[bool]:
    """Return for each token whether it is a word that neither a mention nor the language's small words explain."""
    known = _small_words()
    if NOTICE.isdisjoint(found.tokens):
        result = [word not in known for word in found.tokens]
        for m in found.mentions:
            result[m.start : m.end] = [False] * (m.end - m.start)
        return result
    inside = [False] * len(found.tokens)
    for m in found.mentions:
        inside[m.start : m.end] = [True] * (m.end - m.start)
    notice, result = False, []
    for word, mentioned in zip(found.tokens, inside, strict=True):
        if word in NOTICE:
            notice = True
        elif word in ".;" or mentioned:
            notice = False
        result.append(not (mentioned or notice or word in known))
    return result


@cache
def _small_words() -> frozenset[str]:
    return (
        tables.PUNCTUATION
        | {LINK}
        | tables.fillers()
        | {w for row in tables.rows("prose.tsv") for w in row["words"].split()}
    )


def _counts(found: Scan, mention: Mention, strangers: Sequence[bool]) -> bool:
    """Return whether a mention is not part of a longer unknown name; words like "fair" count only as a licence."""
    words = found.tokens
    if mention.rule.startswith(
        ("url", "cc")
    ):  # elements without "CC" may end another name: Open Source Attribution License
        before = mention.start
        if not mention.weak or not before or words.between(before).strip():
            return True
        return not strangers[before - 1] and (mention.elements != ("by",) or words[before - 1] in _LEADING)
    if mention.rule == "name:alone":
        rest = words[: mention.start] + words[mention.end :]
        return all(w in tables.PUNCTUATION or w in tables.fillers() for w in rest)
    if mention.rule == "name:word" and not any(strangers):
        rest = words[: mention.start] + words[mention.end :]
        return all(w in tables.PUNCTUATION or w in tables.fillers() for w in rest) or bool(
            tables.fillers() & set(rest) - _ARTICLES
        )
    if _glued(found, mention, strangers):
        return False
    if not mention.weak or not any(strangers):
        return True
    near = set(words[max(0, mention.start - 1) : mention.end + 1])
    if mention.rule == "name:word":
        return bool(tables.fillers() & near - _ARTICLES)
    return bool(_context() & (near | set(words[max(0, mention.start - 4) : mention.start])))


def _listed_too(found: Scan, counted: list[Mention], strangers: Sequence[bool]) -> list[Mention]:
    """Add the names that only an "or", an "and" or a comma parts from one that counts; an everyday word only after one: of "GPL/LGPL/BSD" the last."""
    if not counted or len(counted) == len(found.mentions):
        return counted
    counts = [any(m is c for c in counted) for m in found.mentions]
    words = found.tokens
    for order in (range(1, len(counts)), range(len(counts) - 2, -1, -1)):  # onwards, then back
        for i in order:
            m, other = found.mentions[i], i - order.step
            a, b = sorted((i, other))
            between = words[found.mentions[a].end : found.mentions[b].start]
            if counts[i] or not counts[other] or not between or m.rule not in ("name", "name:word"):
                continue
            if m.rule == "name":
                counts[i] = merge.listed(between) and not _glued(found, m, strangers)
            elif a == other and _LISTING.issuperset(between):
                counts[i] = m.end == len(words) or words[m.end] in _LISTING | tables.PUNCTUATION | _NAMED
    return [m for m, is_one in zip(found.mentions, counts, strict=True) if is_one]


def _glued(found: Scan, mention: Mention, strangers: Sequence[bool]) -> bool:
    """Return whether an unknown word of its script stands right before or after a name, with nothing but space between."""
    words, start, end = found.tokens, mention.start, mention.end
    if start and _alien(words, strangers, start - 1, start) and _close(words.between(start)):
        return True
    skip = tables.fillers()
    while end < len(words) and words[end] in skip:
        end += 1
    if end + 1 < len(words) and words[end] == "(" and mention.rule.startswith("name"):
        if words[end + 1] in "".join(w[0] for w in words[start:end]):
            return False  # its own initials: Open Government Licence - Canada (OGL)
        end += 1  # a word in brackets may say which of several: Open Government License 2.0 (Canada)
    return end < len(words) and _alien(words, strangers, end, start) and _close(words.between(end))


def _close(between: str) -> bool:
    """Return whether nothing parts two words: a dash with spaces around it does."""
    return not between.strip(" -_") and " - " not in between


def _alien(words: Sequence[str], strangers: Sequence[bool], i: int, name: int) -> bool:
    """Return whether a word is unknown and could be part of a name: none goes on in another script, or is seen to without spaces."""
    latin, unspaced = words[name] < "\u0250", "\u2e80" <= words[name] < "\uac00"
    return strangers[i] and not unspaced and (words[i] < "\u0250" or not latin)
