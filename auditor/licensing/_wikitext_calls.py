"""Template calls of a piece of wikitext: where they stand, their names and their parameters.

The matching of braces is that of MediaWiki's own preprocessor (includes/parser/Preprocessor_Hash.php, as described at
mediawiki.org, Preprocessor ABNF): innermost braces first, three before two, links keep their brackets.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

BRACES = re.compile(r"\{{2,}|\}{2,}|\[\[|\]\]|\|")
# What MediaWiki does not transclude on the page itself: comments, verbatim text, parts meant for other pages.
HIDDEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(nowiki|pre|includeonly|syntaxhighlight|source|math)(?:\s[^<>]*)?(?<!/)>.*?(?:</\1\s*>|\Z)",
    re.IGNORECASE | re.DOTALL,
)
NAMED = re.compile(r"\s*([^\[\]{}|=]+?)\s*=", re.DOTALL)
SPACES = re.compile(r"[\s_]+")
BLANK = "\0"  # stands for each hidden character, so that places stay what they are


class Call(NamedTuple):
    """A `{{name|...}}`: its place in the text, its name as a title has it, and its parameters, trimmed."""

    start: int
    end: int
    name: str
    params: tuple[tuple[str | None, str], ...]  # (name, or None for one without, value)

    def unnamed(self) -> Iterator[str]:
        """Yield the values of `{{x|value}}` and `{{x|1=value}}`, in their order."""
        for key, value in self.params:
            if (key is None or key.isdigit()) and value:
                yield value

    def get(self, name: str) -> str | None:
        """Return the value of a named parameter, whatever its case; None where there is none."""
        return next((v for k, v in self.params if k is not None and k.lower() == name), None)


def visible(text: str) -> str:
    """Return the text with what is not transcluded blanked out, every place kept."""
    if "<" not in text:
        return text
    return HIDDEN.sub(lambda m: BLANK * len(m[0]), text)


def calls(text: str) -> list[Call]:
    """Return all template calls of a text, outer ones before those inside them."""
    seen = visible(text)
    found = [_call(seen, start, end, pipes) for start, end, pipes in _matched(seen)]
    return sorted(found, key=lambda c: (c.start, -c.end))


def title(name: str) -> str:
    """Return a template's name as MediaWiki's titles have it: one space for `_`, no namespace, first letter large."""
    name = SPACES.sub(" ", name.replace(BLANK, "")).strip()
    if ":" in name and name.split(":", 1)[0].strip().lower() in ("template", "msg"):
        name = name.split(":", 1)[1].strip()
    return name[:1].upper() + name[1:]


def _matched(text: str) -> Iterator[tuple[int, int, list[int]]]:
    """Yield start, end and the places of the bars of each `{{...}}`."""
    open_: list[list[int]] = []  # [start, braces left (0 for a link), bars ...]
    for token in BRACES.finditer(text):
        at, kind = token.start(), token[0][0]
        if kind == "{":
            open_.append([at, len(token[0])])
        elif token[0] == "[[":
            open_.append([at, 0])
        elif token[0] == "]]":
            if open_ and open_[-1][1] == 0:
                open_.pop()
        elif kind == "|":
            if open_:
                open_[-1].append(at)
        else:
            yield from _close(open_, at, token.end())


def _close(open_: list[list[int]], at: int, end: int) -> Iterator[tuple[int, int, list[int]]]:
    while end - at >= 2 and open_ and open_[-1][1] >= 2:
        start, left, *bars = open_.pop()
        took = min(end - at, left, 3)
        if took == 2:
            yield start + left - 2, at + 2, bars
        at, left = at + took, left - took
        if left >= 2:
            open_.append([start, left])


def _call(text: str, start: int, end: int, bars: list[int]) -> Call:
    edges = [start + 1, *bars, end - 2]
    parts = [text[a + 1 : b] for a, b in pairwise(edges)]
    return Call(start, end, title(parts[0]), tuple(_param(p) for p in parts[1:]))


def _param(text: str) -> tuple[str | None, str]:
    text = text.replace(BLANK, "")
    named = NAMED.match(text)
    if named is None:
        return None, text.strip()
    return named[1], text[named.end() :].strip()
