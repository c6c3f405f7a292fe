"""HTML made of elements: whatever is not markup of our own is escaped, so that nothing from the data can become any."""

import re
from collections.abc import Iterable, Sequence
from html import escape

from auditor.report.section import CODE, FORMULA, linked

_FORMULA = re.compile(FORMULA)
JOINER = "\u2060"  # unseen; a cell copied into a spreadsheet that begins with it is text and no formula


class Safe(str):
    """Markup of our own making."""

    __slots__ = ()


def tag(element: str, /, *inside: str, **attributes: str | int | bool | None) -> Safe:
    """Return an element; `class_` is `class`, `aria_label` is `aria-label`; an attribute that is None or False is left out."""
    said = "".join(
        f" {k.rstrip('_').replace('_', '-')}" + ("" if v is True else f'="{escape(str(v))}"')
        for k, v in attributes.items()
        if v is not None and v is not False
    )
    return Safe(f"<{element}{said}>{joined(inside)}</{element}>")


def joined(parts: Iterable[str]) -> Safe:
    """Return the parts one after another, those that are no markup escaped."""
    return Safe("".join(p if isinstance(p, Safe) else escape(p) for p in parts))


def prose(text: str) -> Safe:
    """Return a sentence with its `code` spans, and with links to the web addresses in it."""
    pieces: list[str] = []
    for i, piece in enumerate(linked(text)):
        if i % 2:
            pieces.append(link(piece, piece) if piece else piece)
        else:
            pieces += (tag("code", p[1:-1]) if j % 2 else p for j, p in enumerate(CODE.split(piece)))
    return joined(pieces)


def link(url: str, text: str) -> Safe:
    """Return a link that tells its target nothing of where it was clicked; text where the address is not of the web."""
    if not re.match(r"(?i)https?://[^/]", url):
        return joined([text])
    return tag("a", text, href=url, rel="noopener noreferrer")


def cell(text: str) -> str:
    """Return a cell's text so that a spreadsheet it is pasted into takes it for text."""
    return JOINER + text if _FORMULA.match(text) else text


def table(caption: str, head: tuple[str, ...], rows: Sequence[tuple[str, ...]], number: re.Pattern[str]) -> Safe:
    """Return a table; cells that are numbers stand at the right."""
    right = ["n" if rows and all(number.fullmatch(r[i]) for r in rows) else None for i in range(len(head))]
    heads = tag("tr", *(tag("th", h, scope="col", class_=n) for h, n in zip(head, right, strict=True)))
    body = (
        tag("tr", *(tag("td", prose(cell(c)), class_="n" if number.fullmatch(c) else None) for c in row))
        for row in rows
    )
    whole = tag("table", tag("caption", caption, class_="unseen"), tag("thead", heads), tag("tbody", *body))
    return tag("div", whole, class_="wide", tabindex=0, role="region", aria_label=caption)
