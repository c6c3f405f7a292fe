"""The appendix as one HTML file that needs nothing else; what comes from the data can't become markup, script or style."""

import base64
import hashlib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from html import escape
from itertools import groupby

from auditor.appendix import Head, asks, words
from auditor.appendix.credits import Credit, Credits
from auditor.appendix.text import link
from auditor.report.section import counted

STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 50rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
h1, h2, h3 { line-height: 1.25; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid; padding-bottom: .25rem; }
li { margin: .2rem 0; }
summary { cursor: pointer; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; }
@media print { body { max-width: none; } a { color: inherit; } }
"""
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'"


def pieces(head: Head, found: Credits) -> Iterator[str]:
    """Yield the document."""
    title = escape(words.title(head))
    yield (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
    )
    yield "".join(f"<p>{escape(line)}</p>\n" for line in words.intro(head, found))
    for lacking, group in groupby(found, lambda c: bool(c.missing)):
        if lacking:
            yield f"<section>\n<h2>Credits that are not complete</h2>\n<p>{escape(words.hint(found))}</p>\n"
            yield from _incomplete(group, found)
            yield "</section>\n"
        elif head.by == "item":
            yield "<section>\n<h2>Items</h2>\n<ul>\n"
            yield from (f"<li>{_item(c)}, {_by(c)}, {_licenses(c.used)}</li>\n" for c in group)
            yield "</ul>\n</section>\n"
        else:
            yield from _by_license(group, found)
    yield from _texts(found)
    yield "</main>\n</body>\n</html>\n"


def _by_license(group: Iterable[Credit], found: Credits) -> Iterator[str]:
    for used, under in groupby(group, lambda c: c.used):
        yield f"<section>\n<h2>{_licenses(used)}: {counted(found.licenses[used])}</h2>\n"
        for one in map(asks.license_of, asks.licenses(used)):
            yield f"<p>{escape(one.name)} ({escape(one.id)}). {escape(words.asked(one))}</p>\n"
        yield "<ul>\n"
        for who, own in groupby(under, _who):
            yield f"<li>{who}\n<ul>\n"
            yield from (f"<li>{_item(c)}</li>\n" for c in own)
            yield "</ul>\n</li>\n"
        yield "</ul>\n</section>\n"


def _incomplete(group: Iterable[Credit], found: Credits) -> Iterator[str]:
    for (used, what), lacking in groupby(group, lambda c: (c.used, c.missing)):
        count = counted(found.missing[used, what])
        yield f"<h3>{_licenses(used)}, {escape(words.missing(what))}: {count}</h3>\n<ul>\n"
        yield from (f"<li>{_item(c)}, {_by(c)}</li>\n" for c in lacking)
        yield "</ul>\n"


def _texts(found: Credits) -> Iterator[str]:
    if not found.ids:
        return
    yield "<section>\n<h2>Licences</h2>\n"
    for one in map(asks.license_of, found.ids):
        yield f"<h3>{escape(one.name)}</h3>\n<p>{_linked(one.id, one.url)}</p>\n"
        if one.text is None:
            yield f"<p>{escape(words.no_text(one))}</p>\n"
        else:
            yield f"<details>\n<summary>Text of {escape(one.id)}</summary>\n<pre>{escape(one.text)}</pre>\n</details>\n"
    yield "</section>\n"


def _item(credit: Credit) -> str:
    shown = (f"<bdi>{escape(x)}</bdi>" for x in words.after(credit))
    parts = [_linked(words.name(credit), credit.source), *shown]
    if credit.source and not link(credit.source):
        parts.append(f"<bdi>{escape(words.source(credit))}</bdi>")
    return ", ".join(parts)


def _who(credit: Credit) -> str:
    return _linked(words.author(credit), credit.history)


def _by(credit: Credit) -> str:
    return words.NO_AUTHOR if words.author(credit) == words.NO_AUTHOR else f"by {_who(credit)}"


@lru_cache(maxsize=1024)
def _licenses(used: str) -> str:
    return " and ".join(_linked(one.id, one.url) for one in map(asks.license_of, asks.licenses(used)))


def _linked(text: str, url: str | None) -> str:
    address = link(url)
    shown = f"<bdi>{escape(text)}</bdi>"
    return f'<a href="{escape(address)}" rel="noopener noreferrer">{shown}</a>' if address else shown
