"""What kind of table a file is, seen from its first bytes: format, delimiter, quoting, header, encoding."""

import csv
import io
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from auditor.errors import BadInput
from auditor.sources import _table_keyed as keyed
from auditor.sources import _table_xml
from auditor.sources._table_parts import says_so
from auditor.sources._table_roles import ROLES, WEB, is_called_so, norm
from auditor.streams import encoding_of, head_of, text_of

# Ids of a record alone: Met's objectID
ALONE = re.compile(r"(?:object|record|item|image|photo|work)?_?id|(?:foreign_)?identifier|uuid|uid")
HOLDING = re.compile(  # names of lists of records
    r"annotations|data|datasets|distribution|documents|entries|features|files|graph|hits|images|items|licenses|objects|observations"
    r"|packages|photos|record_set|recordings|records|resources|results?|rows|samples|sounds|videos"
)
WRAPPING = ("data", "result", "results")
DEEP = 5  # lists of records that stand deeper in a JSON document are not looked for
# Keys of what is no record of an item: a statement of Wikibase about one, a request that a browser recorded (HAR), what npm installs.
NO_RECORD = ("mainsnak", "snaktype", "startedDateTime", "lockfileVersion")
HEAD, GLANCE, FURTHER = 1 << 20, 1 << 16, 16 << 20
DELIMITERS = "\t,;|"
SUFFIXES = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".csv": "delimited",
    ".tsv": "delimited",
    ".tab": "delimited",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
}
KNOWN_NAMES = frozenset(n for names in ROLES.values() for n in names) | {
    "width",
    "height",
    "sentence",
    "text",
    "tags",
    "description",
    "date",
}


def suffix_of(name: str) -> str:
    """Return the file name's suffix below any compression's: `.csv` of `photos.csv.gz`."""
    name = name.lower()
    for last in (".gz", ".bz2", ".xz", ".zst", ".zstd", ".lzma"):
        name = name.removesuffix(last)
    return Path(name).suffix


def sniff(path: Path, name: str | None = None, size: int = HEAD) -> dict[str, Any] | None:
    """Return the format of a file as a dict (`kind` and what its reader needs), or None for what is no table.

    size: bytes of its content looked at.
    """
    name = name or path.name
    with path.open("rb") as stream:
        if stream.read(4) == b"PAR1":
            return {"kind": "parquet"}
    suffix = suffix_of(name)
    if SUFFIXES.get(suffix) == "parquet":
        raise BadInput(f"{path} is no Parquet file, or its beginning is damaged: get the file again.")
    head = head_of(path, size)
    whole = len(head) < size
    encoding = encoding_of(head)
    if encoding != "utf-16" and b"\0" in head and suffix not in SUFFIXES:
        return None  # not text
    text = head.decode(encoding, "replace").removeprefix("\ufeff")
    start = text.lstrip()[:1]
    if start in "[{" and start:
        return _json(text, encoding, whole, suffix)
    if start == "<":
        found = _table_xml.shape(head)
        return {"kind": "xml", "encoding": encoding, "records": found} if found else None
    if suffix in (".json", ".jsonl", ".ndjson"):
        return None
    return _delimited(text, encoding, whole, suffix)


def settled(path: Path, form: dict[str, Any]) -> dict[str, Any]:
    """Return the format of a TSV, with quotes where a look further into the file shows that they enclose line breaks.

    Common Voice's sentences: lines of too few columns that quotes make whole again, all of them and no others.
    """
    if form["kind"] != "delimited" or form["delimiter"] != "\t" or form["quoted"]:
        return form
    with text_of(path, form["encoding"]) as stream:
        text = stream.read(FURTHER)
    if len(text) < HEAD or b'\t"' not in text:
        return form
    lines = text.decode("utf-8", "replace").split("\n")
    lines = [line for line in (lines if len(text) < FURTHER else lines[:-1]) if line.strip()]
    odd = sum(line.count("\t") != form["width"] - 1 for line in lines)
    if not odd:
        return form
    rows = _rows(lines, "\t", quoted=True)
    whole = sum(len(row) != form["width"] for row in rows) < odd / 2
    return form | {"quoted": True} if whole and 0 < len(lines) - len(rows) < odd else form


def _json(text: str, encoding: str, whole: bool, suffix: str) -> dict[str, Any] | None:
    lines = [line for line in text.split("\n") if line.strip()]
    complete = lines if whole else lines[:-1]
    good = sum(_is_object(line) for line in complete[:50])
    objects = text.lstrip().startswith("{") and good and good >= len(complete[:50]) // 2
    if objects and (len(complete) > 1 or suffix in (".jsonl", ".ndjson")):
        return {"kind": "jsonl", "encoding": encoding}
    shape = _shape(text, whole)
    if shape is None:
        return None
    return {"kind": "json", "encoding": encoding, "records": shape[0], "others": shape[1]}


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


@dataclass
class _Looked:
    """What was seen in a JSON object: its keys, the lists of records inside it, and where licences are spoken of.

    keys: of the top (``) and of the objects at its keys, with the event that each value begins with. lists: prefixes of lists of
    objects. speaking: those whose records state a licence. stated: keys of the top whose object states one, itself or in an object
    inside. others: prefixes of objects that are no record of an item.
    """

    keys: dict[str, dict[str, str]] = field(default_factory=lambda: {"": {}})
    lists: dict[str, None] = field(default_factory=dict)
    speaking: set[str] = field(default_factory=set)
    stated: set[str] = field(default_factory=set)
    others: set[str] = field(default_factory=set)

    def key(self, prefix: str, key: str) -> None:
        if not prefix or prefix in self.keys[""]:
            self.keys.setdefault(prefix, {})[key] = ""
        if key in NO_RECORD:
            self.others.add(prefix)
        elif says_so(key) or (key == "access" and prefix.endswith("usage")):
            steps = prefix.split(".")
            above = {p for n in range(2, len(steps) + 1) if (p := ".".join(steps[:n])) in self.lists}
            self.speaking |= above
            if not above:
                self.stated.add(prefix.split(".")[0])

    def event(self, prefix: str, event: str) -> None:
        where, key = ("", prefix) if prefix in self.keys[""] else prefix.rpartition(".")[::2]
        if not self.keys.get(where, {}).get(key, "_"):
            self.keys[where][key] = event
        if event == "start_map" and key == "item" and where and prefix.count(".") < DEEP:
            self.lists[prefix] = None

    def order(self, prefix: str) -> tuple[bool, bool]:
        """Return what lists are sorted by: first those that state licences, then those that are called like lists of records."""
        return prefix not in self.speaking, not HOLDING.fullmatch(norm(prefix.split(".")[-2]))

    def alone(self, at: str) -> bool:
        """Say whether an object is one record: it has an id and speaks of its rights, and holds no list called like one of records."""
        events = self.keys[at]
        names = {norm(k): k for k in events}
        own = any(ALONE.fullmatch(n) and events[k] in ("string", "number") for n, k in names.items())
        below = f"{at}." if at else ""
        within = [
            p.removeprefix(below).removeprefix("_embedded.") for p in self.lists if p.startswith(below)
        ]  # so in HAL
        lists = [norm(p.split(".")[0]) for p in within if p.count(".") == 1]
        holds = any(n in WRAPPING for n in names) or any(map(HOLDING.fullmatch, lists))
        # Of JSON:API, HAL and Elasticsearch
        resource = {"type", "attributes"} <= names.keys() or not {"_links", "_source"}.isdisjoint(events)
        inside = not lists and not self.stated.isdisjoint({at} if at else events)
        told = resource or inside or any(map(is_called_so, events))
        return own and told and ("accession_number" in names or not holds)


def _shape(text: str, whole: bool) -> tuple[str, list[str]] | None:
    """Return the ijson prefix of a JSON file's records, and of the other lists of records in it.

    `item`, `images.item`, `photos.photo.item` (an API's answer), what `_table_keyed` has for objects of records, `.` for one record
    alone, `data` for one in an API's answer.
    """
    import ijson

    seen, top = _Looked(), None
    try:
        for prefix, event, value in ijson.parse(io.BytesIO(text.encode())):
            if top is None:
                top = event
            elif top == "start_array":
                if prefix == "item":
                    return ("item", []) if event == "start_map" else None
            elif event == "map_key":
                seen.key(prefix, value)
            else:
                seen.event(prefix, event)
    except (ijson.JSONError, UnicodeDecodeError):
        if whole and top is None:
            return None
    return _found(seen) if top == "start_map" else None


def _found(seen: _Looked) -> tuple[str, list[str]] | None:
    kinds = seen.keys[""]
    if "" in seen.others:
        return None
    if seen.alone(""):
        return ".", []
    maps = [k for k, e in kinds.items() if e == "start_map"]
    wrapped = [k for k in maps if norm(k) in WRAPPING and k in seen.keys and seen.alone(k)]
    if len(wrapped) == 1:
        return wrapped[0], []
    lists = [p for p in seen.lists if p not in seen.others]
    near = [p for p in lists if p.count(".") == 1]
    grouped = keyed.shape(seen.keys, seen.stated & set(maps)) if seen.speaking.isdisjoint(lists) else None
    if grouped is not None:
        return grouped, []
    inner = [set(seen.keys[k]) for k in maps if k in seen.keys]
    alike = len(maps) >= 2 and len(maps) >= 0.9 * len([e for e in kinds.values() if e]) and not near
    if alike and inner and (set.intersection(*inner) or not lists or any(map(says_so, set.union(*inner)))):
        return "", []
    # Values of the top object that state a licence themselves are records, whatever they list.
    records = {k for k in maps if any(map(says_so, seen.keys.get(k, ())))}
    far = [p for p in lists if p not in near and p.split(".")[0] in maps and p.split(".")[0] not in records]
    far = [p for p in far if p.count(".") == 2 or p in seen.speaking]
    found = [p for ps in (near, far) for p in sorted(ps, key=seen.order)]
    return (found[0], found[1:]) if found else None


def _delimited(text: str, encoding: str, whole: bool, suffix: str) -> dict[str, Any] | None:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    lines = (lines if whole else lines[:-1])[:2000]
    found = _shape_of_lines([line for line in lines if line.strip()], suffix)
    if found is None:
        return None
    delimiter, quoted, width = found
    rows = _rows(lines, delimiter, quoted)[:200]
    header = _has_header(rows)
    return {
        "kind": "delimited",
        "encoding": encoding,
        "delimiter": delimiter,
        "quoted": quoted,
        "width": width,
        "header": header,
    }


def _rows(lines: list[str], delimiter: str, quoted: bool) -> list[list[str]]:
    if not quoted:
        return [line.rstrip("\r").split(delimiter) for line in lines if line.strip()]
    try:
        return [r for r in csv.reader((line + "\n" for line in lines), delimiter=delimiter) if r]
    except csv.Error:
        return [line.split(delimiter) for line in lines if line.strip()]


OWN = {".tsv": "\t", ".tab": "\t", ".csv": ",", ".txt": "\t"}


def _shape_of_lines(lines: list[str], suffix: str) -> tuple[str, bool, int] | None:
    """Return delimiter, quoting and number of columns: the suffix's own delimiter if rows are alike under it, else the best."""
    if not lines:
        return None
    own = OWN.get(suffix)
    order = ([own] if own else []) + [d for d in DELIMITERS if d != own and suffix != ".txt"]
    found = [even for d in order if (even := _even(lines, d)) is not None]
    for share, first, shape in found:
        if shape[0] == own and first and share >= 0.9:
            return shape
    if found and suffix in (".csv", ".tsv", ".tab"):
        share, _, shape = max(found, key=lambda f: (f[1], f[0]))
        return shape if share >= 0.5 else None
    if found and found[0][2][0] == "\t" and found[0][0] >= 0.8:
        return found[0][2]
    if suffix in (".csv", ".tsv"):
        return own or ",", suffix == ".csv", 1
    return None


def _even(lines: list[str], delimiter: str) -> tuple[float, bool, tuple[str, bool, int]] | None:
    """Return the share of rows of the most frequent width, whether the first is one, and the reading; None for one column.

    A TSV is read with quotes only if that makes its rows more alike: they may stand in the text as they are.
    """
    best: tuple[float, bool, tuple[str, bool, int]] | None = None
    for quoted in (False, True) if delimiter == "\t" else (True,):
        rows = _rows(lines, delimiter, quoted)
        widths = Counter(len(r) for r in rows)
        if not widths:
            continue
        width, count = widths.most_common(1)[0]
        share = count / sum(widths.values())
        if width > 1 and (best is None or share > best[0] + 0.001):
            best = share, len(rows[0]) == width, (delimiter, quoted, width)
    return best


def _has_header(rows: list[list[str]]) -> bool:
    """Say whether the first row names the columns: known names, or words over columns of numbers and links."""
    if not rows:
        return False
    first, rest = rows[0], rows[1:]
    names = [norm(v) for v in first]
    if any(WEB.fullmatch(v.strip()) for v in first) or any(
        re.fullmatch(r"-?\d+(\.\d+)?", v.strip()) for v in first if v.strip()
    ):
        return False
    known = sum(n in KNOWN_NAMES for n in names)
    if known >= 2 or (known and known >= len(first) / 3):
        return True
    said = [v for v in first if v.strip()]
    if len(set(said)) < len(said) or any(len(v) > 60 for v in said):
        return False
    numeric = re.compile(r"-?\d+(\.\d+)?([eE]-?\d+)?")
    for place in range(len(first)):
        column = [r[place].strip() for r in rest if len(r) > place and r[place].strip()]
        if column and all(numeric.fullmatch(v) or WEB.fullmatch(v) for v in column):
            return True
    return bool(known) and not rest
