"""From a statement to what it mentions: licences by URL, by Creative Commons' grammar and by name, and marks around them."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from auditor.licensing import cc, names, tables, urls
from auditor.licensing.fold import Tokens, normal

LINK = "\ue000"
_LATER = (("or", "later"), ("or", "any", "later"), ("or", "newer"), ("or", "greater"), ("or", "above"), ("or", "higher"),
          ("and", "later"), ("and", "any", "later"), ("and", "above"), ("and", "newer"), ("or", "at", "your", "option", "any", "later"),
          ("or", "at", "your", "option", "later"), ("any", "later"), ("plus",), ("+",))  # fmt: skip

_LATER_BEGINS = frozenset(phrase[0] for phrase in _LATER)


# R's way to say a version: GPL (>= 2), Apache License (== 2.0)
_RELATION = re.compile(r" ?\( ?(>=|≥|==?) ?(\d+(?:\.\d+)*) ?\)")


@dataclass(slots=True)
class Mention:
    """A licence that the statement names."""

    license: str | None  # None: something of a licence's form that does not exist
    start: int  # tokens
    end: int
    rule: str
    tool: cc.Tool | None = None
    options: frozenset[str] = frozenset()  # what it may stand for beside: other versions, the or-later form
    weak: bool = False  # counts only where the words around say that a licence is meant
    elements: tuple[str, ...] = ()


@dataclass(slots=True)
class Scan:
    """A statement taken apart."""

    text: str  # in normal form, URLs cut out
    tokens: Tokens
    mentions: list[Mention] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    unknown_links: int = 0

    def folded_at(self, start: int, end: int) -> str:
        """Return a stretch of the text, folded."""
        return self.tokens.fold(start, end)

    def span(self, start: int, end: int) -> str:
        """Return the words from one token to another as they stand."""
        if start >= end:
            return ""
        words = self.text[self.tokens.start(start) : self.tokens.end(end - 1)]
        for link in self.links if LINK in words else ():
            words = words.replace(LINK, link, 1)
        return words


def scan(text: str) -> Scan:
    """Return what a statement mentions; time grows with its length only."""
    plain = normal(text)
    if "(" in plain and ("=" in plain or "≥" in plain):
        plain = _RELATION.sub(lambda m: f" v{m[2]}{'' if m[1].startswith('=') else ' or later'}", plain)
    links: list[str] = []

    def cut(match: re.Match[str]) -> str:
        url = match[0]
        if ")" in url and "(" not in url:
            url = url[: url.index(")")]  # the bracket is the text's: [CC BY](https://…/by/4.0/)进行许可
        links.append(url)
        return f" {LINK}{url[len(url.rstrip('.,;:!?]')) :]}{match[0][len(url) :]} "

    if "/" in plain or urls.HOST.search(plain):
        plain = urls.FIND.sub(cut, plain)
    found = Scan(plain, Tokens(plain), links=links)
    _mentions(found)
    return found


def _mentions(found: Scan) -> None:
    words, link, i = found.tokens, 0, 0
    starts = _starts()
    while i < len(words):
        if words[i] not in starts:
            i += 1
            continue
        if words[i] == LINK:
            _link(found, found.links[link], i)
            link, i = link + 1, i + 1
            continue
        mention = _creative_commons(words, i) or _name(words, i)
        if mention is None:
            i += 1
            continue
        found.mentions.append(mention)
        i = mention.end


@cache
def _starts() -> frozenset[str]:
    """Return the words that something may be mentioned from."""
    return cc.first_words() | frozenset(names.table()) | {LINK}


def _link(found: Scan, url: str, at: int) -> None:
    read = urls.read(url, slug)
    if read.license is None and not read.broken:
        found.unknown_links += 1
        return
    found.mentions.append(Mention(read.license, at, at + 1, read.rule, read.tool, _options(read.license)))


@cache
def slug(text: str) -> str | None:
    """Read the part of a URL that names a licence: an SPDX id, or a name with hyphens for spaces and dots."""
    if text.startswith("licenseref-"):
        return tables.ours().get(text)
    words = Tokens(text.replace("_", "-"))
    mention = _creative_commons(words, 0) or _name(words, 0)
    whole = mention and all(w in tables.fillers() for w in words[mention.end :])
    return mention.license if mention and whole else None


def _creative_commons(words: Tokens, i: int) -> Mention | None:
    if words[i] not in cc.first_words():
        return None
    read = cc.at(words, i)
    if read is None:
        return None
    whole = i == 0 and all(w in tables.fillers() or w in tables.PUNCTUATION for w in words[read.after :])
    several = len(read.elements) > 1
    if not read.anchored:
        if read.abbreviated and not (
            (several and _tight(words, i, read.after)) or (whole and (several or read.versioned))
        ):
            return None
        if not read.abbreviated and not (
            read.versioned or several or (whole and read.elements == ("by",) and len(words) > 1)
        ):
            return None
    tool = read.tool
    license_ = tool.license if tool else None
    rule = "cc-shared" if read.shared else "cc-name" if read.elements else "cc"
    mention = Mention(license_, i, read.after, rule, tool, weak=not read.anchored, elements=read.elements)
    if tool is None or not tool.version or not tool.tool:
        return mention
    return _versions(words, mention, lambda at: cc.version_at(words, at, tool))


def _versions(words: Tokens, mention: Mention, version_at: Callable[[int], tuple[str | None, int]]) -> Mention:
    """Take in further versions after a name. A list of them is a choice: CC BY-SA 3.0, 2.5, 2.0 and 1.0; of two with "and" both hold."""
    if mention.end >= len(words) or words[mention.end] not in _LISTS:
        return mention
    licenses, joints = [mention.license or ""], set[str]()
    while True:
        at = mention.end
        while at < len(words) and words[at] in _LISTS and at - mention.end < 3:
            at += 1
        said = set(words[mention.end : at]) - _VERSION_WORDS
        license_, after = version_at(at) if said else (None, at)
        if license_ is None or not (after == len(words) or words[after] in _closing()):
            break
        licenses, joints, mention.end = [*licenses, license_], joints | said, after
    if len(licenses) > 1:
        how = " AND " if len(licenses) == 2 and joints <= cc.AND else " OR "
        mention.license, mention.options = how.join(sorted(set(licenses))), frozenset()
    return mention


_VERSION_WORDS = frozenset({"v", "version", "versions"})
_LISTS = frozenset({",", ";", "/", "|", "or", "oder", "ou", "lub", "или"}) | cc.AND | _VERSION_WORDS


@cache
def _closing() -> frozenset[str]:
    """Return what may follow a version in a list: no unit, no further name."""
    return tables.fillers() | tables.PUNCTUATION | _LISTS | {LINK}


def _tight(words: Tokens, start: int, end: int) -> bool:
    """Return whether no space stands between the abbreviations: by-nc-sa, not "by SA"."""
    close = all(words.start(i) - words.end(i - 1) <= 1 for i in range(start + 1, end))
    return close and words.end(end - 1) - words.start(start) < 24


def _name(words: Tokens, i: int) -> Mention | None:
    found, end = tables.longest(names.table(), words, i, _inside_names())
    if found is None:
        return None
    name: names.Name = found
    license_, options = name.bare or name.exact, frozenset(name.versions.values())
    single = end == i + 1
    if single and words[i] in tables.alone() and not name.clauses:
        return Mention(license_, i, end, "name:alone", options=options, weak=True)
    if name.clauses and end < len(words) and words[end] in name.clauses:
        return Mention(name.clauses[words[end]], i, end + 1, "name")
    stated_version = not name.bare or (not single and any(w[0].isdigit() for w in words[i:end]))
    if name.versions:
        at = _past(words, end)
        version, after, stated = names.version_at(words, at, name.versions)
        if stated and version:
            license_, end, single, stated_version = version, after, False, True
            options = frozenset()
        elif stated and not _far(words, end, at):
            near = {*words[max(0, i - 1) : i], *words[end : end + 1]}
            if " ".join(words[i:end]) in tables.everyday() and not tables.fillers() & near:
                return None  # the version of something else: Python 3.12
            return Mention(None, i, after, "name", options=options)
        elif not name.bare and not name.exact:
            license_ = next(iter(options)) if len(options) == 1 else None
            if license_ is None:
                return Mention("NOASSERTION", i, end, "name:no-version", options=options, weak=single)
    everyday = not stated_version and words[end - 1] not in tables.fillers() and not single and _needs_word(words, end)
    weak = (single and words[i] not in names.UNMISTAKABLE) or " ".join(words[i:end]) in tables.everyday()
    word = (single and name.word) or everyday or (weak and (not single or words[i] in tables.everyday()))
    mention = Mention(license_, i, end, "name:word" if word else "name", options=options, weak=weak)
    siblings = names.siblings(license_) if license_ else {}
    if len(siblings) > 1:
        mention = _versions(words, mention, lambda at: names.version_at(words, at, siblings)[:2])
        if " " in (mention.license or ""):
            return mention
    return _later(words, mention)


@cache
def _inside_names() -> frozenset[str]:
    """Return what may stand inside a name without being part of it: licence words, commas, slashes, brackets."""
    return tables.fillers() | frozenset(",/&:.()[]-\"'®™")


def _needs_word(words: Tokens, end: int) -> bool:
    """Return whether no licence word follows a name of everyday words, as in "for open government data"."""
    return end < len(words) and words[end] not in tables.fillers() and words[end].isalpha()


def _past(words: Tokens, i: int) -> int:
    """Return the place after licence words, commas and a bracketed abbreviation, where a version may stand."""
    skip, at = tables.fillers(), i
    while at < len(words) and at - i < 6:
        if words[at] in skip or words[at] in ",-:.)":
            at += 1
            continue
        if words[at] == "(" and at + 2 < len(words) and words[at + 2] == ")":
            _, after = tables.longest(names.table(), words, at + 1)
            if after == at + 2:
                at += 3
                continue
            if words[at + 1][0].isdigit():
                return at + 1
        if words[at] == "(" and at + 1 < len(words) and words[at + 1][0].isdigit():
            return at + 1
        break
    return at


_ABBREVIATED = frozenset({"v", "ver", "vers"})  # the full stop of "v. 3.0" ends no sentence


def _far(words: Tokens, end: int, at: int) -> bool:
    """Return whether a sentence ends between a name and the number after it."""
    return any(w in ".,:(" and words[end + k - 1] not in _ABBREVIATED for k, w in enumerate(words[end:at]))


def _later(words: Tokens, mention: Mention) -> Mention:
    base = mention.license or ""
    at = _past(words, mention.end) if mention.end < len(words) else mention.end
    for start in (mention.end, at):
        for phrase in _LATER if start < len(words) and words[start] in _LATER_BEGINS else ():
            if tuple(words[start : start + len(phrase)]) == phrase and not (
                phrase == ("+",) and not _plus(words, start)
            ):
                mention.end = start + len(phrase)
                if base.endswith("-only"):
                    mention.license = base[:-5] + "-or-later"
                elif not base.endswith("-or-later") and re.search(r"\d$", base):
                    mention.license = f"{base}+" if not base.startswith("LicenseRef-") else base
                mention.end = _skip_version(words, mention.end)
                return _with(words, mention)
    if base.endswith("-only"):
        if at < len(words) and words[at] == "only":
            mention.end = at + 1
        else:
            mention.options = frozenset({base[:-5] + "-or-later"})
    return _with(words, mention)


def _plus(words: Tokens, at: int) -> bool:
    """Return whether a + belongs to the version before it, not between two names."""
    return at > 0 and words.start(at) == words.end(at - 1)


def _skip_version(words: Tokens, i: int) -> int:
    return i + 1 if i < len(words) and words[i] in ("version", "versions") else i


def _with(words: Tokens, mention: Mention) -> Mention:
    at = mention.end
    while (
        at < len(words)
        and at - mention.end < 4
        and words[at] in {"with", "the", ",", "w", "/", "license", "licence", "includes", "and", "an", "-", "plus"}
    ):
        at += 1
    exception, after = tables.longest(names.exceptions(), words, at, frozenset({"the", "-"}))
    if exception and mention.license and at > mention.end:
        if after < len(words) and words[after] == "exception":
            after += 1
        mention.license, mention.end, mention.options = f"{mention.license} WITH {exception}", after, frozenset()
    return mention


def _options(license_: str | None) -> frozenset[str]:
    if license_ and license_.endswith("-only"):
        return frozenset({license_[:-5] + "-or-later"})
    return frozenset()
