"""Records of a JSON document that stand in an object by their keys, which are their ids, and in groups of such objects.

The `records` of a file's format: `` for an object of records, `NAME.*` for one at a key of the top, `*` for objects of them
(of providers, each with its data sets): there a record's id is its keys joined by dots.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from auditor.sources._table_parts import says_so

GROUPS, UNDER = "*", ".*"
DEEP = 4  # groups in groups

Keyed = tuple[str, Any]


def is_keyed(records: str | None) -> bool:
    """Say whether a format's records stand in an object by their keys."""
    return records is not None and (records in ("", GROUPS) or records.endswith(UNDER))


def shape(keys: Mapping[str, Mapping[str, str]], stated: Iterable[str]) -> str | None:
    """Return where a document has its records in groups, or None: by the keys of its top and of the objects there.

    keys: of the top (``) and of each object at its keys, with the event each value begins with; stated: keys of the top in
    whose objects a licence is stated. Objects with the same keys are records with parts, and no groups.
    """
    holding = [k for k in stated if _holds(keys.get(k, {}))]
    named = Counter(inner for k in holding for inner in keys[k])
    if len(holding) > 1 and max(named.values()) * 2 > len(holding):
        return None
    if len(holding) == 1 and set(stated) == set(holding) and len(keys[holding[0]]) > 1:
        return holding[0] + UNDER
    return GROUPS if len(holding) > 1 else None


def _holds(keys: Mapping[str, str]) -> bool:
    """Say whether an object of these keys holds objects and nothing else, none of them a licence."""
    return bool(keys) and not any(map(says_so, keys)) and set(keys.values()) <= {"start_map", ""}


def records(items: Iterable[Keyed], prefix: str) -> Iterator[Keyed]:
    """Yield id and record of the entries of the object that a format names."""
    for key, value in items:
        if prefix != GROUPS:
            yield key, value
        elif isinstance(value, dict):  # what is none stands beside the groups: a version, a date
            yield from _taken_apart(key, value, 1)


def _taken_apart(key: str, value: dict[str, Any], depth: int) -> Iterator[Keyed]:
    if depth > DEEP or not _is_group(value):
        yield key, value
        return
    for name, inner in value.items():
        yield from _taken_apart(f"{key}.{name}", inner, depth + 1)


def _is_group(value: dict[str, Any]) -> bool:
    inner = list(value.values())
    if not inner or not all(isinstance(v, dict) for v in inner) or any(says_so(str(k)) for k in value):
        return False
    return any(says_so(str(k)) for v in inner for k in v) or any(map(_is_group, inner))


def kept(document: dict[str, Any], prefix: str, wanted: set[int]) -> dict[str, Any]:
    """Return the document with only the wanted records, by their places; groups that none is left of are gone."""
    if prefix.endswith(UNDER):
        name = prefix.removesuffix(UNDER)
        return document | {name: {k: v for row, (k, v) in enumerate(document[name].items()) if row in wanted}}
    if prefix != GROUPS:
        return {k: v for row, (k, v) in enumerate(document.items()) if row in wanted}
    ids = [key for row, (key, _) in enumerate(records(document.items(), prefix)) if row in wanted]
    return _only(document, "", frozenset(ids))


def _only(value: dict[str, Any], above: str, ids: frozenset[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, inner in value.items():
        place = f"{above}{key}"
        if place in ids or not isinstance(inner, dict):
            found[key] = inner
        elif below := {k: v for k, v in _only(inner, f"{place}.", ids).items() if isinstance(v, dict)}:
            found[key] = below
    return found
