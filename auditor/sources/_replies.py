"""What the sources that items are followed to have in common: keys, batches, and answers that say nothing of a licence.

An error of theirs begins with one of `gone`, `private`, `placeholder`, `not reached`: the first three are final.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from html import unescape
from typing import Any

from auditor.schema import Page

GONE = (404, 410)
Row = dict[str, Any]


def batches(values: Iterable[str], size: int, longest: int = 6000) -> Iterator[list[str]]:
    """Yield values in lists of at most `size`, whose percent-encoded length (three bytes a byte at worst) stays in a URL."""
    held: list[str] = []
    length = 0
    for value in values:
        cost = sum(1 if c.isascii() and (c.isalnum() or c in "-._~") else 3 * len(c.encode()) for c in value) + 3
        if held and (len(held) >= size or length + cost > longest):
            yield held
            held, length = [], 0
        held.append(value)
        length += cost
    if held:
        yield held


def why(page: Page) -> str | None:
    """Say in one sentence why an answer holds nothing to read; None where it may."""
    failure = page.context.get("failure")
    if failure:
        return f"not reached: {failure}"
    if page.status in GONE:
        return f"gone: {page.locator} answers {page.status}."
    if page.status == 451:
        return f"gone: {page.locator} answers 451, unavailable for legal reasons."
    if not 200 <= page.status < 300:
        return f"not reached: {page.locator} answers {page.status}."
    return None


def keys(page: Page) -> list[str]:
    """Return the canonical origins that a page answers."""
    return [str(k) for k in page.context.get("keys", [])]


def errors(page: Page, reason: str) -> list[Row]:
    """Return one claim for each key of a page, without a licence, with the reason."""
    return [{"item_id": key, "row": row, "authority": "host", "error": reason} for row, key in enumerate(keys(page))]


def decoded(page: Page) -> Any:
    """Return a JSON answer, or None where it is none."""
    try:
        return json.loads(page.read())
    except (ValueError, RecursionError):
        return None


def not_json(page: Page) -> str:
    """Say that an answer is not what its host documents."""
    return f"not reached: {page.locator} answers with something that is not the JSON it documents."


def text(value: object) -> str | None:
    """Return a value of an answer as one line of text; None for what is empty or no text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return " ".join(str(value).split()) or None


def plain(value: object) -> str | None:
    """Return HTML of an answer as one line of plain text."""
    said = text(value)
    return None if said is None else text(unescape(re.sub(r"<[^<>]*>", " ", said)))


def day(seconds: object) -> str | None:
    """Return Unix seconds as an ISO time in UTC; None for what is not."""
    try:
        return datetime.fromtimestamp(int(str(seconds)), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return None


def named(mapping: object, *path: str) -> Any:
    """Return what stands at a path of nested JSON objects, or None."""
    for name in path:
        mapping = mapping.get(name) if isinstance(mapping, dict) else None
    return mapping


def first(values: Sequence[object]) -> str | None:
    """Return the first of some values that is text."""
    return next((t for t in map(text, values) if t), None)
