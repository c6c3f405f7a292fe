"""Names of licences other than Creative Commons', with the version grammar that they share.

A name is one of the SPDX list or of `licenses/names.tsv`. A name that ends in a version also teaches its stem: from
"Eclipse Public License 2.0" follows that "Eclipse Public License, v. 1.0" is EPL-1.0, since that id exists.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from auditor.licensing import spdx_list, tables

ACRONYMS = frozenset({"WTFPL", "ODBL", "PDDL", "EXPAT", "UNLICENSE", "UNLICENCE", "ZLIB"})
UNMISTAKABLE = frozenset({"odbl", "pddl", "wtfpl"})  # acronyms that stand for nothing else
_NUMBER = re.compile(r"\d+(?:\.\d+)*")
_GNU = re.compile(r"(.+?)(-only|-or-later)$")
_VERSIONED = re.compile(r"^(.*?)-(\d+(?:\.\d+)*)$")


@dataclass
class Name:
    """What a sequence of words may mean."""

    exact: str | None = None  # the licence it is, as it stands
    versions: dict[str, str] = field(default_factory=dict)  # canonical version -> id
    family: str = ""  # its ids without version: Apache, GPL, BSD
    bare: str | None = None  # the licence it is without a version, by `licenses/families.tsv`
    clauses: dict[str, str] = field(default_factory=dict)  # number of clauses -> id
    word: bool = False  # an everyday word: a licence only where the statement says so


def canonical(version: str) -> str:
    """Return a version without trailing zeros: 2.0 and 2 are the same version."""
    while version.endswith(".0"):
        version = version[:-2]
    return version


def _stems(tokens: tuple[str, ...], identifier: str) -> tuple[tuple[str, ...], str] | None:
    """Return stem and canonical version of a name whose last word is the version of its id."""
    match = _VERSIONED.match(_GNU.sub(r"\1", identifier))
    while tokens and tokens[-1] in ("only", "or", "later", "+"):
        tokens = tokens[:-1]
    if match and len(tokens) > 1 and _NUMBER.fullmatch(tokens[-1]):
        version = canonical(tokens[-1])
        if version == canonical(match[2]) and version not in map(canonical, tokens[:-1]):
            return tokens[:-1], version
    return None


def _entries() -> list[tuple[str, str]]:
    listed = [x for x in spdx_list.load().values() if x.kind == "license"]
    found = [(x.id, spdx_list.current(x.id)) for x in listed]
    found += [(x.name, spdx_list.current(x.id)) for x in sorted(listed, key=lambda x: x.deprecated)]
    found += [(row["name"], row["license"]) for file in ("names.tsv", "ours.tsv") for row in tables.rows(file)]
    return [(name, i) for name, i in found if not i.startswith(("CC-", "CC0-"))]


@cache
def table() -> tables.Trie:
    """Return the trie of all names; values are `Name`."""
    found: dict[tuple[str, ...], Name] = {}
    for row in tables.rows("families.tsv"):
        found.setdefault(tables.bare(row["name"]), Name()).bare = row["license"]
    for name, identifier in _entries():
        path = tables.bare(name)
        if not path:
            continue
        entry = found.setdefault(path, Name())
        entry.exact = entry.exact or identifier
        stem = _stems(path, identifier)
        if stem:
            found.setdefault(stem[0], Name()).family = _family(identifier)
    _share_versions(found)
    trie: tables.Trie = {}
    for path, entry in found.items():
        if len(path) == 1 and (len(path[0]) == 1 or path[0].isdigit()):
            continue
        tables.add(trie, path, entry)
    return trie


def _family(identifier: str) -> str:
    """Return an id without its version: GPL of GPL-2.0-only, BSD of BSD-3-Clause."""
    return re.split(r"-\d", identifier.removeprefix("LicenseRef-"))[0]


@cache
def _versions() -> dict[str, dict[str, str]]:
    """Return family -> canonical version -> id, from the SPDX list."""
    found: dict[str, dict[str, str]] = {}
    for x in spdx_list.load().values():
        match = (
            _VERSIONED.match(_GNU.sub(r"\1", x.id)) if x.kind == "license" and not x.id.endswith("-or-later") else None
        )
        if match and not (x.deprecated and spdx_list.current(x.id) == x.id):
            found.setdefault(match[1], {}).setdefault(canonical(match[2]), spdx_list.current(x.id))
    return found


@cache
def siblings(identifier: str) -> dict[str, str]:
    """Return all versions of the licence that one version of it is: canonical version -> id."""
    found = _versions().get(_family(identifier), {})
    return found if identifier in found.values() else {}


def _share_versions(found: dict[tuple[str, ...], Name]) -> None:
    """Give every name of a family the versions that its id has: GNU General Lesser Public License, version 2.1."""
    without = {_family(e.bare): e.bare for e in found.values() if e.bare}
    for entry in found.values():
        family = entry.family or (_family(entry.bare) if entry.bare else "")
        entry.versions = _versions().get(family, {})
        entry.bare = entry.bare or (without.get(family) if family and not entry.exact else None)
    for x in spdx_list.load().values():
        clauses = re.fullmatch(r"([A-Z]+)-(\d)-Clause", x.id)
        for path in [(clauses[1].lower(),), (clauses[1].lower(), "clause")] if clauses else []:
            found.setdefault(path, Name()).clauses[clauses[2] if clauses else ""] = x.id
    for path, entry in found.items():
        known = spdx_list.folded().get(path[0])
        acronym = (bool(known) and re.fullmatch("[A-Z]{3,}", known or "")) or path[0].upper() in ACRONYMS
        entry.word = len(path) == 1 and path[0].isalpha() and not entry.versions and not acronym


@cache
def exceptions() -> tables.Trie:
    """Return the trie of the names of SPDX exceptions, with and without the word exception."""
    trie: tables.Trie = {}
    for x in spdx_list.load().values():
        if x.kind != "exception":
            continue
        for name in (x.id, x.name):
            tables.add(trie, tables.bare(name), spdx_list.current(x.id))
    for row in tables.rows("exceptions.tsv"):
        tables.add(trie, tables.bare(row["name"]), row["exception"])
    return trie


def version_at(tokens: Sequence[str], at: int, versions: dict[str, str]) -> tuple[str | None, int, bool]:
    """Return (id, place after, whether a version stands there at all) for a version that may be written apart: 2 0, 2-0, 20."""
    if at >= len(tokens) or not tokens[at][0].isdigit():
        return None, at, False
    text = tokens[at]
    if at + 1 < len(tokens) and tokens[at + 1].isdigit() and len(tokens[at + 1]) == 1 and "." not in text:
        joined = versions.get(canonical(f"{text}.{tokens[at + 1]}"))
        if joined:
            return joined, at + 2, True
    found = versions.get(canonical(text))
    if found is None and text.isdigit() and 1 < len(text) < 4:
        found = versions.get(canonical(".".join(text)))
    if found is None:
        alike = {i for v, i in versions.items() if v.replace(".", "") == text.replace(".", "")}
        found = alike.pop() if len(alike) == 1 and "." in text else None
    return found, at + 1, True
