"""What is asked, and the PAGE that its answer makes."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from auditor.schema import Page

# Headers that carry a licence, an opt-out, a type or a date; no other is kept.
KEPT = frozenset(
    {"link", "x-robots-tag", "content-usage", "content-signal", "content-type", "last-modified", "etag", "date"}
)


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: what is asked, by which source, and what its page needs to be parsed."""

    url: str  # without credentials: the door adds them, and neither stores nor logs them
    source: str  # the module of auditor/sources that parses the answer; names endpoint, limits and credential too
    context: Mapping[str, Any] = field(default_factory=dict)  # goes into the page's context
    headers: Mapping[str, str] = field(default_factory=dict)
    most: int = 1 << 20  # bytes of body kept; an answer that is longer is cut, and says so
    first: int | None = None  # only the first N bytes are asked for


def kept(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the headers worth keeping, repeated ones joined with a comma."""
    found: dict[str, str] = {}
    for name, value in headers:
        if name.lower() in KEPT or name.lower().startswith("tdm-"):
            found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def answered(
    ask: Ask, status: int, headers: Iterable[tuple[str, str]], body: bytes, hops: list[list[Any]], cut: bool = False
) -> Page:
    """Return the page of an answer; context gains `headers`, `hops` ([status, URL] of each redirect) and `cut`."""
    said = kept(headers)
    media = next((v for k, v in said.items() if k.lower() == "content-type"), None)
    sums = hashlib.sha256(body).hexdigest()
    context = {**ask.context, "headers": said, "hops": hops} | ({"cut": True} if cut else {})
    return Page(
        *(ask.source, ask.url),
        slice=None if ask.first is None else {"first": ask.first},
        context=context,
        status=status,
        media_type=media,
        sha256=sums,
        stamp=sums,
        body=body,
    )


def failed(ask: Ask, kind: str, why: str, hops: list[list[Any]] | None = None, status: int = 0) -> Page:
    """Return the page of a request that had no final answer: `failure` is a sentence, `failure_kind` a word."""
    context = {**ask.context, "headers": {}, "hops": hops or [], "failure": why, "failure_kind": kind}
    return Page(
        ask.source,
        ask.url,
        slice=None if ask.first is None else {"first": ask.first},
        context=context,
        status=status,
    )
