"""The scanner: blocks of export XML to lists of raw fields, with `bytes.find` and small patterns at known places.

MediaWiki escapes all text, so `<page>`, `<revision>` and `<text` are always elements. Of a page with many revisions
the latest counts; memory stays flat however long its history: what lies between head and best revision is dropped.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from auditor.errors import BadInput
from auditor.licensing.wikitext import disputing
from auditor.sources._mediawiki_read import Blocks

PAGE, PAGE_END = b"<page>", b"</page>"
REVISION, END = b"<revision>", b"</mediawiki>"
HEAD = re.compile(rb"<page>\s*<title>([^<]*)</title>\s*(?:<ns>(-?\d+)</ns>\s*)?<id>(\d+)</id>\s*(<redirect\b[^>]*>)?")
LAST = re.compile(
    rb"<revision>\s*<id>(\d+)</id>\s*(?:<parentid>\d+</parentid>\s*)?<timestamp>([^<]*)</timestamp>\s*"
    rb"<contributor\b[^>]*>\s*(?:<username>([^<]*)</username>|<ip>([^<]*)</ip>)?"
)
NUMBERS = {"ns": rb"-?\d+", "id": rb"\d+"}
FIELD = {
    name: re.compile(rb"<%b(?:\s[^<>]*)?>(%b)</%b>" % (name.encode(), NUMBERS.get(name, rb"[^<]*"), name.encode()))
    for name in ("title", "ns", "id", "timestamp", "username", "ip", "sitename", "dbname", "base", "generator", "case")
}
TIMESTAMP = FIELD["timestamp"]
DAY = re.compile(rb"(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))T")
NAMESPACE = re.compile(rb'<namespace key="(-?\d+)"[^>]*?(?:/>|>([^<]*)</namespace>)')
REDIRECTING = re.compile(
    rb'<page>\s*<title>([^<]*)</title>\s*<ns>10</ns>\s*<id>\d+</id>\s*<redirect\b[^>]*\btitle="([^"]*)"'
)
REDIRECTED = re.compile(rb"\s*#redirect\s*:?\s*\[\[", re.IGNORECASE)
LONG = 8 << 20  # of a page that is not complete: what is held before revisions are dropped
LONGEST = 64 << 20  # one revision longer than this is not a wiki's
BATCH, HELD = 4_000, 8 << 20  # pages, and bytes of their text, given on together
FILE = b"6"


@dataclass(slots=True)
class Pages:
    """Fields of some pages, as they stand in the XML, in lists of one length."""

    row: list[int] = field(default_factory=list)
    title: list[bytes] = field(default_factory=list)
    ns: list[bytes | None] = field(default_factory=list)
    id: list[bytes | None] = field(default_factory=list)
    redirect: list[bool] = field(default_factory=list)
    revision: list[bytes | None] = field(default_factory=list)
    timestamp: list[bytes | None] = field(default_factory=list)
    creator: list[bytes | None] = field(default_factory=list)
    error: list[str | None] = field(default_factory=list)
    text: dict[int, bytes] = field(
        default_factory=dict
    )  # index -> wikitext, still escaped: of files, and of texts in dispute

    def __len__(self) -> int:
        return len(self.row)


class Scanner:
    """Cuts a stream of blocks into pages and reads their fields; one for each slice."""

    def __init__(self, first: int, expect_end: bool) -> None:
        self.row, self.expect_end = first, expect_end
        self.out, self.held = Pages(), 0
        self.complete = False  # whether `</mediawiki>` was seen

    def pages(self, blocks: Blocks) -> Iterator[Pages]:
        """Yield batches of pages that begin in the slice; what comes before its first `<page>` is another slice's.

        A stream that breaks or ends inside a page gives what there was, then one row that says so.
        """
        buffer, seen, broken = b"", 0, None
        try:
            for block, beyond in blocks:
                if beyond:
                    buffer = _begun(buffer)
                    if not buffer:
                        break
                buffer, seen = self._cut(buffer + block, seen, alone=beyond)
                if len(self.out) >= BATCH or self.held > HELD:
                    yield self._given()
        except BadInput as error:
            broken = str(error)
        self._end(buffer, broken)
        if len(self.out):
            yield self._given()

    def _given(self) -> Pages:
        given, self.out, self.held = self.out, Pages(), 0
        return given

    def _cut(self, buffer: bytes, seen: int, alone: bool) -> tuple[bytes, int]:
        """Take all complete pages, or only the one that begins the buffer; return the rest, and how much was searched."""
        at = 0
        while True:
            start = buffer.find(PAGE, at)
            if start < 0 or (alone and (start or at)):
                self.complete = self.complete or buffer.find(END, at) >= 0
                if alone:
                    return (buffer if PAGE.startswith(buffer) else b""), 0
                return buffer[at:][-len(END) :], 0
            end = buffer.find(PAGE_END, max(start, seen - len(PAGE_END)))
            stop = end if end >= 0 else len(buffer)
            other = buffer.find(PAGE, max(start + len(PAGE), seen - len(PAGE)), stop)
            if other >= 0:
                self._take(buffer[start:other], 0, other - start, "the page does not end before the next begins")
                at, seen = other, 0
            elif end < 0:
                return self._shrunk(buffer[start:])
            else:
                self._take(buffer, start, end)
                at, seen = end + len(PAGE_END), 0

    def _shrunk(self, buffer: bytes) -> tuple[bytes, int]:
        """Drop the revisions of a long page that another one follows, its head and its latest kept."""
        if len(buffer) <= LONG:
            return buffer, len(buffer)
        first, last = buffer.find(REVISION), buffer.rfind(REVISION)
        if 0 <= first < last:
            start, end = _latest(buffer, first, last)
            buffer = buffer[:first] + buffer[start:end] + buffer[last:]
        if len(buffer) <= LONGEST:
            return buffer, len(buffer)
        self._take(buffer[:LONG], 0, LONG, f"a revision of more than {LONGEST >> 20} MB has no end")
        return b"", 0

    def _take(self, buffer: bytes, start: int, end: int, error: str | None = None) -> None:
        """Read one page's fields; what is not of the usual form is looked for, and said where it is not found."""
        first = buffer.find(REVISION, start, end)
        head = HEAD.match(buffer, start, end)
        title, ns, id_, redirect = head.groups() if head else _loose_head(buffer[start : first if first >= 0 else end])
        place = _latest(buffer, first, end) if first >= 0 else (end, end)
        last = LAST.match(buffer, *place)
        fields = last.groups() if last else _loose(buffer[slice(*place)])
        if error is None and (id_ is None or title is None):
            error = "its title or id cannot be read"
        if error is None and first < 0:
            error = "the page has no revision"
        self._add(title or b"", ns, id_, redirect is not None, fields, error)
        if error is None and (ns == FILE or ns is None or disputing(buffer, *place)):
            text = _text(buffer, *place)
            self.out.text[len(self.out) - 1] = text
            self.held += len(text)

    def _add(
        self,
        title: bytes,
        ns: bytes | None,
        id_: bytes | None,
        redirect: bool,
        fields: tuple[bytes | None, ...],
        error: str | None,
    ) -> None:
        out = self.out
        revision, timestamp, username, ip = fields
        out.row.append(self.row)
        out.title.append(title)
        out.ns.append(ns)
        out.id.append(id_)
        out.redirect.append(redirect)
        out.revision.append(revision)
        out.timestamp.append(timestamp)
        out.creator.append(username if username is not None else ip)
        out.error.append(error)
        self.row += 1

    def _end(self, buffer: bytes, broken: str | None) -> None:
        """Give what a stream left open, or say that it ended too early."""
        if buffer.startswith(PAGE):
            self._take(buffer, 0, len(buffer), broken or "the file ends inside this page: get it again")
        elif broken or (self.expect_end and not self.complete):
            missing = broken or "the file ends without </mediawiki>, pages may be missing: get it again"
            self._add(b"", None, None, False, (None,) * 4, missing)


def _begun(buffer: bytes) -> bytes:
    """Return what of a slice's last bytes may be the beginning of a page, or of the tag that begins one; else nothing."""
    if buffer.startswith(PAGE):
        return buffer
    return next((PAGE[:n] for n in range(len(PAGE) - 1, 0, -1) if buffer.endswith(PAGE[:n])), b"")


def _latest(buffer: bytes, first: int, end: int) -> tuple[int, int]:
    """Return start and end of the revision with the latest timestamp; of equal ones the last."""
    best, where, at = b"", (first, end), first
    while at >= 0:
        following = buffer.find(REVISION, at + len(REVISION), end)
        if at == first and following < 0:
            break
        stop = following if following >= 0 else end
        said = TIMESTAMP.search(buffer, at, min(stop, at + 2_000))
        if said and said[1] >= best:
            best, where = said[1], (at, stop)
        at = following
    return where


def _loose_head(head: bytes) -> tuple[bytes | None, ...]:
    """Return title, namespace, id and redirect of a page whose elements stand in an unusual order."""
    title, ns, id_ = (_first(FIELD[name], head) for name in ("title", "ns", "id"))
    return title, ns, id_, b"" if b"<redirect" in head else None


def _loose(revision: bytes) -> tuple[bytes | None, ...]:
    """Return id, timestamp, username and ip of a revision of unusual order, wherever they stand before its text."""
    head = revision.split(b"<text", 1)[0]
    return tuple(_first(FIELD[name], head) for name in ("id", "timestamp", "username", "ip"))


def _first(pattern: re.Pattern[bytes], text: bytes) -> bytes | None:
    found = pattern.search(text)
    return found[1] if found else None


def _text(buffer: bytes, start: int, end: int) -> bytes:
    """Return the wikitext of a revision, still escaped: its first `<text>`, the main slot's."""
    tag = buffer.find(b"<text", start, end)
    opened = buffer.find(b">", tag, end) if tag >= 0 else -1
    if opened < 0 or buffer[opened - 1 : opened] == b"/":
        return b""
    closed = buffer.find(b"</text>", opened, end)
    return buffer[opened + 1 : closed if closed >= 0 else end]


def text_of(raw: bytes) -> str:
    """Return escaped XML text as it was written; bytes that are not UTF-8 become U+FFFD."""
    text = raw.decode("utf-8", "replace")
    return html.unescape(text) if "&" in text else text


def siteinfo(first: bytes) -> dict[str, Any]:
    """Return what the head of an export says of its wiki; {} where it has no `<siteinfo>`."""
    inside = first[: first.find(PAGE)] if PAGE in first else first
    found = inside.find(b"<siteinfo")
    if found < 0:
        return {}
    names = ("sitename", "dbname", "base", "generator", "case")
    said = {name: text_of(m[1]) for name in names if (m := FIELD[name].search(inside, found))}
    spaces = {key.decode(): text_of(name or b"") for key, name in NAMESPACE.findall(inside)}
    return {**said, "namespaces": spaces}


def redirects(blocks: Blocks) -> dict[str, str]:
    """Return the redirects among a dump's templates: name in lower case -> name it leads to, both without namespace."""
    found: dict[str, str] = {}
    held = b""
    try:
        for block, _ in blocks:
            held += block
            for page in REDIRECTING.finditer(held):
                name, to = (text_of(x).partition(":")[2].replace("_", " ").strip() for x in page.groups())
                if name and to:
                    found[name.lower()] = to
            held = held[-4_096:]
    except BadInput:
        pass  # parse reads the same bytes and says what is wrong with them
    return dict(sorted(found.items()))


def day_of(timestamp: bytes | None) -> str | None:
    """Return the day of a timestamp (ISO); None for what is none."""
    found = DAY.match(timestamp) if timestamp else None
    return found[1].decode() if found else None
