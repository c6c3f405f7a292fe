"""PAGE, CLAIM, FINDING: the three shapes that everything between a target and its report is made of.

A PAGE is one answer exactly as received, or one slice of a file that stays in place. A CLAIM is what one
source says of one item, word for word. A FINDING is what is concluded of one item. All three are Arrow
schemas; a batch may leave out any column but those in `REQUIRED`: a missing column reads as null.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Self

import pyarrow as pa

PAGE = pa.schema(
    [
        ("page_key", pa.string()),
        ("number", pa.int64()),  # place in the order of fetching: makes results independent of who finished first
        ("source", pa.string()),  # module in auditor/sources that parses it
        ("level", pa.string()),  # items | dataset
        ("locator", pa.string()),  # URL, or path as the user gave it
        ("stamp", pa.string()),  # what tells another state of the same locator apart
        ("path", pa.string()),  # where the bytes lie on disk; relative paths are inside the audit
        ("slice", pa.string()),  # JSON; null: the whole of it
        ("context", pa.string()),  # JSON: what the slice needs from elsewhere in its file
        ("retrieved", pa.timestamp("s", tz="UTC")),
        ("status", pa.int16()),
        ("media_type", pa.string()),
        ("sha256", pa.string()),  # of the body, of the whole file that stays in place, or of a list of files' hashes
        ("body", pa.binary()),
        ("keys", pa.list_(pa.string())),  # of an answer to following: the canonical origins that it answers
    ]
)

CLAIM = pa.schema(
    [
        ("item_id", pa.string()),
        (
            "row",
            pa.int64(),
        ),  # place of the item on its file, ascending on a page; claims that share it speak of one item
        ("item_url", pa.string()),
        ("title", pa.string()),
        ("creator", pa.string()),
        ("kind", pa.string()),  # the source's own word: article, file, image, sound
        ("license_text", pa.string()),
        ("license_url", pa.string()),
        ("license_version", pa.string()),
        ("vocabulary", pa.string()),  # what gives the spelling its meaning: flickr, kaggle, debian; null: none known
        ("scope", pa.string()),  # media | text | code | part | annotations | metadata | database; null: the item itself
        ("authority", pa.string()),  # see AUTHORITIES
        ("place", pa.string()),  # where it stands: tag, readme, license-file …; of a host's answer which host: flickr
        ("split", pa.string()),
        (
            "label",
            pa.string(),
        ),  # of an item its class, several joined by `; `; of what is said of a dataset the part meant
        ("language", pa.string()),
        ("copyright_text", pa.string()),
        ("was_derived_from", pa.list_(pa.string())),
        ("signals", pa.string()),  # JSON: opt-outs, never mixed with the licence
        ("as_of", pa.string()),  # ISO date it speaks of; null: now
        ("error", pa.string()),  # why this item could not be read
        ("root_item_id", pa.string()),  # of a claim found by following
        ("hop", pa.int8()),
    ]
)

FINDING = pa.schema(
    [
        ("item_id", pa.string()),
        ("level", pa.string()),  # item | dataset
        ("item_url", pa.string()),
        ("title", pa.string()),
        ("creator", pa.string()),
        ("kind", pa.string()),
        ("split", pa.string()),
        ("label", pa.string()),
        ("language", pa.string()),
        ("scope", pa.string()),
        ("copyright_text", pa.string()),
        ("was_derived_from", pa.list_(pa.string())),
        ("signals", pa.string()),
        ("statement", pa.string()),  # the deciding statement, word for word
        ("statement_url", pa.string()),
        ("authority", pa.string()),
        ("license_declared", pa.string()),
        ("license_concluded", pa.string()),
        ("license_comments", pa.string()),  # the rules: of reading, then of concluding
        ("category", pa.string()),
        ("access_category", pa.string()),
        ("verdict", pa.string()),
        ("reason", pa.string()),
        ("conflict", pa.string()),
        ("error", pa.string()),
        ("origin", pa.string()),  # the canonical origin that was asked of it, where it was followed
        ("origin_status", pa.string()),  # followed, or why not: a sentence that starts with one of ORIGIN_STATUSES
        ("page_key", pa.string()),
        ("row", pa.int64()),
    ]
)

ENDED = ("gone", "private", "placeholder")  # the host's own word that there is nothing more to be had
ORIGIN_STATUSES = ("followed", *ENDED, "not reached", "not asked")

REQUIRED = ("item_id", "row")

CONTRIBUTORS = "Contributors: "  # begins the copyright_text of a wiki's page; the address of its history follows

# Rank of who says it, first the highest (rule 5: the item's host before the aggregator before the dataset). A mention,
# said where nothing shows that it is of this item's licence, can only restrict.
AUTHORITIES = ("curation", "author", "host", "embedded", "uploader", "aggregator", "dataset", "mention", "access")


_sorted = json.JSONEncoder(sort_keys=True).encode  # kept: json.dumps would make one each time


@dataclass(frozen=True, slots=True)
class Page:
    """One PAGE row; what a source's `fetch` yields and its `parse` is a function of."""

    source: str
    locator: str
    path: str | None = None
    level: str = "items"
    slice: dict[str, Any] | None = None
    context: dict[str, Any] = field(default_factory=dict)
    retrieved: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    status: int = 200
    media_type: str | None = None
    sha256: str | None = None
    body: bytes | None = None
    number: int = 0
    stamp: str = ""  # what tells another state of the same locator apart: size and mtime, or the body's hash

    @property
    def key(self) -> str:
        """Hash of source, locator, slice and stamp: equal for the same request of the same state."""
        said = _sorted([self.source, self.level, self.locator, self.slice, self.stamp])
        return hashlib.sha256(said.encode()).hexdigest()[:20]

    @classmethod
    def of_file(cls, source: str, path: Path, locator: str | None = None, **more: Any) -> Self:
        """Return the page of a file that stays in place; its stamp is size and mtime."""
        state = path.stat()
        stamp = f"{state.st_size}:{state.st_mtime_ns}"
        return cls(source=source, locator=locator or str(path), path=str(path), stamp=stamp, **more)

    def open(self) -> BinaryIO:
        """Return a binary stream of the whole file or body, as received."""
        if self.body is not None:
            import io

            return io.BytesIO(self.body)
        assert self.path is not None
        return Path(self.path).open("rb")

    def read(self) -> bytes:
        """Return the bytes of the whole file or body, as received."""
        with self.open() as stream:
            return stream.read()

    def with_(self, **changes: Any) -> Self:
        """Return the same page with some fields changed."""
        return replace(self, **changes)


def claims(rows: Iterable[dict[str, Any]], size: int = 20_000) -> Iterable[pa.RecordBatch]:
    """Turn dicts of one item's claims each (small sources) into CLAIM batches of at most `size` rows.

    Claims of one item share their `row` and come one after another; a batch never parts them.
    """
    held: list[dict[str, Any]] = []
    for row in rows:
        if len(held) >= size and row["row"] != held[-1]["row"]:
            yield pa.RecordBatch.from_pylist(held, schema=CLAIM)
            held = []
        held.append(row)
    if held:
        yield pa.RecordBatch.from_pylist(held, schema=CLAIM)


def column(batch: pa.RecordBatch, name: str) -> pa.Array | None:
    """Return the column, or None where the batch leaves it out."""
    index = batch.schema.get_field_index(name)
    return None if index < 0 else batch.column(index)


def constant(value: str | None, length: int) -> pa.Array:
    """Return `length` times the same string, as a dictionary array (no copy of the string a row)."""
    import numpy as np

    if value is None:
        return pa.nulls(length, pa.string())
    return pa.DictionaryArray.from_arrays(np.zeros(length, dtype=np.int32), pa.array([value]))


def batch_of(columns: Sequence[tuple[str, pa.Array]]) -> pa.RecordBatch:
    """Return a batch of the named columns."""
    return pa.RecordBatch.from_arrays([a for _, a in columns], names=[n for n, _ in columns])
