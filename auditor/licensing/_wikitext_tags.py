"""What a licence template's name says: `licenses/vocabularies/commons.tsv`, and the grammar of Creative Commons' tags.

A line's alias that ends in `*` holds for all names that begin so; a longer one decides before a shorter.
`licenses/wikis.toml`, table `templates`, tells which templates choose among their parameters and which wrap them.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any, NamedTuple

from auditor import data

NOASSERTION = "NOASSERTION"
SEPARATOR = re.compile(r"[\s_/,-]+")
CC = re.compile(
    r"(?:bild-)?cc-((?:by|sa|nc|nd)(?:-(?:by|sa|nc|nd))*)((?:-\d\.\d)*)(?:-([a-z]{2}|scotland|igo))?(?:-([a-z-]+))?"
)


class Tag(NamedTuple):
    """What one template name says, and the line or grammar that says so."""

    license: str  # SPDX expression, or NOASSERTION: the tag itself says that nothing is settled
    rule: str
    words: str = ""


@cache
def templates() -> Mapping[str, Any]:
    """Return the table `templates` of `licenses/wikis.toml`, names in lower case."""
    table = tomllib.loads((data.folder("licenses") / "wikis.toml").read_text(encoding="utf-8"))["templates"]
    return {k: {n.lower() for n in v} if isinstance(v, list) and k != "evidence" else v for k, v in table.items()}


@cache
def lines() -> tuple[Mapping[str, Tag], tuple[tuple[str, Tag], ...]]:
    """Return the vocabulary's exact names, and its prefixes with the longest first; both in lower case."""
    exact: dict[str, Tag] = {}
    prefixes: list[tuple[str, Tag]] = []
    text = (data.folder("licenses") / "vocabularies" / "commons.tsv").read_text(encoding="utf-8")
    for line in text.splitlines()[1:]:
        alias, license_, _, words = line.split("\t")
        tag = Tag(license_, f"alias:commons:{alias}", words)
        if alias.endswith("*"):
            prefixes.append((alias[:-1].lower(), tag))
        else:
            exact[alias.lower()] = tag
    return exact, tuple(sorted(prefixes, key=lambda p: -len(p[0])))


@lru_cache(maxsize=65_536)
def tag_of(name: str) -> Tag | None:
    """Return what a template name says; None for a name that says nothing of a licence."""
    exact, prefixes = lines()
    folded = name.lower()
    found = exact.get(folded) or exact.get(folded.replace(" ", "-")) or _creative_commons(folded)
    return found or next((tag for prefix, tag in prefixes if folded.startswith(prefix)), None)


@cache
def _tools() -> Mapping[tuple[frozenset[str], str, str], str]:
    """Return (elements, version, jurisdiction) -> licence, from `licenses/cc/tools.tsv`."""
    text = (data.folder("licenses") / "cc" / "tools.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines()[1:])
    return {(frozenset(tool.split("-")), version, port): license_ for tool, version, port, license_, *_ in rows}


def _creative_commons(name: str) -> Tag | None:
    """Read `cc-by-sa-3.0-de`, `cc-by-sa-3.0,2.5,2.0` (any of them), `cc-by-sa` (no version: none is guessed)."""
    said = CC.fullmatch(SEPARATOR.sub("-", name))
    if said is None:
        return None
    if said[4] and said[4] not in templates()["suffixes"]:
        return Tag(NOASSERTION, "cc-template", f"what {said[4]} adds to the licence is not known")
    elements, port = frozenset(said[1].split("-")), said[3] or ""
    versions = said[2].strip("-").split("-") if said[2] else []
    if not versions:
        return _versionless(said[1], port)
    found = [_tools().get((elements, v, port)) for v in versions]
    if None in found:
        return Tag(NOASSERTION, "cc-template", f"Creative Commons has published no such licence as {name}.")
    return Tag(" OR ".join(f for f in found if f), "cc-template")


def _versionless(elements: str, port: str) -> Tag | None:
    if port:
        return None
    ordered = [e for e in ("by", "nc", "nd", "sa") if e in elements.split("-")]
    return Tag("LicenseRef-CC-" + "-".join(ordered).upper(), "cc-template", "no version is stated")
