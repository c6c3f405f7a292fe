"""Policies on disk: exact ids with clause and evidence.

A policy is `licenses/policies/NAME.toml` (title, what its clauses forbid) with its lines in `NAME.tsv`, or a user's own
TOML: `extends = "dfsg"`, `free = [ids]`, `non_free = [ids]`, optionally `title`, `unlisted` and a table `forbids`.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from auditor import data
from auditor.errors import BadOption
from auditor.policy import properties
from auditor.policy.expression import parse, write

FREE, UNDETERMINED, NON_FREE = VERDICTS = ("free", "undetermined", "non-free")  # from the freest
KEYS = {"title", "about", "source", "words", "unlisted", "forbids", "extends", "free", "non_free"}
RESTRICTIONS = properties.FORBIDDING | {"share-alike", "attribution"}


@dataclass(frozen=True, slots=True)
class Line:
    """One licence under a policy, and what that rests on."""

    id: str
    verdict: str
    clause: str
    words: str
    source: str
    how: str


@dataclass(frozen=True, slots=True)
class Policy:
    """A named policy. `forbids` says which restriction breaks which of its clauses."""

    name: str
    title: str
    about: str
    unlisted: str
    forbids: Mapping[str, str]
    lines: Mapping[str, Line]


def folder() -> Path:
    """Return where the built-in policies lie."""
    return data.folder("licenses") / "policies"


@cache
def names() -> tuple[str, ...]:
    """Return the names of the built-in policies, the default first."""
    return tuple(sorted((p.stem for p in folder().glob("*.toml")), key=lambda n: (n != "dfsg", n)))


@cache
def load(name: str) -> Policy:
    """Return a policy by its name, or from a user's TOML file.

    BadOption: no such policy or file, a key or id that does not exist, an id in `free` that the policy forbids.
    """
    if name in names():
        return _read(folder() / f"{name}.toml", name, _lines(name))
    path = Path(name)
    if path.suffix != ".toml" or not path.is_file():
        known = ", ".join(names())
        raise BadOption(f"there is no policy {name!r}: take one of {known}, or the path of a TOML file.")
    return _read(path, name, {})


def explain(name: str) -> tuple[Line, ...]:
    """Return all lines of a policy, by id: clause, words, source."""
    return tuple(line for _, line in sorted(load(name).lines.items()))


def exists(atom: str) -> bool:
    """Return whether an id (or each of a WITH pair) is on the SPDX list, or is a LicenseRef-."""
    from auditor.licensing import spdx_list  # here, since the licence reader beside it asks this package for categories

    base, _, exception = atom.partition(" WITH ")
    kinds = [getattr(spdx_list.load().get(x), "kind", None) for x in (base.removesuffix("+"), exception)]
    return (kinds[0] == "license" or base.startswith("LicenseRef-")) and (not exception or kinds[1] == "exception")


def _lines(name: str) -> dict[str, Line]:
    text = (folder() / f"{name}.tsv").read_text(encoding="utf-8")
    rows = [x.split("\t") for x in text.splitlines() if x and not x.startswith("#")]
    return {row[0]: Line(*row) for row in rows[1:]}


def _read(path: Path, name: str, lines: Mapping[str, Line]) -> Policy:
    said = _toml(path)
    base = load(said["extends"]) if "extends" in said else None
    own = {i: _own(i, v, path) for key, v in (("free", FREE), ("non_free", NON_FREE)) for i in said.get(key, ())}
    policy = Policy(
        name=name,
        title=said.get("title", path.stem),
        about=said.get("about", ""),
        unlisted=said.get("unlisted", base.unlisted if base else "is not listed by this policy"),
        forbids=said.get("forbids") or (base.forbids if base else {}),
        lines={**(base.lines if base else {}), **lines, **own},
    )
    _check(policy, path)
    return policy


def _toml(path: Path) -> dict[str, Any]:
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadOption(f"the policy {path} cannot be read ({error}): it must be a TOML file in UTF-8.") from error
    strange = sorted(said.keys() - KEYS)
    if strange:
        raise BadOption(f"the policy {path} has a key {strange[0]!r}: it may have {', '.join(sorted(KEYS))}.")
    for key in KEYS & said.keys():
        _check_kind(path, key, said[key])
    return said


def _check_kind(path: Path, key: str, value: Any) -> None:
    """Refuse a value of another shape than the key has: a list of ids, a table of clauses, else one string."""
    if key in ("free", "non_free"):
        good, shape = isinstance(value, list) and all(isinstance(i, str) for i in value), "a list of licence ids"
    elif key == "forbids":
        good = isinstance(value, dict) and all(isinstance(v, str) for v in value.values())
        shape = "a table of restriction = clause"
    else:
        good, shape = isinstance(value, str), "a string"
    if not good:
        raise BadOption(f"the policy {path} must give {key!r} as {shape}.")


def _own(name: str, kind: str, path: Path) -> Line:
    return Line(name, kind, f"named {kind} by the policy {path.name}", "", str(path), "the user's policy")


def _check(policy: Policy, path: Path) -> None:
    strange = sorted(policy.forbids.keys() - RESTRICTIONS)
    if strange:
        known = ", ".join(sorted(RESTRICTIONS))
        raise BadOption(f"the policy {path} forbids {strange[0]!r}: take one of {known}.")
    for line in policy.lines.values():
        _check_line(line, policy, path)


def _check_line(line: Line, policy: Policy, path: Path) -> None:
    """Refuse an id that does not exist or is deprecated, and a `free` that the policy's own clauses forbid."""
    tree = parse(line.id)
    if not isinstance(tree, str) or not exists(tree):
        raise BadOption(
            f"the policy {path} names {line.id!r}, which is no licence id: take an SPDX id or a LicenseRef-."
        )
    if tree != line.id:
        raise BadOption(f"the policy {path} names {line.id!r}: SPDX writes it {write(tree)!r}.")
    broken = sorted(properties.of_atom(tree).restrictions & policy.forbids.keys())
    if line.verdict == FREE and broken:
        raise BadOption(
            f"the policy {path} calls {line.id} free and forbids {broken[0]}, which it is: drop one of them."
        )
