"""A file's own table of licences, and what an image's `license` means by it.

Ids have no meaning outside their file: COCO's 1 is BY-NC-SA 2.0, iNaturalist's 1 is BY-NC-ND 4.0.
"""

import re
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

Statement = tuple[str | None, str | None]  # license_text, license_url, word for word
Placed = tuple[str | None, str | None, str | None]  # the same, and the field beside the licence that it stands in
SILENCE: Statement = (None, None)
WEB = re.compile(r"(?i)(?:https?:)?//\S+|(?:www\.)?creativecommons\.org/\S+")
FIELDS = ("license", "licence", "license_id")
BESIDE = ("copyright", "rights", "usage_terms", "terms_of_use")  # fields whose words can only restrict
NAMES, URLS = ("name", "license_name", "title"), ("url", "license_url", "uri")


class Licenses:
    """The table: id as text -> the statements that stand under it."""

    def __init__(self, table: Any) -> None:
        self.table: dict[str, list[Statement]] = {}
        for entry in table if isinstance(table, list) else []:
            if isinstance(entry, dict) and plain(entry.get("id")) is not None:
                own = self.table.setdefault(key(entry["id"]), [])
                said = words(entry)
                own += [said] if said not in own else []

    def of(self, value: Any) -> list[Statement]:
        """Return what a `license` says: an id of the table, words or a URL of its own, or several of these."""
        if isinstance(value, list):
            return [s for v in value for s in self.of(v)]
        if isinstance(value, dict):
            said = words(value)
            if value and not value.keys() & {"id", *NAMES, *URLS}:
                return [(plain(value), None)]
            return (self.of(value.get("id")) if "id" in value else []) + ([said] if said != SILENCE else [])
        text = plain(value)
        if text is None:
            return []
        if not isinstance(value, bool) and key(value) in self.table:
            return self.table[key(value)]
        if isinstance(value, str) and not re.fullmatch(r"[\d\s.+-]*", value):
            return [(None, value) if WEB.fullmatch(value.strip()) else (value, None)]
        why = "this file's table of licenses has no such id" if self.table else "this file has no table of licenses"
        return [(f"license {text}: {why}", None)]

    def said(self, value: Any) -> list[Statement]:
        """Return what an image's `license` says, each statement once; silence where there is none."""
        return list(dict.fromkeys(s for s in self.of(value) if s != SILENCE)) or [SILENCE]

    def of_image(self, own: dict[str, Any]) -> list[Placed]:
        """Return what all of an image's own fields on its licence say, as `said` does, then what stands beside it."""
        every = [s for f in FIELDS for s in self.of(own.get(f))] + [words(own)]
        said = list(dict.fromkeys(s for s in every if s != SILENCE)) or [SILENCE]
        beside = ((text, f) for f in BESIDE if (text := plain(own.get(f))) is not None)
        return [(*s, None) for s in said] + [(text, None, f) for text, f in beside]


def words(entry: dict[str, Any]) -> Statement:
    """Return the name and URL of an entry; empty ones are none."""
    names = (plain(entry.get(k)) for k in NAMES)
    urls = (plain(entry.get(k)) for k in URLS)
    return next((n for n in names if n), None), next((u for u in urls if u), None)


def key(value: Any) -> str:
    """Return an id as text: 1, 1.0 and "1" are one id, as exporters write it each way."""
    return (plain(value) or "").strip()


def plain(value: Any) -> str | None:
    """Return a value as text: the first of a list, an object as JSON; None for what is empty."""
    if isinstance(value, list):
        return next((t for t in map(plain, value) if t is not None), None)
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return None if value is None or value == {} else msgspec.json.encode(value).decode()


def array_of(values: "Sequence[Any] | np.ndarray[Any, Any]") -> pa.Array:
    """Return values as an array of strings, or of integers where all are: nothing is rounded or taken for true."""
    array = _inferred(values)
    return array if array is not None else pa.array([plain(v) for v in values], pa.string())


def coded(values: Sequence[Any]) -> "tuple[np.ndarray[Any, np.dtype[np.int64]], list[Any]]":
    """Return a code for each value, and the distinct values that the codes stand for; 1, "1" and true are apart."""
    array = _inferred(values)
    written = array is None
    if array is None:
        array = pa.array([msgspec.json.encode(v).decode() for v in values], pa.string())
    pairs = array.dictionary_encode()
    distinct = pairs.dictionary.to_pylist()
    codes = pairs.indices.fill_null(len(distinct)).to_numpy(zero_copy_only=False).astype(np.int64)
    return codes, [msgspec.json.decode(v) if written else v for v in distinct] + [None]


def _inferred(values: "Sequence[Any] | np.ndarray[Any, Any]") -> pa.Array | None:
    try:
        array = pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
        return None
    if pa.types.is_null(array.type):
        return array.cast(pa.string())
    return array if pa.types.is_int64(array.type) or pa.types.is_string(array.type) else None
