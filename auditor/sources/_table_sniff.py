"""What kind of table a file is, seen from its first bytes: format, delimiter, quoting, header, encoding."""

import csv
import io
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

from auditor.errors import BadInput
from auditor.sources import _table_xml
from auditor.sources._table_parts import says_so
from auditor.sources._table_roles import ROLES, WEB, is_called_so, norm
from auditor.streams import encoding_of, head_of

ALONE = re.compile(r"(?:object|record|item|image|photo|work)?_?id|identifier|uuid")  # of a record alone: Met's objectID
HOLDING = re.compile(  # names of lists of records
    r"annotations|data|datasets|distribution|documents|entries|features|files|graph|hits|images|items|licenses|objects|observations"
    r"|packages|photos|record_set|recordings|records|resources|results?|rows|samples|sounds|videos"
)
WRAPPING = ("data", "result", "results")
# Keys of what is no record of an item: a statement of Wikibase about one, a request that a browser recorded (HAR).
NO_RECORD = ("mainsnak", "snaktype", "startedDateTime")
HEAD, GLANCE = 1 << 20, 1 << 16
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


def _shape(text: str, whole: bool) -> tuple[str, list[str]] | None:
    """Return the ijson prefix of a JSON file's records, and of the other lists of records in it.

    `item`, `images.item`, `photos.photo.item` (an API's answer), `` for an object of records, `.` for one record alone.
    """
    import ijson

    kinds: dict[str, str] = {}  # of the values of the top object
    lists: dict[str, bool] = {}  # whether it is of records
    records: set[str] = set()  # values of the top object that state a licence: each is a record, whatever it lists
    top, key = None, ""
    try:
        for prefix, event, value in ijson.parse(io.BytesIO(text.encode())):
            if top is None:
                top = event
            elif top == "start_array":
                if prefix == "item":
                    return ("item", []) if event == "start_map" else None
            elif prefix == "" and event == "map_key":
                key = value
                kinds[key] = ""
            elif key in kinds and not kinds[key]:
                kinds[key] = event
            elif event == "start_map" and prefix.endswith(".item") and prefix.count(".") <= 2:
                lists.setdefault(prefix, True)
            elif event == "map_key" and prefix in lists and value in NO_RECORD:
                lists[prefix] = False
            elif event == "map_key" and prefix == key and says_so(value):
                records.add(key)
    except (ijson.JSONError, UnicodeDecodeError):
        if whole and top is None:
            return None
    if top != "start_map" or not kinds.keys().isdisjoint(NO_RECORD):
        return None
    if _alone(kinds):
        return ".", []
    lists = {p: True for p, good in lists.items() if good}
    near = [p for p in lists if kinds.get(p.removesuffix(".item")) == "start_array"]
    maps = [k for k, e in kinds.items() if e == "start_map"]
    if not near and len(maps) >= 2 and len(maps) >= 0.9 * len([e for e in kinds.values() if e]):
        return "", []
    found = near + [p for p in lists if p.split(".")[0] in maps and p.split(".")[0] not in records and p not in near]
    return (found[0], found[1:]) if found else None


def _alone(kinds: dict[str, str]) -> bool:
    """Say whether a JSON object is one record: it has an id and speaks of its rights, and holds no list called like one of records."""
    names = {norm(k): event for k, event in kinds.items()}
    own = any(ALONE.fullmatch(n) and e in ("string", "number") for n, e in names.items())
    lists = any(HOLDING.fullmatch(n) and (e == "start_array" or n in WRAPPING) for n, e in names.items())
    return own and not lists and any(is_called_so(k) for k in kinds)


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
