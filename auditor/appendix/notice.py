"""The appendix as plain text, in the manner of Apache's NOTICE files."""

from collections.abc import Iterator
from itertools import groupby

from auditor.appendix import Head, asks, words
from auditor.appendix.credits import Credits
from auditor.appendix.text import WIDTH, paragraphs, safe
from auditor.report.section import counted

RULE = "=" * WIDTH


def pieces(head: Head, found: Credits) -> Iterator[str]:
    """Yield the document; a line a credit, so that it can be searched."""
    yield f"NOTICE\n\n{words.title(head)}\n\n"
    yield "".join("\n".join(paragraphs(line)) + "\n\n" for line in words.intro(head, found))
    by_item = head.by == "item"
    for (lacking, used, what), group in groupby(
        found, lambda c: (bool(c.missing), "" if by_item and not c.missing else c.used, c.missing)
    ):
        count = found.missing[used, what] if lacking else found.licenses.get(used, found.complete)
        label = f"{used}, " if used else ""
        yield f"{RULE}\n{label}{words.missing(what) + ', ' if lacking else ''}{counted(count)}\n{RULE}\n\n"
        for one in map(asks.license_of, asks.licenses(used) if used else ()):
            yield "\n".join(paragraphs(f"{one.name}. {words.asked(one)}")) + "\n\n"
        for credit in group:
            yield f"{safe(credit.item_id)}: {words.plain(credit)}\n" if credit.title else f"{words.plain(credit)}\n"
        yield "\n"
    for one in map(asks.license_of, found.ids):
        yield f"{RULE}\n{one.name}\n{one.id}{f', {one.url}' if one.url else ''}\n{RULE}\n\n"
        yield "\n".join(paragraphs(one.text or words.no_text(one))) + "\n\n"
