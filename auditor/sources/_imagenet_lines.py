"""Lines of a URL list, as bytes, to Arrow columns: `id<TAB>url`, `id url`, or a URL alone; nothing is dropped.

Lines of the expected forms are cut out of their block all at once; only the others are looked at one by one. The
bytes of real lists are dirty (ImageNet's fall11: Latin-1, spaces inside URLs, CRLF): a byte in a URL that is not UTF-8,
or is a control character, is kept percent-encoded, which is how a URL writes a byte (RFC 3986, section 2.1).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Places = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

BLOCK = 8 << 20
SPACE = np.zeros(256, dtype=bool)
SPACE[[9, 11, 12, 13, 32]] = True
CONTROL = np.zeros(256, dtype=bool)
CONTROL[[*range(9), *range(10, 32), 127]] = True
CLEAN = bytes(b for b in range(256) if not CONTROL[b]) + b"\n"
STRIPS = 16  # white space at either end of a line that is taken off in bulk

ALONE = re.compile(rb"https?://", re.IGNORECASE)
URL = re.compile(rb"(?:(?P<id>[^ \t]+)[ \t]+)?(?P<url>[A-Za-z][A-Za-z0-9+.-]*://.*)", re.DOTALL)
ANYWHERE = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*://.*", re.DOTALL)
IMAGE = re.compile(
    rb"(?:[^ \t]*/)?(?P<id>n[0-9]{8}_[0-9]+|ILSVRC20[0-9]{2}_(?:train|val|test)_[0-9]{8})(?:\.\w+)?"
    rb"(?P<more>[ \t].*)?",
    re.DOTALL,
)
CLASS = re.compile(rb"(?:[ \t]+[0-9]+)*")  # what follows an id in ILSVRC's lists: the number of its class
UNCLEAN = re.compile("[\x00-\x1f\x7f\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class Lines:
    """What stands on the lines that are not blank, in their order; `row` is the line's number, from 0."""

    row: Places
    id: pa.Array
    url: pa.Array
    error: pa.Array


def blocks(stream: BinaryIO, size: int | None = None) -> Iterator[bytes]:
    """Yield a stream's bytes (at most `size`) in blocks that end on a line's end."""
    held = b""
    left = size if size is not None else 1 << 62
    while left and (block := stream.read(min(BLOCK, left))):
        left -= len(block)
        cut = block.rfind(b"\n") + 1
        if cut:
            yield held + block[:cut]
            held = block[cut:]
        else:
            held += block
    if held:
        yield held


def read(block: bytes, first: int = 0) -> tuple[Lines, int]:
    """Return what stands on a block's lines, the first of which is numbered `first`; and how many lines it has."""
    buffer = np.frombuffer(block + bytes(8), dtype=np.uint8)
    ends = np.flatnonzero(buffer[: len(block)] == 10)
    if block and not block.endswith(b"\n"):
        ends = np.append(ends, len(block))
    starts = np.concatenate(([0], ends[:-1] + 1)) if len(ends) else ends
    count = len(ends)
    starts, ends, ragged = _stripped(buffer, starts.copy(), ends.copy())
    some = np.flatnonzero(ends > starts)
    starts, ends = starts[some], ends[some]
    cut, regular = _forms(buffer[: len(block)], buffer, starts, ends)
    regular &= ~(ragged[some] | _dirty(block, buffer, starts, ends))
    return _lines(block, some + first, starts, cut, ends, regular), count


def _stripped(buffer: Bytes, starts: Places, ends: Places) -> tuple[Places, Places, Mask]:
    """Take white space off both ends of lines; also say which have more of it than is taken off in bulk."""
    for _ in range(STRIPS):
        tail = (ends > starts) & SPACE[buffer[ends - 1]]
        head = (ends > starts) & SPACE[buffer[starts]] & ~tail
        if not (tail.any() or head.any()):
            break
        ends -= tail
        starts += head
    return starts, ends, (ends > starts) & (SPACE[buffer[ends - 1]] | SPACE[buffer[starts]])


def _forms(text: Bytes, buffer: Bytes, starts: Places, ends: Places) -> tuple[Places, Mask]:
    """Return where the id of each line ends (its start, if it has none), and which lines are of an expected form."""
    after = _next(np.flatnonzero((text == 9) | (text == 32)), starts, ends)
    alone = _is_url(buffer, starts)
    tabs = np.flatnonzero(text == 9)
    second = np.where(alone, starts, np.minimum(after + 1, ends))
    whole = _next(tabs, second, ends) == ends
    return np.where(alone, starts, after), whole & (alone | ((after < ends) & _is_url(buffer, second)))


def _next(places: Places, starts: Places, ends: Places) -> Places:
    """Return for each line the first of the places in it, or its end."""
    index = np.searchsorted(places, starts)
    found = np.append(places, np.iinfo(np.int64).max)[index]
    lesser: Places = np.minimum(found, ends)
    return lesser


def _is_url(buffer: Bytes, places: Places) -> Mask:
    """Say at which places `http://` or `https://` stands, in any case."""
    found = np.ones(len(places), dtype=bool)
    for offset, letter in enumerate(b"http"):
        found &= (buffer[places + offset] | 32) == letter
    secure = (buffer[places + 4] | 32) == ord("s")
    for offset, letter in enumerate(b"://", start=4):
        found &= buffer[np.minimum(places + offset + secure, len(buffer) - 1)] == letter
    return found


def _dirty(block: bytes, buffer: Bytes, starts: Places, ends: Places) -> Mask:
    """Say which lines hold a control character or a byte that is not UTF-8."""
    dirty = np.zeros(len(starts), dtype=bool)
    try:
        block.decode("utf-8")
        clean = CLEAN + b"\r" if block.count(b"\r") == block.count(b"\r\n") else CLEAN
        if not block.translate(None, clean):
            return dirty
        bad = CONTROL[buffer[: len(block)]]
    except UnicodeDecodeError:
        bad = CONTROL[buffer[: len(block)]] | (buffer[: len(block)] >= 128)
    places = np.flatnonzero(bad)
    line = np.searchsorted(starts, places, side="right") - 1
    inside = (line >= 0) & (places < ends[line]) if len(starts) else np.zeros(len(places), dtype=bool)
    dirty[line[inside]] = True
    return dirty


def _lines(block: bytes, rows: Places, starts: Places, cut: Places, ends: Places, regular: Mask) -> Lines:
    url = np.where(cut > starts, cut + 1, starts)
    ids, urls = _pieces(block, starts[regular], cut[regular], url[regular], ends[regular])
    odd = np.flatnonzero(~regular)
    if not len(odd):
        return Lines(rows, ids, urls, pa.nulls(len(rows), pa.string()))
    read_one_by_one = [one(block[s:e]) for s, e in zip(starts[odd].tolist(), ends[odd].tolist(), strict=True)]
    order = pa.array(np.argsort(np.concatenate([np.flatnonzero(regular), odd]), kind="stable"))
    columns = (pa.array(list(c), pa.string()) for c in zip(*read_one_by_one, strict=True))
    bulk = (ids, urls, pa.nulls(len(ids), pa.string()))
    return Lines(rows, *(pa.concat_arrays([b, c]).take(order) for b, c in zip(bulk, columns, strict=True)))


def _pieces(block: bytes, start: Places, cut: Places, url: Places, end: Places) -> tuple[pa.Array, pa.Array]:
    """Return the ids (null where there is none) and URLs that lie at these places, without a look at each.

    Places ascend, so one string array over the whole block holds id, gap, URL, gap of every line in turn.
    """
    import pyarrow.compute as pc

    offsets = np.append(np.stack([start, cut, url, end], axis=1).ravel(), end[-1:] if len(end) else 0).astype(np.int32)
    pieces = pa.StringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(block))
    index = np.arange(len(start)) * 4
    ids = pieces.take(pa.array(index))
    return pc.if_else(pa.array(cut > start), ids, pa.scalar(None, pa.string())), pieces.take(pa.array(index + 2))


def one(line: bytes) -> tuple[str | None, str | None, str | None]:
    """Return id, URL and error of one line, of whatever form it is."""
    line = line.strip(b" \t\r\n\v\f")
    found = None if ALONE.match(line) else URL.fullmatch(line)
    if found is None and not ALONE.match(line):
        return _without_url(line)
    before, rest = (found["id"], found["url"]) if found else (None, line)
    url, _, more = rest.partition(b"\t")
    name = None if before is None else _printable(before)
    error = None
    if before is not None and UNCLEAN.search(before.decode("utf-8", "surrogateescape")):
        error = f"the id on the line is not text: {name}"
    if more.strip():
        error = f"more than an id and a URL stands on the line: {_printable(more.strip())[:200]}"
    return name, encoded(url.rstrip()), error


def _without_url(line: bytes) -> tuple[str | None, str | None, str | None]:
    """Return the same for a line that neither is a URL nor has one after its id: its words stand in the error."""
    image = IMAGE.fullmatch(line)
    name = _printable(image["id"]) if image else None
    if image and CLASS.fullmatch(image["more"] or b""):
        return name, None, None
    url = ANYWHERE.search(line)
    if url is None:
        return name, None, f"the line holds no URL: {_printable(line)[:200]}"
    before = _printable(line[: url.start()].strip())
    return name, encoded(url[0]), f"more than an id stands before the URL on the line: {before[:200]}"


def _printable(line: bytes) -> str:
    text = line.decode("utf-8", "backslashreplace")
    return "".join(c if c >= " " and c != "\x7f" else f"\\x{ord(c):02x}" for c in text)


def encoded(url: bytes) -> str:
    """Return a URL's text, with each byte that is not UTF-8 and each control character percent-encoded."""

    def percent(found: "re.Match[str]") -> str:
        return "".join(f"%{b:02X}" for b in found[0].encode("utf-8", "surrogateescape"))

    return UNCLEAN.sub(percent, url.decode("utf-8", "surrogateescape"))


def sample(head: bytes, whole: bool, most: int = 2000) -> list[bytes]:
    """Return the lines of a file's first bytes that are not blank; the last one only if the file ends there."""
    lines = head.split(b"\n")
    kept: list[Any] = [line.strip() for line in (lines if whole else lines[:-1])]
    return [line for line in kept if line][:most]
