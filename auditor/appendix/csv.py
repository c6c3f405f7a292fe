"""The appendix as a table, a row a credit; no cell is a formula to a spreadsheet."""

import csv
import io
import re
from collections.abc import Iterator
from itertools import islice

from auditor.appendix import Head, asks, words
from auditor.appendix.credits import Credit, Credits
from auditor.appendix.text import safe
from auditor.report.section import FORMULA

COLUMNS = (
    *(
        "item_id",
        "title",
        "creator",
        "source",
        "history",
        "copyright_notice",
        "license",
        "license_used",
        "license_declared",
    ),
    *("license_name", "license_url", "changes", "attribution_text", "missing"),
)
_FORMULA = re.compile(FORMULA)


def pieces(head: Head, found: Credits) -> Iterator[str]:
    """Yield the table, some thousand rows at a time."""
    yield _rows([COLUMNS])
    credits_ = iter(found)
    while batch := list(islice(credits_, 4096)):
        yield _rows([tuple(map(_cell, _row(head, c))) for c in batch])


def _row(head: Head, credit: Credit) -> tuple[str, ...]:
    known = [asks.license_of(i) for i in asks.licenses(credit.used)]
    return (
        *map(safe, (credit.item_id, credit.title, credit.creator, credit.source, credit.history, credit.notice)),
        *map(safe, (credit.license, credit.used, credit.declared)),
        "; ".join(one.name for one in known),
        " ".join(one.url for one in known if one.url),
        safe(head.changes),
        words.plain(credit),
        credit.missing,
    )


def _cell(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) else text


def _rows(rows: list[tuple[str, ...]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()
