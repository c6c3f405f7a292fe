"""The appendix as a machine-readable debian/copyright: a Files paragraph for each licence and author, each licence's text once.

Source: the copyright-format 1.0 (DEP-5). A pattern names one item: `*`, `?` and the backslash are escaped; white space, which
parts patterns, and what can't be seen become `?`. Paragraphs with such patterns come first, since the last match counts.
"""

import re
from collections.abc import Iterator
from itertools import groupby, islice

from auditor.appendix import Head, asks, words
from auditor.appendix.credits import Credit, Credits
from auditor.appendix.text import paragraphs, safe
from auditor.policy.expression import Tree, parse

FORMAT = "https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/"
MOST = 5000  # items of one paragraph; a longer list goes on in another
NONE = "none named"


def pieces(head: Head, found: Credits) -> Iterator[str]:
    """Yield the document."""
    yield f"Format: {FORMAT}\nUpstream-Name: {safe(head.title)}\nComment:{_lines(words.intro(head, found))}"
    ids: set[str] = set()
    for (license_, who, lacking), group in groupby(found, lambda c: (c.license, _copyright(c), c.missing)):
        ids.update(asks.licenses(license_))
        while some := list(islice(group, MOST)):
            yield _files(license_, who, lacking, some)
    for one in map(asks.license_of, sorted(ids, key=str.lower)):
        text = paragraphs(one.text or words.no_text(one))
        name = f"{one.name}{f', {one.url}' if one.url else ''}. {words.asked(one)}"
        yield f"\nLicense: {_short(one.id)}{_lines(text)}Comment:{_lines(paragraphs(name))}"


def _files(license_: str, who: str, lacking: str, some: list[Credit]) -> str:
    said = [words.missing(lacking)] if lacking else []
    said += [f"licence made use of: {some[0].used}"] if some[0].used != license_ else []
    return (
        f"\nFiles: {chr(10).join(' ' + pattern(c.item_id) for c in some)[1:]}\nCopyright: {who}\n"
        f"License: {_short(license_)}\nComment:{_lines([*said, *(_about(c) for c in some)])}"
    )


def _about(credit: Credit) -> str:
    parts = [
        words.name(credit),
        words.source(credit),
        *([] if not credit.declared else [f"stated as {safe(credit.declared)}"]),
    ]
    return ", ".join(p for p in (safe(credit.item_id), *parts) if p)


def _copyright(credit: Credit) -> str:
    """Return the copyright notice, else the author."""
    if credit.history:
        return f"all contributors, see {safe(credit.history)}"
    return safe(credit.notice) or safe(credit.creator) or NONE


def pattern(item: str) -> str:
    """Return the pattern that matches an item."""
    escaped = re.sub(r"[\\*?]", r"\\\g<0>", item)
    return "".join("?" if c.isspace() or not c.isprintable() else c for c in escaped)


def _lines(lines: list[str]) -> str:
    """Return the lines of a field behind its first; an empty one is a dot."""
    return "\n" + "".join(f" {line if line.strip() else '.'}\n" for line in lines)


def _short(license_: str) -> str:
    """Return an expression in the format's words: `or`, `and`, and a comma before an `and` of alternatives."""
    tree = parse(license_)
    return license_.replace(" WITH ", " with ") if tree is None else _written(tree)


def _written(tree: Tree) -> str:
    if isinstance(tree, str):
        return tree.replace(" WITH ", " with ")
    operator, parts = tree
    mixed = operator == "AND" and any(not isinstance(p, str) for p in parts)
    return f"{',' if mixed else ''} {operator.lower()} ".join(map(_written, parts))
