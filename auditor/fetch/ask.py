"""What is asked, and the PAGE that its answer makes."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from auditor.schema import Page

# Headers that carry a licence, an opt-out, a type, a date or which part came; no other is kept.
KEPT = frozenset(
    {
        *("link", "x-robots-tag", "content-usage", "content-signal"),
        *("content-type", "content-range", "last-modified", "etag", "date"),
    }
)
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
LONGEST = 8192  # characters of a header that are kept


class Ask(msgspec.Struct, frozen=True, gc=False):  # gc: ten thousand wait at a time, and none leads back to itself
    """One request: what is asked, by which source, and what its page needs to be parsed."""

    url: str  # without credentials: the door adds them, and neither stores nor logs them
    source: str  # the module of auditor/sources that parses the answer; names endpoint, limits and credential too
    context: Mapping[str, Any] = msgspec.field(default_factory=dict)  # goes into the page's context
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)
    most: int = 1 << 20  # bytes of body, unpacked; of a longer answer the beginning is kept, and it counts as a failure
    first: int | None = None  # only the first N bytes are asked for
    start: int = 0  # they begin behind so many others
    last: int | None = None  # only the last N bytes are asked for: of a media file of `context["kind"]`

    @property
    def part(self) -> int | None:
        """How many bytes are asked for, where that is not all."""
        return self.first if self.last is None else self.last


def request_key(ask: Ask) -> str:
    """Return the key (16 hexadecimal digits) that a request has in the journal: what is asked, not why."""
    part = ask.first if ask.last is None else -ask.last
    more = (ask.start,) if ask.start else ()
    said = ascii((ask.source, ask.url, part, sorted(ask.headers.items()) if ask.headers else None, *more))
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def kept(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the headers worth keeping, repeated ones joined with a comma."""
    found: dict[str, str] = {}
    for name, value in headers:
        if name.lower() in KEPT or name.lower().startswith("tdm-"):
            found[name] = f"{found[name]}, {value}"[:LONGEST] if name in found else value[:LONGEST]
    return found


def answered(ask: Ask, status: int, headers: Iterable[tuple[str, str]], body: bytes, hops: list[list[Any]]) -> Page:
    """Return the page of an answer; context gains `headers` and `hops` ([status, URL] of each redirect).

    Of a media file its metadata segments are the body; `received` has the hash and number of the bytes that came.
    """
    from auditor.sources._media_parts import segments, tail

    said: dict[str, Any] = {"headers": kept(headers)}
    short = body
    if ask.last is not None and status == 206:
        short = tail(ask.context["kind"], body)
    elif 200 <= status < 300 and not ask.start:
        short = segments(body)
    if short != body:
        said["received"] = {"bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}
        body = short
    media = next((v for k, v in said["headers"].items() if k.lower() == "content-type"), None)
    sums = hashlib.sha256(body).hexdigest()
    return _page(ask, hops, said, status=status, media_type=media, sha256=sums, stamp=sums, body=body)


def failed(ask: Ask, kind: str, why: str, hops: list[list[Any]] | None = None) -> Page:
    """Return the page of a request that had no final answer: `failure` is a sentence, `failure_kind` a word."""
    return _page(ask, hops or [], {"headers": {}, "failure": why, "failure_kind": kind}, status=0)


def _page(ask: Ask, hops: list[list[Any]], context: dict[str, Any], **more: Any) -> Page:
    part = None if ask.part is None else {"first": ask.first} if ask.last is None else {"last": ask.last}
    part = part and part | ({"start": ask.start} if ask.start else {})
    return Page(ask.source, shown(ask.url), slice=part, context={**ask.context, **context, "hops": hops}, **more)


def shown(url: str) -> str:
    """Return an address as it can be written down: what is no text or would break a line as `\\xNN` or `\\uNNNN`."""
    if url.isascii() and url.isprintable():
        return url
    text = url.encode("utf-8", "backslashreplace").decode()
    return CONTROL.sub(lambda m: f"\\x{ord(m[0]):02x}", text)
