"""Readers of tables: a page in, batches of the needed columns (as strings or lists) and their row numbers out."""

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from auditor.errors import BadInput
from auditor.schema import Page
from auditor.sources import _table_keyed as keyed
from auditor.sources import _table_xml
from auditor.sources._table_parts import Part, parts, says_license
from auditor.streams import text_of, unpacked


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a table: the needed columns, their numbers, the malformed ones, and what is said inside a record."""

    columns: dict[str, pa.Array]
    rows: np.ndarray[Any, Any]
    errors: list[tuple[int, str]] = field(default_factory=list)
    parts: list[tuple[int, Part]] = field(default_factory=list)  # with the place in `rows`


Record = tuple[int, dict[str, Any] | None, str | None]  # row, and the record or what is wrong with it
ROWS = 1 << 17
ALONE = "."  # in place of the prefix of a list: the document is one record, or several one after the other
CSV_BLOCK = 8 << 20


def read(page: Page, needed: Sequence[str]) -> Iterator[Batch]:
    """Read the needed columns of a page; malformed rows come apart, with what is wrong with them."""
    form = page.context["format"]
    return {"parquet": _parquet, "delimited": _delimited}.get(form["kind"], _dicts)(page, form, needed)


def sample(path: Path, form: dict[str, Any], size: int = 1000) -> dict[str, list[str | None]]:
    """Return the first values of every column, as text (nested records flattened to `a.b`)."""
    return {"parquet": _sample_parquet, "delimited": _sample_delimited}.get(form["kind"], _sample_records)(
        path, form, size
    )


def _parquet(page: Page, form: dict[str, Any], needed: Sequence[str]) -> Iterator[Batch]:
    assert page.path is not None and page.slice is not None
    coded = page.context.get("coded", [])
    with parquet_file(Path(page.path), coded) as file:
        row = int(page.slice["row"])
        tops = list(dict.fromkeys(c.split(".")[0] if c not in file.schema_arrow.names else c for c in needed))
        nested = [f.name for f in file.schema_arrow if pa.types.is_nested(f.type) and says_license(f.type)]
        tops = list(dict.fromkeys([*tops, *nested]))
        for batch in file.iter_batches(ROWS, row_groups=page.slice["row_groups"], columns=tops):
            size = batch.num_rows
            columns = {c: _leaf(batch, c) for c in needed}
            yield Batch(
                columns, np.arange(row, row + size, dtype=np.int64), parts=_parts_of(batch, nested, needed, _bare(page))
            )
            row += size


def parquet_file(path: Path, coded: Sequence[str] = ()) -> pq.ParquetFile:
    """Open a Parquet file; BadInput where it is truncated or damaged."""
    try:
        return pq.ParquetFile(path, memory_map=True, read_dictionary=list(coded))
    except (pa.ArrowInvalid, OSError) as error:
        raise BadInput(
            f"{path} is no whole Parquet file ({' '.join(str(error).split())[:120]}): get the file again."
        ) from None


def by_difference(meta: pq.FileMetaData, name: str) -> bool:
    """Say whether a column is stored by difference (DELTA_…) anywhere, which Arrow can't read as a dictionary."""
    groups = [meta.row_group(g) for g in range(meta.num_row_groups)]
    place = next((c for g in groups[:1] for c in range(g.num_columns) if g.column(c).path_in_schema == name), None)
    return place is not None and any(e.startswith("DELTA") for g in groups for e in g.column(place).encodings)


def _leaf(batch: pa.RecordBatch, name: str) -> pa.Array:
    index = batch.schema.get_field_index(name)
    if index >= 0:
        return batch.column(index)
    top, *rest = name.split(".")
    array: Any = batch.column(batch.schema.get_field_index(top))
    for key in rest:
        array = pa.compute.struct_field(array, key)
    return array


def _bare(page: Page) -> bool:
    """Say whether no column of a table gives a licence."""
    given = (*page.context.get("roles", ()), *page.context.get("templates", ()))
    return not {"license_text", "license_url"}.intersection(given)


def _parts_of(batch: pa.RecordBatch, nested: Sequence[str], used: Sequence[str], bare: bool) -> list[tuple[int, Part]]:
    """Return what nested columns say of licences, beside the columns that have a role already."""
    if not nested:
        return []
    records = batch.select(list(nested)).to_pylist()
    return [(place, p) for place, record in enumerate(records) for p in parts(record, frozenset(used), bare)]


def _sample_parquet(path: Path, form: dict[str, Any], size: int) -> dict[str, list[str | None]]:
    with parquet_file(path) as file:
        batch = next(file.iter_batches(size), None)
        if batch is None:
            return {f.name: [] for f in file.schema_arrow}
    return _columns(batch.to_pylist(), names=batch.schema.names)


def _columns(records: Sequence[dict[str, Any]], names: Sequence[str] = ()) -> dict[str, list[str | None]]:
    flat = [flatten(r) for r in records]
    keys = dict.fromkeys([k for r in flat for k in r])
    for name in names:
        if not any(k == name or k.startswith(name + ".") for k in keys):
            keys[name] = None
    return {k: [None if _of_numbers(v := r.get(k)) else text(v) for r in flat] for k in keys}


def _of_numbers(value: Any) -> bool:
    """Say whether a value is lists of lists of numbers, as coordinates are: no column is recognised by them."""
    depth = 0
    while isinstance(value, list) and value:
        value, depth = value[0], depth + 1
    return depth > 1 and isinstance(value, (int, float))


def flatten(record: dict[str, Any], depth: int = 3) -> dict[str, Any]:
    """Return nested objects as dotted columns, at most three deep."""
    flat: dict[str, Any] = {}
    for key, value in record.items():
        if isinstance(value, dict) and depth > 1:
            for inner, said in flatten(value, depth - 1).items():
                flat[f"{key}.{inner}"] = said
        else:
            flat[str(key)] = value
    return flat


def text(value: Any) -> str | None:
    """Return a value as text: lists joined as AND (what a list means is not known, so all of it binds), empty ones as null."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, (list, tuple)):
        said = [t for t in (text(v) for v in value) if t]
        return " AND ".join(said) if said else None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _names(form: dict[str, Any], first: Sequence[str]) -> list[str]:
    """Name the columns: by the header, or by number; a header set with runs of delimiters is closed up."""
    names: list[str] = []
    if not form["header"]:
        first = [""] * form["width"]
    elif len(first) > form["width"] == sum(bool(f.strip()) for f in first):
        first = [f for f in first if f.strip()]
    for place, name in enumerate(first):
        name = name.strip() if form["header"] else str(place)
        name = name or str(place)
        names.append(name if name not in names else f"{name}.{place}")
    return names


def header_of(path: Path, form: dict[str, Any]) -> list[str]:
    """Return the column names: those of the header, or the numbers from 0."""
    rows = _csv_rows(path, form, 1)
    return _names(form, rows[0] if rows else [])


def _csv_rows(path: Path, form: dict[str, Any], size: int) -> list[list[str]]:
    import csv

    with io.TextIOWrapper(text_of(path, form["encoding"]), "utf-8", newline="") as stream:
        rows = []
        lines = stream if form["quoted"] else (line.rstrip("\r\n") for line in stream)
        reader = (
            csv.reader(lines, delimiter=form["delimiter"])
            if form["quoted"]
            else (line.split(form["delimiter"]) for line in lines)
        )
        for row in reader:
            if row and row != [""]:
                rows.append(row)
            if len(rows) >= size:
                break
    return rows


def _sample_delimited(path: Path, form: dict[str, Any], size: int) -> dict[str, list[str | None]]:
    from auditor.sources._table_roles import NULLS

    rows = _csv_rows(path, form, size + 1)
    names = _names(form, rows[0] if rows else [])
    body = rows[1:] if form["header"] else rows
    return {n: [None if len(r) <= i or r[i] in NULLS else r[i] for r in body] for i, n in enumerate(names)}


def _delimited(page: Page, form: dict[str, Any], needed: Sequence[str]) -> Iterator[Batch]:
    from auditor.sources._table_roles import NULLS

    assert page.path is not None
    names = page.context["names"]
    skip = 1 if form["header"] else 0
    bad: list[tuple[int | None, str]] = []

    def malformed(row: Any) -> str:
        said = f"expected {row.expected_columns} columns, found {row.actual_columns}: {row.text[:200]}"
        bad.append((row.number, said))
        return "skip"

    stream = text_of(Path(page.path), form["encoding"])
    row = 0
    try:
        reader = pacsv.open_csv(
            stream,
            pacsv.ReadOptions(use_threads=False, block_size=CSV_BLOCK, column_names=names, skip_rows=skip),
            pacsv.ParseOptions(
                delimiter=form["delimiter"],
                quote_char='"' if form["quoted"] else False,
                newlines_in_values=form["quoted"],
                invalid_row_handler=malformed,
            ),
            pacsv.ConvertOptions(
                column_types=dict.fromkeys(needed, pa.string()),
                include_columns=list(needed) or names[:1],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
                null_values=list(NULLS),
            ),
        )
        for batch in reader:
            errors, bad[:] = [(0 if n is None else n - 1 - skip, f"line {n}: {said}") for n, said in bad], []
            rows, placed = _numbered(row, batch.num_rows, errors)
            row += batch.num_rows + len(errors)
            yield Batch({c: batch.column(c) for c in needed}, rows, placed)
        if bad:
            errors = [(row + i, f"line {n}: {said}") for i, (n, said) in enumerate(bad)]
            yield Batch({}, np.zeros(0, dtype=np.int64), errors)
    except pa.ArrowInvalid as error:
        if "Empty CSV" in str(error):
            return
        raise BadInput(
            f"{page.locator} could not be read to its end as a table ({' '.join(str(error).split())[:160]})."
        ) from None
    finally:
        stream.close()


def _numbered(
    start: int, good: int, errors: list[tuple[int, str]]
) -> tuple[np.ndarray[Any, Any], list[tuple[int, str]]]:
    """Give rows their places among malformed ones."""
    total = good + len(errors)
    inside = [n for n, _ in errors if start <= n < start + total]
    if len(set(inside)) != len(errors):
        return np.arange(start, start + good), [(start + good + i, said) for i, (_, said) in enumerate(errors)]
    mask = np.ones(total, dtype=bool)
    mask[[n - start for n in inside]] = False
    return np.flatnonzero(mask) + start, errors


def _sample_records(path: Path, form: dict[str, Any], size: int) -> dict[str, list[str | None]]:
    records = []
    page = Page(source="table", locator=str(path), path=str(path), context={"format": form})
    try:
        for _, record, _ in islice(_records(page, form), size):
            records += [record] if record is not None else []
    except BadInput:
        if not records:  # else what breaks it is told where it is read, and the records before it stay
            raise
    return _columns(records)


def _dicts(page: Page, form: dict[str, Any], needed: Sequence[str]) -> Iterator[Batch]:
    held: list[dict[str, Any]] = []
    rows: list[int] = []
    errors: list[tuple[int, str]] = []
    inside: list[tuple[int, Part]] = []
    dotted, used, bare = any("." in c for c in needed), frozenset(needed), _bare(page)
    broken: list[BadInput] = []
    for row, record, error in _whole(_records(page, form), broken):
        if record is None:
            errors.append((row, error or "not an object"))
        else:
            inside += [(len(held), p) for p in parts(record, used, bare)]
            held.append(flatten(record) if dotted else record)
            rows.append(row)
        if len(held) + len(errors) >= 20_000:
            yield Batch(_columns_of(held, needed), np.array(rows, dtype=np.int64), errors, inside)
            held, rows, errors, inside = [], [], [], []
    yield Batch(_columns_of(held, needed), np.array(rows, dtype=np.int64), errors, inside)
    if broken:  # the records before the break are handed over first
        raise broken[0]


def _whole(records: Iterator[Record], broken: list[BadInput]) -> Iterator[Record]:
    """Yield the records up to where the file breaks; why it does is put into `broken`."""
    try:
        yield from records
    except BadInput as error:
        broken.append(error)


def _columns_of(held: list[dict[str, Any]], needed: Sequence[str]) -> dict[str, pa.Array]:
    return {c: pa.array([text(r.get(c)) for r in held], pa.string()) for c in needed}


def _records(page: Page, form: dict[str, Any]) -> Iterator[Record]:
    """Yield row number and record, or row number, None and what is wrong."""
    assert page.path is not None
    if form["kind"] == "xml":  # says its encoding itself
        with unpacked(Path(page.path)) as stream:
            yield from _table_xml.records(stream, form["records"], page.locator)
        return
    with text_of(Path(page.path), form["encoding"]) as stream:
        if form["kind"] == "jsonl":
            yield from _lines(stream)
        else:
            yield from _elements(stream, form["records"], page.locator)


def _lines(stream: Any) -> Iterator[tuple[int, dict[str, Any] | None, str | None]]:
    import msgspec

    decode = msgspec.json.Decoder().decode
    row = 0
    for number, line in enumerate(stream, 1):
        if not line.strip():
            continue
        try:
            record = decode(line)
            said = None if isinstance(record, dict) else "is not an object"
        except (msgspec.DecodeError, RecursionError) as error:
            record, said = None, str(error)
        yield (
            row,
            record if said is None else None,
            said and f"line {number}: {said}: {line[:120].decode(errors='replace')}",
        )
        row += 1


def _elements(stream: Any, prefix: str, locator: str) -> Iterator[tuple[int, dict[str, Any] | None, str | None]]:
    import ijson

    try:
        if not keyed.is_keyed(prefix):
            found = alone(stream) if prefix == ALONE else ijson.items(stream, prefix, use_float=True)
            for row, record in enumerate(found):
                yield row, *_object(record, row)
        else:
            inside = prefix.removesuffix(keyed.UNDER).removesuffix(keyed.GROUPS)
            entries = keyed.records(ijson.kvitems(stream, inside, use_float=True), prefix)
            for row, (key, record) in enumerate(entries):
                record, said = _object(record, row)
                yield row, None if record is None else {"@key": key} | record, said
    except ijson.JSONError as error:
        said = " ".join(str(error).split())[:120]
        raise BadInput(f"{locator} is not whole JSON ({said}): get the file again.") from None


def alone(stream: Any) -> Iterator[Any]:
    """Yield a document that is one record, and those that follow it in the same file."""
    import ijson

    yield from ijson.items(stream, "", use_float=True, multiple_values=True)


def _object(record: Any, row: int) -> tuple[dict[str, Any] | None, str | None]:
    if isinstance(record, dict):
        return cast("dict[str, Any]", record), None
    return None, f"record {row} is not an object: {str(record)[:120]}"
