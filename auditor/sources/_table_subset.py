"""A table's file written anew with some of its rows, as it stands: lines word for word, Parquet with its schema."""

import bz2
import gzip
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from auditor.schema import Page
from auditor.sources import _table_keyed as keyed
from auditor.sources import _table_read as reader
from auditor.sources import _table_xml
from auditor.streams import packed, text_of, unpacked

ROWS = 1 << 16


def write(pages: Sequence[Page], rows: Sequence["np.ndarray[Any, Any]"], out: Path) -> None:
    """Write the rows of these pages of one file; compressed as the file was (xz and lzma as gzip are not: plain)."""
    form = pages[0].context["format"]
    if form["kind"] == "parquet":
        _parquet(pages, rows, out)
        return
    path = Path(str(pages[0].path))
    wanted = np.concatenate(list(rows)) if rows else np.zeros(0, dtype=np.int64)
    if form["kind"] == "xml":
        with _packed(out, packed(path)) as stream, unpacked(path) as given:
            stream.write(_table_xml.without(given.read(), form["records"], set(wanted.tolist())))
        return
    with _packed(out, packed(path)) as stream, text_of(path, form["encoding"]) as text:
        if form["kind"] == "delimited":
            _lines(_records(text, form), set(wanted.tolist()), stream, header=form["header"])
        elif form["kind"] == "jsonl":
            _lines((line for line in text if line.strip()), set(wanted.tolist()), stream, header=False)
        else:
            _json(text.read(), form["records"], set(wanted.tolist()), stream)


@contextmanager
def _packed(out: Path, kind: str | None) -> Iterator[IO[bytes]]:
    if kind == "zstd":
        with pa.CompressedOutputStream(str(out), "zstd") as packed_stream:
            yield packed_stream
        return
    opened: Any = {"gzip": gzip.open, "bz2": bz2.open}.get(kind or "", open)
    if kind in ("xz", "lzma"):
        import lzma

        opened = lzma.open
    with opened(out, "wb") as stream:
        yield stream


def _lines(records: Iterator[bytes], wanted: set[int], stream: IO[bytes], *, header: bool) -> None:
    if header:
        stream.write(next(records, b""))
    for row, record in enumerate(records):
        if row in wanted:
            stream.write(record if record.endswith(b"\n") else record + b"\n")


def _records(text: Any, form: dict[str, Any]) -> Iterator[bytes]:
    """Yield the records of a delimited file word for word: a quoted one may go over several lines."""
    if not form["quoted"]:
        yield from (line for line in text if line.strip(b"\r\n"))
        return
    import csv

    held: list[bytes] = []

    def lines() -> Iterator[str]:
        for line in text:
            held.append(line)
            yield line.decode("utf-8", "replace")

    csv.field_size_limit(1 << 30)
    for record in csv.reader(lines(), delimiter=form["delimiter"]):
        said = b"".join(held)
        held.clear()
        if record and record != [""]:
            yield said


def _json(text: bytes, prefix: str, wanted: set[int], stream: IO[bytes]) -> None:
    """Write a JSON document with only the wanted records of its list, or of the object that holds them by their keys."""
    import msgspec

    if prefix == reader.ALONE:
        every = [r for row, r in enumerate(reader.alone(io.BytesIO(text))) if row in wanted]
        stream.writelines(msgspec.json.format(msgspec.json.encode(r), indent=1) + b"\n" for r in every or [{}])
        return
    document = msgspec.json.decode(text)
    kept: Any
    if keyed.is_keyed(prefix):
        kept = keyed.kept(document, prefix, wanted)
    else:
        keys = prefix.removesuffix("item").strip(".").split(".") if prefix != "item" else []
        inner = document
        for key in keys:
            inner = inner[key]
        if not isinstance(inner, dict):
            inner[:] = [r for row, r in enumerate(inner) if row in wanted]
        elif 0 not in wanted:  # one record in an answer
            inner.clear()
        kept = document
    stream.write(msgspec.json.format(msgspec.json.encode(kept), indent=1) + b"\n")


def _parquet(pages: Sequence[Page], rows: Sequence["np.ndarray[Any, Any]"], out: Path) -> None:
    with (
        reader.parquet_file(Path(str(pages[0].path))) as file,
        pq.ParquetWriter(out, file.schema_arrow, compression="zstd") as writer,
    ):
        for page, wanted in zip(pages, rows, strict=True):
            start = int((page.slice or {})["row"])
            for batch in file.iter_batches(ROWS, row_groups=(page.slice or {})["row_groups"]):
                inside = wanted[(wanted >= start) & (wanted < start + batch.num_rows)] - start
                writer.write_batch(batch.take(pa.array(inside)))
                start += batch.num_rows
