"""The appendix as Markdown; what comes from the data can't become markup."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby

from auditor.appendix import Head, asks, words
from auditor.appendix.credits import Credit, Credits
from auditor.appendix.text import link, paragraphs
from auditor.report.section import counted


def pieces(head: Head, found: Credits) -> Iterator[str]:
    """Yield the document."""
    yield f"# {_shown(words.title(head))}\n\n"
    yield "".join(f"{_shown(line)}\n\n" for line in words.intro(head, found))
    for lacking, group in groupby(found, lambda c: bool(c.missing)):
        if lacking:
            yield f"## Credits that are not complete\n\n{_shown(words.hint(found))}\n\n"
            yield from _incomplete(group, found)
        elif head.by == "item":
            yield "## Items\n\n"
            yield from (f"- {_item(c)}, {words.by(_who(c))}, {_licenses(c.used)}\n" for c in group)
            yield "\n"
        else:
            yield from _by_license(group, found)
    yield from _texts(found)


def _by_license(group: Iterable[Credit], found: Credits) -> Iterator[str]:
    for used, under in groupby(group, lambda c: c.used):
        yield f"## {_licenses(used)}: {counted(found.licenses[used])}\n\n"
        for one in map(asks.license_of, asks.licenses(used)):
            yield f"{_shown(one.name)} ({_shown(one.id)}). {_shown(words.asked(one))}\n\n"
        for _, own in groupby(under, lambda c: c.creator):
            yield from _authors(own)
        yield "\n"


def _authors(own: Iterable[Credit]) -> Iterator[str]:
    """Yield an author and, below, the items; of a wiki's pages each has its own history."""
    said = ""
    for credit in own:
        who = _who(credit)
        if who != said:
            yield f"- {who}\n"
            said = who
        yield f"  - {_item(credit)}\n"


def _incomplete(group: Iterable[Credit], found: Credits) -> Iterator[str]:
    for (used, what), lacking in groupby(group, lambda c: (c.used, c.missing)):
        yield f"### {_licenses(used)}, {_shown(words.missing(what))}: {counted(found.missing[used, what])}\n\n"
        yield from (f"- {_item(c)}, {words.by(_who(c))}\n" for c in lacking)
        yield "\n"


def _texts(found: Credits) -> Iterator[str]:
    if found.ids:
        yield "## Licences\n"
    for one in map(asks.license_of, found.ids):
        yield f"\n### {_shown(one.name)}\n\n{_shown(one.id)}{f', <{one.url}>' if one.url else ''}\n\n"
        if one.text is None:
            yield f"{_shown(words.no_text(one))}\n"
            continue
        fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", one.text) or [""]))
        yield f"{fence}text\n" + "\n".join(paragraphs(one.text)) + f"\n{fence}\n"


def _item(credit: Credit) -> str:
    parts = [_linked(words.name(credit), credit.source), *map(_shown, words.after(credit))]
    return ", ".join(parts if link(credit.source) or not credit.source else [*parts, _shown(words.source(credit))])


def _who(credit: Credit) -> str:
    return _linked(words.author(credit), credit.history)


@lru_cache(maxsize=1024)
def _licenses(used: str) -> str:
    known = map(asks.license_of, asks.licenses(used))
    return " and ".join(_linked(one.id, one.url) for one in known)


def _linked(text: str, url: str | None) -> str:
    address = link(url)
    return f"[{_shown(text)}](<{address}>)" if address else _shown(text)


_ESCAPED = str.maketrans({c: f"\\{c}" for c in r"\`*_{}[]<>#|~@&"})
_BLOCK = re.compile(r"(\d*)([-+=.)])")


def _shown(text: str) -> str:
    """Return text that shows as it is: no markup or entity, no address that becomes a link by itself, no block of its own."""
    escaped = text.translate(_ESCAPED)
    if "://" in escaped or "www." in escaped:
        escaped = escaped.replace("://", "\\://").replace("www.", "www\\.")
    return _BLOCK.sub(r"\1\\\2", escaped, count=1) if _BLOCK.match(escaped) else escaped
