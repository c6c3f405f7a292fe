"""Whole licence texts: licence files, and records that hold a text where a name is meant.

The matching is `licenseclassifier`'s, which follows SPDX's matching guidelines: inside what it matches only what the
licence's template leaves open may differ. What lies outside is looked at here: nothing but notices and titles may, else the
text is not that licence as it stands.
"""

import re
from functools import cache

from auditor import policy
from auditor.licensing import marks, spdx_list, tables
from auditor.licensing.fold import fold, normal
from auditor.licensing.reading import Reading, of, terms, undetermined

SHORTEST = 60  # characters; the shortest licences of the SPDX list are about as long
LONGEST = 1_000_000
OUTSIDE = 40  # words that may stand around a licence: titles and notices
_NOTICE = re.compile(
    r"^\W*(?:portions? )?(?:copyright|\(c\)|©|all rights reserved|spdx-license-identifier|by\b).*$"
    r"|^.{0,12}(?:copyright|\(c\)|©)\s.*$|<?https?://\S+|^\W*$",
    re.IGNORECASE | re.MULTILINE,
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_BINDING = re.compile(
    r"\b(?:shall|must|may not|may only|cannot|can not|do not|not|prohibited|agree|required)\b", re.IGNORECASE
)


def read_text(text: str) -> Reading | None:
    """Read a whole licence text; None where it is not one that is known, word for word."""
    if not SHORTEST <= len(text) <= LONGEST:
        return None
    from licenseclassifier import identify_license

    found = [(m.start, m.end, _current(m.id)) for m in identify_license(text)]
    if not found:
        return None
    rest = _outside(text, [(start, end) for start, end, _ in found])
    ids = _together(sorted({i for _, _, i in found}))
    span = f"{' '.join(text[found[0][0] : found[0][1]].split())[:80]} …"
    said = [
        m for m in marks.find(fold(normal(rest)), named=False) if m.kind in marks.RESTRICTING and m.kind != "reserved"
    ]
    own = {r for i in ids for r in terms(i)[1]}
    said = [m for m in said if marks.meanings()[m.kind][1] - own]
    if said or _BINDING.search(rest) or len(_WORD.findall(rest)) > OUTSIDE:
        union = own.union(*(marks.meanings()[m.kind][1] for m in said))
        words = said[0].words if said else " ".join(rest.split())[:80]
        note = f"It holds the text of {', '.join(ids)}, and more: “{words}”."
        return undetermined("text:with-more", note, union & policy.FORBIDDING, span)
    return of(" AND ".join(ids), "text", span, " ".join(rest.split())[:500] or None)


def _together(ids: list[str]) -> list[str]:
    """Return the licences without those that another's own text holds (`licenses/holds.tsv`)."""
    held = {row["held"] for row in tables.rows("holds.tsv") if row["license"] in ids}
    return [i for i in ids if i not in held]


def _current(identifier: str) -> str:
    return spdx_list.current(spdx_list.folded().get(identifier.lower(), identifier))


@cache
def _around() -> re.Pattern[str]:
    """Return what publishers print around their licences."""
    return re.compile("|".join(row["pattern"] for row in tables.rows("around.tsv")), re.IGNORECASE)


def _outside(text: str, regions: list[tuple[int, int]]) -> str:
    """Return what lies outside the regions, notices, links and what the publisher prints around left out."""
    pieces, at = [], 0
    for start, end in sorted(regions):
        pieces.append(text[at:start])
        at = max(at, end)
    pieces.append(text[at:])
    return "\n".join(_around().sub("", _NOTICE.sub("", piece)) for piece in pieces)
