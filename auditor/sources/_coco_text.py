"""From a page to what its file lists: the mapped file itself where it is plain UTF-8, else its text made so.

What strict JSON refuses is mended and read again: NaN, bytes that are no UTF-8, half a surrogate pair.
"""

import mmap
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from auditor.errors import BadInput
from auditor.schema import Page
from auditor.sources._coco_quick import quick
from auditor.sources._coco_read import Listing, decode
from auditor.streams import encoding_of, head_of, packed, text_of

LOOSE = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|-?\b(?:NaN|Infinity)\b')
SURROGATE = re.compile(rb"(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][89a-fA-F][0-9a-fA-F]{2}")


def load(page: Page) -> Listing:
    """Return what the file of a page lists; BadInput where it is no whole JSON or lists no images."""
    try:
        with _text(page) as text:
            return quick(text) or decode(text, page.locator)
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    try:
        return decode(_mended(page), page.locator)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        if "truncated" in str(error):
            raise BadInput(f"{page.locator} ends in the middle of its JSON: get the file again.") from None
        raise BadInput(f"{page.locator} is no valid JSON ({error}): get the file again, or mend it.") from None


def plain_text(page: Page) -> bytes:
    """Return a file's text as strict JSON in UTF-8."""
    with _text(page) as text:
        plain = bytes(text)
    try:
        msgspec.json.decode(plain, type=msgspec.Raw)
        plain.decode()
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _mended(page)
    return plain


@contextmanager
def _text(page: Page) -> Iterator[Any]:
    """Give the text as a buffer in UTF-8: the mapped file itself where it is plain."""
    if page.body is not None:
        yield page.body
        return
    assert page.path is not None
    path = Path(page.path)
    head = head_of(path, 1 << 16)
    if not head.strip():
        raise BadInput(f"{page.locator} is empty: there is nothing to audit in it.")
    plain = packed(path) is None and encoding_of(head) == "utf-8" and not head.startswith(b"\xef\xbb\xbf")
    if not plain:
        with text_of(path, encoding_of(head)) as stream:
            yield stream.read()
        return
    with path.open("rb") as stream:
        yield mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)


def _mended(page: Page) -> bytes:
    """Return the text with what strict JSON has no place for made null or U+FFFD: NaN, broken characters."""
    if page.body is not None:
        text = page.body.decode("utf-8", "replace").encode()
    else:
        path = Path(str(page.path))
        with text_of(path, encoding_of(head_of(path, 1 << 16))) as stream:
            text = stream.read()
    text = SURROGATE.sub(lambda m: m[1] or rb"\ufffd", text)
    if b"NaN" in text or b"Infinity" in text:
        text = LOOSE.sub(lambda m: m[0] if m[0][:1] == b'"' else b"null", text)
    return text
