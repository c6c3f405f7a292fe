"""Media files whose metadata may stand anywhere in them, read over ranges: PDF, TIFF, and ISO base media (MP4, M4A, HEIF, AVIF).

The readers of `_media` read a sparse file: what has come of the remote one. What they miss names the next range, and they begin anew.
Once they miss nothing, what they read is kept as one page, from which they read the same again: they can't tell it from the whole file.
"""

import hashlib
import io
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import IO, Any, cast

from auditor.fetch import Ask, Get
from auditor.schema import Page
from auditor.sources._media_parts import HEAD, kind

UNIT = 1 << 10  # bytes that are kept or let go together; a divisor of HEAD
BLOCK, REQUESTS, MOST = 64 << 10, 8, 1 << 20  # bytes asked for at a time, at first; requests a file; bytes of a file
READS = 300_000  # reads of one file: a loop in it ends here
AT_ONCE = 32  # files that are held in memory
ENDLESS = 1 << 62  # the size of a file that does not say it
CAME = re.compile(r"bytes (\d{1,18})-\d{1,18}/(\d{1,18})$")


class Missing(OSError):
    """Bytes that were not asked for."""


class Sparse(io.RawIOBase):
    """A file of which some units are there; the first read of what is not is remembered, and all later ones fail, too."""

    def __init__(self, units: dict[int, bytes], size: int) -> None:
        self.units, self.size, self.at, self.left = units, size, 0, READS
        self.seen: set[int] = set()
        self.missing: tuple[int, int] | None = None  # first and last byte but one, from the first one that is not there

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self.at, os.SEEK_END: self.size}[whence]
        if at < 0:
            raise OSError("before the file's beginning")
        self.at = at
        return at

    def read(self, size: int | None = -1) -> bytes:
        at = self.at
        end = self.size if size is None or size < 0 else min(self.size, at + size)
        self.left -= 1
        pieces = []
        if at < end:
            for unit in range(at // UNIT, (end - 1) // UNIT + 1):
                if self.missing is None and (unit not in self.units or self.left < 0):
                    self.missing = (max(at, unit * UNIT), end)
                if self.missing is not None:
                    raise Missing("not asked for")
                pieces.append(self.units[unit])
                self.seen.add(unit)
        self.at = max(at, end)
        return b"".join(pieces)[at % UNIT :][: max(0, end - at)]

    def wanted(self, before: tuple[int, int] = (0, 0)) -> tuple[int, int] | None:
        """Return the range to ask for next, in whole units; None where nothing is missing, or more than may be asked.

        before: the range asked for last: where reading goes on behind it, twice as much is asked for.
        """
        left = (MOST - sum(map(len, self.units.values()))) // UNIT * UNIT
        if self.missing is None or self.left < 0:
            return None
        start = min(self.missing[0] // BLOCK * BLOCK, max(0, self.size - BLOCK) // UNIT * UNIT)
        block = 2 * (before[1] - before[0]) if before[0] < before[1] == start else BLOCK
        least = -(-self.missing[1] // UNIT) * UNIT
        end = min(self.size, start + left, max(start + block, least))
        return (start, end) if end >= min(self.size, least) else None


def anywhere(head: bytes) -> bool:
    """Say whether a file that begins so may have its metadata anywhere, where its readers find them without reading all of it."""
    return kind(head) in ("pdf", "tiff", "heif", "video") or (kind(head) == "sound" and head[4:8] == b"ftyp")


def opened(page: Page) -> IO[bytes]:
    """Return a media file as far as it came."""
    body = page.read()
    if "pieces" in page.context:
        units: dict[int, bytes] = {}
        for start, end in page.context["pieces"]:
            units |= _units(start, body[: end - start])
            body = body[end - start :]
        return cast("IO[bytes]", Sparse(units, page.context["size"]))
    place = _place(page)
    cut = place != (0, len(body)) if place else len(body) >= HEAD
    if anywhere(body) and cut:
        size = max(place[1], len(body) + 1) if place else ENDLESS
        return cast("IO[bytes]", Sparse(_units(0, body, size), size))
    return io.BytesIO(body)


def missed(stream: IO[bytes]) -> bool | None:
    """Say whether a file's readers wanted more of it than came; None where all of it came, or it is none that is read over ranges."""
    return stream.missing is not None if isinstance(stream, Sparse) else None


def wants(page: Page) -> bool:
    """Say whether more may be asked of a file than its first bytes."""
    place, body = _place(page), page.body or b""
    return page.status == 206 and place is not None and not place[0] and UNIT <= len(body) < place[1] and anywhere(body)


def whole(asks: Sequence[Ask], get: Get) -> Iterator[Page]:
    """Yield one page for each request for a file's first bytes: of all that its readers read, where they want more."""
    for at in range(0, len(asks), AT_ONCE):
        files: dict[str, _File] = {}
        for ask in asks[at : at + AT_ONCE]:
            page = get.one(ask)
            if (place := _place(page)) and wants(page):
                files[ask.url] = _File(ask.url, page, place[1], _units(0, page.body or b"", place[1]))
            else:
                yield page
        yield from _read(files, get)


def _read(files: "dict[str, _File]", get: Get) -> Iterator[Page]:
    """Read all of some files, each a range further a round; none is left."""
    while files:
        asks = []
        for url, file in list(files.items()):
            ask = file.next()
            if ask is None:
                yield get.made(Ask(url, file.head.source, first=0), file.page()) if file.asked else file.head
                del files[url]
            else:
                asks.append(ask)
        for page in get.each(asks):
            file = files[page.context["file"]]
            if page.status in (0, 429) or page.status >= 500:  # it may come another time
                said = {"failure": f"{page.locator} answers {page.status}.", "failure_kind": "server"} | page.context
                yield file.head.with_(status=0, body=None, context=file.head.context | _failure(said))
                del files[file.url]
            else:
                file.take(page)


def _failure(context: dict[str, Any]) -> dict[str, Any]:
    return {name: context[name] for name in ("failure", "failure_kind")}


@dataclass
class _File:
    """One file: what of it has come."""

    url: str
    head: Page
    size: int
    units: dict[int, bytes]
    asked: int = 0
    span: tuple[int, int] = (0, 0)
    seen: set[int] = field(default_factory=set)

    def next(self) -> Ask | None:
        """Read, and return the request for what is missing; None where that is nothing, or no more is asked."""
        from auditor.sources._media import look

        stream = Sparse(self.units, self.size)
        look(cast("IO[bytes]", stream))
        self.seen = stream.seen | {0}
        span = stream.wanted(self.span)
        if span is None or span == self.span or self.asked == REQUESTS:
            return None
        self.asked, self.span = self.asked + 1, span
        return Ask(self.url, self.head.source, {"file": self.url}, first=span[1] - span[0], start=span[0])

    def take(self, page: Page) -> None:
        """Take a range, if it is the one that was asked for, of the same state of the same file; else no more is asked."""
        if page.status == 206 and _place(page) == (self.span[0], self.size) and _state(page) == _state(self.head):
            self.units |= _units(self.span[0], page.body or b"", self.size)
        else:
            self.asked = REQUESTS

    def page(self) -> Page:
        """Return the page of what was read."""
        runs = [[n for _, n in run] for _, run in groupby(enumerate(sorted(self.seen)), lambda p: p[1] - p[0])]
        pieces = [[run[0] * UNIT, min(self.size, (run[-1] + 1) * UNIT)] for run in runs]
        body = b"".join(self.units[n] for run in runs for n in run)
        sums = hashlib.sha256(body).hexdigest()
        context = self.head.context | {"pieces": pieces, "size": self.size}
        return self.head.with_(slice={"pieces": len(pieces)}, context=context, body=body, sha256=sums, stamp=sums)


def _units(start: int, data: bytes, size: int | None = None) -> dict[int, bytes]:
    """Return data in units; one at its end that is not whole is let go, unless the file ends there."""
    held = {(start + at) // UNIT: data[at : at + UNIT] for at in range(0, len(data), UNIT)}
    if size is not None and len(data) % UNIT and start + len(data) != size:
        del held[(start + len(data)) // UNIT]
    return held


def _headers(page: Page) -> dict[str, str]:
    return {name.lower(): said for name, said in page.context.get("headers", {}).items()}


def _place(page: Page) -> tuple[int, int] | None:
    """Return where a range begins, and the size of its file; None where that is not said."""
    said = CAME.match(_headers(page).get("content-range", ""))
    return (int(said[1]), int(said[2])) if said else None


def _state(page: Page) -> tuple[str | None, str | None]:
    headers = _headers(page)
    return headers.get("etag"), headers.get("last-modified")
