"""What the objects inside a record say of licences: a record's parts (photos, sounds, media) may be licensed apart from it.

No value that is called like a licence is passed over: an observation given as CC0 does not speak for its photos.
"""

import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from auditor.sources._table_roles import ROLES, STEM, norm

TEXT, URL = ROLES["license_text"], ROLES["license_url"]
NAMES = frozenset((*TEXT, *URL, "object_rights"))
INSIDE = (
    "usage_terms",
    "content",
    "spdx_id",
    "id",
    "name",
    "title",
    "label",
    "short_name",
    "type",
    "code",
)  # keys of a licence that is an object
LINKS = ("url", "uri", "href", "link")
NESTED = (dict, list)
# A key of an object in JSON text that is called like a licence or terms, and its value; for RE2.
STATED = r'"[^"\\]*(?i:licen[cs]e|rights|copyright|usage_terms|restrictions?|permissions?)[^"\\]*"\s*:\s*'
TURNS = 64  # keys of one object that are told apart
VALUE = r'(?P<value>"(?:[^"\\]|\\.)*"|\[[^\[\]{}]*\]|\{[^{}]*\})'
DEEP = 12  # objects inside each other; deeper ones make the record's parts unread


MEDIA = re.compile(r"(?:online_|multi)?media|images?|photos?|pictures?|captures?|sounds?|audio|videos?|recordings?")
PROSE = frozenset(
    {"text", "full_text", "body", "content", "article", "html", "transcript", "sentence", "abstract", "code"}
)
# What a record is of, if it has pictures beside it
OTHER = re.compile(r"(?:video|audio|sound|recording|film|movie|model|book)(?:_|$)")
USAGE = "usage"  # the Smithsonian's: {"access": "CC0"}, or "Usage conditions apply"


@dataclass(frozen=True, slots=True)
class Part:
    """What one object inside a record says, word for word; `where` it stands: `photos[].license_code`; `own`: of the record itself."""

    where: str
    text: str | None
    url: str | None
    own: bool = False


def parts(record: dict[str, Any], used: Collection[str], bare: bool = False) -> list[Part]:
    """Return the distinct statements inside a record; `used`: dotted names of columns that have a role already.

    bare: none of the records states a licence itself, so that what all media of one say is said of it, too.
    """
    if not _speaks(record, used):
        return []
    found = list(dict.fromkeys(_inside(record, "", used, 0)))
    one = _of_media(record, found, used) if bare else None
    return [one, *found] if one else found


def _of_media(record: dict[str, Any], found: Sequence[Part], used: Collection[str]) -> Part | None:
    """Return what each of a record's pictures or sounds says alike, where nothing else is said and the record is of nothing else."""
    if len({(p.text, p.url) for p in found}) != 1 or any(isinstance(record.get(k), str) for k in PROSE):
        return None
    if any(OTHER.match(norm(str(k))) and not isinstance(v, list) for k, v in record.items()):
        return None
    every = list(_media(record))
    silent = (m for m in every if not isinstance(m, dict) or not any(_inside(m, "", used, 1)))
    return replace(found[0], own=True) if every and not any(True for _ in silent) else None


def _media(value: dict[str, Any]) -> Iterator[Any]:
    """Yield the elements of the outermost lists that are called like media."""
    for key, inner in value.items():
        if isinstance(inner, dict):
            yield from _media(inner)
        elif isinstance(inner, list) and MEDIA.fullmatch(norm(str(key))):
            yield from inner


def _speaks(record: dict[str, Any], used: Collection[str]) -> bool:
    """Say whether an object inside has a key to look at: most records have none, and this is three times faster."""
    left: list[tuple[Any, str]] = [(v, str(k)) for k, v in record.items() if v.__class__ in NESTED]
    if any(says_so(where) and not _taken(where, used) for _, where in left):
        return True
    for value, where in left:
        if value.__class__ is list:
            left += [(v, f"{where}[]") for v in value if v.__class__ in NESTED]
            continue
        for key, inner in value.items():
            if (says_so(key) and f"{where}.{key}" not in used) or (key == USAGE and "access" in _object(inner)):
                return True
            if inner.__class__ in NESTED:
                left.append((inner, f"{where}.{key}"))
    return False


def _inside(value: Any, where: str, used: Collection[str], depth: int) -> Iterator[Part]:
    if depth > DEEP:
        yield Part(where, "objects nested too deep to be read", None)
    elif isinstance(value, list):
        for element in value:
            if isinstance(element, dict | list):
                yield from _inside(element, f"{where}[]", used, depth + 1)
    else:
        if depth:
            yield from _stated(value, where, used)
            if "access" in (usage := _object(value.get(USAGE))):
                yield Part(
                    f"{where}.{USAGE}", " ".join(str(usage[k]) for k in ("access", "text") if usage.get(k)), None
                )
        for key, inner in value.items():
            place = f"{where}.{key}" if where else str(key)
            if not depth and isinstance(inner, dict | list) and says_so(str(key)) and not _taken(place, used):
                yield from (Part(place, *said) for said in _values(inner) if any(said))
            if isinstance(inner, dict | list) and place not in used and not (depth and says_so(str(key))):
                yield from _inside(inner, place, used, depth + 1)


def _taken(place: str, used: Collection[str]) -> bool:
    """Say whether a key of a record, or one of the object at it, has a role already."""
    return any(u == place or u.startswith(f"{place}.") for u in used)


def _stated(record: dict[str, Any], where: str, used: Collection[str]) -> Iterator[Part]:
    """Yield what an object says of its licence: its keys that are called so, together."""
    said = {norm(str(k)): (f"{where}.{k}", v) for k, v in record.items() if says_so(str(k))}
    said = {k: (place, v) for k, (place, v) in said.items() if place not in used and not isinstance(v, bool)}
    if not said:
        return
    stems = [k for k in said if k not in URL and STEM.match(k) and not k.endswith("_version")]
    texts = [_first(said, stems, TEXT), *(_first(said, [k], TEXT) for k in said if k not in URL and not STEM.match(k))]
    url = _first(said, [k for k in said if k in URL], URL)
    found = [t for t in texts if t is not None] or ([(url[0], None)] if url else [])
    if not found:
        key = next(iter(said.values()))[0]
        yield Part(key, f"{key.rsplit('.', 1)[-1]}: null", None)
    for place, value in found:
        for words, link in _values(value):
            yield Part(place, words, link or (_link(url[1]) if url else None))


def is_text_of_objects(values: Sequence[str | None]) -> bool:
    """Say whether a column's values are JSON objects, written as text: Openverse's `meta_data`."""
    return any(v is not None and v.startswith("{") and v.endswith("}") and '":' in v for v in values)


def in_text(values: pa.Array) -> Iterator[tuple[pa.Array, pa.Array]]:
    """Yield what objects in JSON text say of licences and terms: places in the column, and words; each key in a turn of its own."""
    left, places = values, np.arange(len(values))
    for _ in range(TURNS):
        found = pc.struct_field(pc.extract_regex(left, STATED + VALUE), "value")
        told = found.is_valid().to_numpy(zero_copy_only=False)
        if not told.any():
            return
        left, places = left.filter(pa.array(told)), places[told]
        codes = found.filter(pa.array(told)).dictionary_encode()
        said = pa.array([_written(v) for v in codes.dictionary.to_pylist()], pa.string())
        yield pa.array(places), said.take(codes.indices)
        left = pc.replace_substring_regex(left, STATED + VALUE, "", max_replacements=1)
    yield pa.array(places), left  # more keys than any object has: what is left of it, as it is written


def _written(value: str) -> str:
    """Return a JSON string's own words; a list or an object as it is written."""
    try:
        said = json.loads(value)
    except ValueError:
        return value
    return said if isinstance(said, str) else value


def is_inside(column: str, values: Sequence[str | None]) -> bool:
    """Say whether a column that looks like a licence statement is read as parts: a key of an object, or objects."""
    objects = any(v is not None and v.startswith("{") and v.endswith("}") for v in values)
    return objects or ("." in column and says_so(column.rsplit(".", 1)[-1]))


def says_license(kind: Any) -> bool:
    """Say whether a nested Arrow type holds, in an object inside it, a field that is called like a licence."""
    inside = [kind.field(i) for i in range(kind.num_fields)] if hasattr(kind, "num_fields") else []
    return any(says_so(f.name) or says_license(f.type) for f in inside)


@cache
def says_so(key: str) -> bool:
    """Say whether a key is called like a licence."""
    name = norm(key)
    return name in NAMES or bool(STEM.match(name))


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _first(said: dict[str, tuple[str, Any]], keys: list[str], order: tuple[str, ...]) -> tuple[str, Any] | None:
    """Return place and value of the first key, in the order of roles, that has one."""
    ranked = sorted(keys, key=lambda k: order.index(k) if k in order else len(order))
    return next((said[k] for k in ranked if said[k][1] not in (None, "", [], {})), None)


def _values(value: Any) -> Iterator[tuple[str | None, str | None]]:
    """Yield text and URL of a licence: of a word, of an object, of each of a list."""
    if isinstance(value, list):
        for one in value:
            yield from _values(one)
    elif isinstance(value, dict):
        yield _of(value, INSIDE), _of(value, LINKS)
    else:
        yield None if value is None else str(value), None


def _of(value: dict[str, Any], keys: tuple[str, ...]) -> str | None:
    names = {norm(str(k)): v for k, v in value.items()}
    return next((str(names[k]) for k in keys if names.get(k)), None)


def _link(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
