"""Answers of hosts' APIs as files: JSON as received, or one answer or record a line; also compressed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from auditor.errors import BadInput
from auditor.fetch import Get
from auditor.schema import Page
from auditor.sources._coco_look import holds
from auditor.streams import encoding_of, head_of, text_of
from auditor.target import Target


def is_answer(target: Target, marks: tuple[bytes, ...], words: tuple[bytes, ...]) -> bool:
    """Say whether a file is JSON whose beginning has one of the marks, and that holds one of the words anywhere."""
    head = target.head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if target.path is None or head[:1] not in (b"{", b"["):
        return False
    path = target.path
    return any(m in head for m in marks) and any(w in head or holds(path, w) for w in words)


def file_page(source: str, target: Target, get: Get) -> Page:
    """Return the page of a file, or of a URL fetched as a file."""
    if target.path is not None:
        return Page.of_file(source, target.path, target.name)
    answer = get.file(target.name, source)
    assert answer.path is not None
    return Page.of_file(source, Path(answer.path), target.name)


def documents(page: Page) -> Iterator[Any]:
    """Yield the JSON values of a page: one, or one a line; BadInput where it is cut off or no JSON."""
    import msgspec

    body = _body(page)
    try:
        yield msgspec.json.decode(body)
        return
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        lines = [line for line in body.splitlines() if line.strip()]
        if len(lines) < 2 or not lines[0].lstrip().startswith(b"{") or not lines[0].rstrip().endswith(b"}"):
            raise BadInput(f"{page.locator} is not whole JSON ({error}): get the file again.") from None
    for number, line in enumerate(lines, 1):
        try:
            yield msgspec.json.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise BadInput(f"{page.locator}, line {number}, is not whole JSON ({error}).") from None


def _body(page: Page) -> bytes:
    """Return the body of a page as UTF-8, decompressed."""
    if page.body is not None:
        return page.body
    path = Path(str(page.path))
    with text_of(path, encoding_of(head_of(path, 1 << 16))) as stream:
        return stream.read()


def text(value: Any) -> str | None:
    """Return a value as words, or None where it says nothing."""
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) and str(value) else None
