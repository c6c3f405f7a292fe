"""Creative Commons as a grammar: elements in any order and language, a version, a jurisdiction; nothing else exists."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from auditor.licensing import tables
from auditor.licensing.fold import Tokens

ORDER = ("by", "nc", "nd", "sa")
_VERSION = re.compile(r"[1-9](?:\.\d)?")
_SKIP = frozenset("-+,/!&.·:;\"'«»„“”") | {
    "licence",
    "license",
    "licenca",
    "lizenz",
    "licencia",
    "licenza",
    "international",
}
_GLUED = frozenset({"cc"})  # ccby: the anchor is in the word
AND = frozenset(
    {"and", "und", "et", "y", "e", "i", "en", "og", "och", "ja", "a", "и", "та", "και"}
)  # between elements: Attribution and Share Alike
_BETWEEN = frozenset("-+,/!&.·:;\"'«»„“”") | AND


@cache
def _versions() -> frozenset[str]:
    return frozenset(v for _, v, _ in tables.cc_tools() if v)


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool of Creative Commons, or all that share what was said of it."""

    tool: str  # canonical: by-nc-sa; "" where only Creative Commons itself was named
    version: str  # "" not said
    jurisdiction: str  # "" not said; "-" said to be unported
    license: str

    @staticmethod
    def of(tool: str, version: str, jurisdiction: str) -> "Tool | None":
        """Return the tool, or None where Creative Commons has published no such one."""
        return _tool(tool, version, jurisdiction)

    @property
    def complete(self) -> bool:
        """Whether no element could be added to it: CC0 and the marks have none, BY-NC-SA and BY-NC-ND have all they may."""
        return not set(self.tool.split("-")) < set(ORDER) or len(self.tool.split("-")) > 2

    def refines(self, other: "Tool") -> bool:
        """Return whether this says all that the other says, and perhaps more."""
        if other.tool not in ("", self.tool) or other.version not in ("", self.version):
            return False
        return other.jurisdiction in ("", self.jurisdiction)


@lru_cache(maxsize=16_384)
def _tool(tool: str, version: str, jurisdiction: str) -> Tool | None:
    if set(tool.split("-")) <= set(ORDER):
        tool = "-".join(sorted(tool.split("-"), key=ORDER.index))
    if not tool:
        return Tool("", version, jurisdiction, "NOASSERTION") if version in {"", *_versions()} else None
    known = tables.cc_tools()
    port = "" if jurisdiction == "-" else jurisdiction
    for name in aliases(tool):
        if (name, version, port) in known:
            return Tool(tool, version, jurisdiction, known[name, version, port])
        licenses = {i for (t, _, _), i in known.items() if t == name} if not version and not port else set()
        if len(licenses) == 1:
            return Tool(tool, "", "", licenses.pop())
        if licenses:
            return Tool(tool, "", "", "LicenseRef-CC-" + tool.upper().replace("+", "PLUS"))
    return None


def aliases(tool: str) -> tuple[str, ...]:
    """Return a tool's names in the publisher's list: 1.0 wrote BY-ND-NC, and NC-SA and ND-NC without BY exist."""
    return {"by-nc-nd": ("by-nc-nd", "by-nd-nc"), "nc-nd": ("nd-nc",)}.get(tool, (tool,))


@cache
def first_words() -> frozenset[str]:
    """Return the words that a name of this grammar can begin with."""
    return frozenset(tables.cc_words()) | frozenset(tables.cc_anchors())


@dataclass(slots=True)
class Found:
    """What the tokens from some place on say of Creative Commons."""

    tool: Tool | None  # None: elements that can't go together, or a version that does not exist
    elements: tuple[str, ...]
    after: int
    anchored: bool  # "Creative Commons" or "CC" stands there
    abbreviated: bool  # by, nc, nd, sa rather than words
    versioned: bool
    shared: bool = False  # the title of several ports, none of which is said


def at(tokens: Sequence[str], start: int) -> Found | None:
    """Parse anchor, elements, version and port from `start`; None where nothing of Creative Commons stands there."""
    i, anchored, kind_tool, version = start, False, "", ""
    value, after = tables.longest(tables.cc_anchors(), tokens, i)
    if value:
        anchored, kind_tool, i = True, value[1], after
        if not kind_tool:
            version, i = _version(tokens, i)
    elements, languages, abbreviated, i = (
        ((kind_tool,), frozenset[str](), False, i)
        if kind_tool
        else _elements(tokens, i, anchored or tokens[i].startswith("cc"))
    )
    anchored = anchored or (bool(elements) and tokens[start].startswith("cc"))
    if not elements:
        if not anchored:
            return None
        tool = Tool.of("", version, "")
        return Found(tool, (), i, True, False, bool(version))
    if not version:
        i = _again(tokens, i, elements)
        version, i = _version(tokens, i)
    early = ("", i) if version else _port(tokens, i)  # "Attribution Australia 3.0": the country before the version
    if early[0]:
        version, after = _version(tokens, early[1])
        early, i = (early, after) if version else (("", i), i)
    port, i = _port(tokens, i) if version and not early[0] else (early[0], i)
    stated, shared = bool(version), False
    if version and not port and version < "4.0" and languages and "en" not in languages:
        port = _native(version, languages)
        shared = not port and version in _versions()  # ports share the title: which of them is not said
        version = version if port else ""
    elements, i = _stray(tokens, elements, i)
    impossible = len(set(elements)) < len(elements) or (stated and not version)
    tool = None if impossible else Tool.of("-".join(elements), version, port)
    return Found(tool, elements, i, anchored, abbreviated, stated, shared)


def version_at(tokens: Sequence[str], i: int, tool: Tool) -> tuple[str | None, int]:
    """Return the licence of a further version of a tool, said without its name, and the place after it."""
    if i >= len(tokens) or "." not in tokens[i] or not _VERSION.fullmatch(tokens[i]):
        return None, i
    port, after = _port(tokens, i + 1)
    found = Tool.of(tool.tool, tokens[i], port)
    return (found.license, after) if found else (None, i)


def _native(version: str, languages: frozenset[str]) -> str:
    """Return the one port whose own title, in one of these languages, does not name its country; "" for none or several."""
    known = tables.cc_native()
    ports = {known.get((version, lang)) or known.get((version, lang.partition("-")[0]), "") for lang in languages}
    ports.discard("")
    return ports.pop() if len(ports) == 1 else ""


def _elements(
    tokens: Sequence[str], i: int, anchored: bool = True
) -> tuple[tuple[str, ...], frozenset[str], bool, int]:
    found: list[str] = []
    languages: frozenset[str] | None = None
    abbreviated, after = True, i
    while i < len(tokens):
        value, end = tables.longest(tables.cc_words(), tokens, i)
        if value is None:
            if tokens[i] in _BETWEEN and after < len(tokens) and i - after < 3:
                i += 1
                continue
            break
        names, langs = value
        if set(names) & set(found):
            break  # the same element again: the next name begins
        if not anchored and found and not langs and not AND.isdisjoint(tokens[after:i]):
            break  # without "CC", "and" joins words: "non-commercial, and by any means" names nothing
        found.extend(names)
        if langs and langs != _GLUED:
            abbreviated = False
            languages = langs if languages is None else (languages & langs or languages)
        after = i = end
    return tuple(found), languages or frozenset(), abbreviated and bool(found), after


def _stray(tokens: Sequence[str], elements: tuple[str, ...], i: int) -> tuple[tuple[str, ...], int]:
    """Take in elements that stand after the version, CC BY 4.0 (NC): no such licence is written so; what it says is kept."""
    at = i
    while at < len(tokens) and at - i < 2 and tokens[at] in "-(/,[":
        at += 1
    value, after = tables.longest(tables.cc_words(), tokens, at)
    if value is None or value[1] or value[0] == ("by",) or set(value[0]) <= set(elements):
        return elements, i
    return (*elements, *value[0], *value[0]), after  # an element twice: no such tool


def _again(tokens: Sequence[str], i: int, elements: tuple[str, ...]) -> int:
    """Return the place after a bracket that says the same elements in another language, or i."""
    at = i
    while at < len(tokens) and tokens[at] in '«»"':
        at += 1
    if at >= len(tokens) or tokens[at] != "(":
        return i
    start = at + 1
    while start < len(tokens) and tokens[start] in '«»"':
        start += 1
    again, _, _, after = _elements(tokens, start)
    while after < len(tokens) and tokens[after] in '«»"':
        after += 1
    closed = after < len(tokens) and tokens[after] == ")"
    return after + 1 if again == elements and closed else i


def _version(tokens: Sequence[str], i: int) -> tuple[str, int]:
    """Return the version from `i` on, past licence words and brackets; ("", i) where none is said."""
    start, skipped = i, 0
    fillers = tables.fillers()
    while i < len(tokens) and skipped < 4 and (tokens[i] in fillers or tokens[i] in _SKIP or tokens[i] in "()"):
        i, skipped = i + 1, skipped + 1
    if i >= len(tokens) or not _VERSION.fullmatch(tokens[i]):
        return "", start
    text = tokens[i]
    if "." not in text and i + 1 < len(tokens) and tokens[i + 1] in "015" and len(tokens[i + 1]) == 1:
        return f"{text}.{tokens[i + 1]}", i + 2
    return (text if "." in text else f"{text}.0"), i + 1


def _port(tokens: Sequence[str], start: int) -> tuple[str, int]:
    i = start
    while i < len(tokens) and i - start < 3 and tokens[i] in "(),-:[.":
        i += 1
    value, after = tables.longest(tables.jurisdictions(), tokens, i, frozenset({":", "and", "(", ")", "-", ","}))
    if value is None or (tokens[i] == value and i > start and tokens[i - 1] not in "(-["):
        return "", start  # two letters after a comma or a full stop are not a port
    if tokens[i] == value == "no" and after < len(tokens) and (tokens[after][0].isalnum() or tokens[after] == ":"):
        return "", start  # (no derivatives): not Norway
    if tokens[i] == value and _in_prose(tokens, i, after):
        return "", start  # 3.0 de Creative Commons, 4.0 at the website: not Germany, not Austria
    while after < len(tokens) and i > start and tokens[after] in ")]":
        after += 1
    return value, after


def _in_prose(tokens: Sequence[str], i: int, after: int) -> bool:
    """Return whether two letters that could be a port stand in small letters before a further word: de la obra."""
    if (
        after >= len(tokens)
        or not tokens[after].isalpha()
        or tokens[after] in (tables.fillers() | AND) - {"the", "a", "an"}
    ):
        return False
    if not isinstance(tokens, Tokens) or tokens.between(i).strip():
        return False
    return tokens.text[tokens.start(i) : tokens.end(i)].islower()
