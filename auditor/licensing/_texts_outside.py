"""What stands around a licence's text: titles and notices are fine, words that bind or restrict are not."""

import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from auditor import policy
from auditor.licensing import _texts_notices, marks, scan, tables
from auditor.licensing.fold import MAX, fold, normal

WORDS = 40  # that may stand around a licence without a heading: titles and notices
_NOTICE = re.compile(
    r"^[^\w\n©(]{0,12}(?:portions? )?(?:copyright|\(c\)|©|all rights reserved|spdx-license-identifier|by\b).{0,300}$"
    r"|<?https?://\S+",
    re.IGNORECASE | re.MULTILINE,
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_FURTHER = "(?:other|additional|further|separate|special|different) (?:terms|conditions|licen[cs]es?|agreements?)"
_BINDING = re.compile(
    r"\b(?:shall|must|may|cannot|can not|not|no|only|except|unless|prohibited|agree|require[ds]?|restrict\w*|permi\w+|limit\w*|purposes?"
    rf"|{_FURTHER})\b",
    re.IGNORECASE,
)
_STRONG = re.compile(
    r"\b(?:not|only|may|must|shall|except|unless|without|never|cannot|prohibited|forbidden|permission"
    rf"|{_FURTHER})\b",
    re.IGNORECASE,
)
_HEADING = re.compile(
    r"^[ \t]*(?:#{1,6}[ \t]*|=+[ \t]*)(?P<a>[^\W_][^\n]{0,80})$|^(?P<b>[^\W\d_][^\n]{0,80})\n[=\-~^*]{3,}[ \t]*$",
    re.MULTILINE,
)
_TERMS = re.compile(
    r"\b(?:terms?|conditions?|restrict\w*|legal|access|rights?|polic\w+|agreement|permi\w+|use)\b", re.IGNORECASE
)
_README = re.compile(
    r"\b(?:install\w*|usage|getting started|quick ?start|examples?|requirements?|dependenc\w+|contribut\w+|authors?|contacts?|acknowledge?ments?"
    r"|citations?|citing|references?|about|overview|introduction|description|summary|features|documentation|structure|contents?|background"
    r"|credits|setup|running|development|tests?|testing|build\w*|change ?log|history|news|faq|roadmap|benchmarks?|results?|statistics)\b",
    re.IGNORECASE,
)
_LICENSE = re.compile(r"\b(?:licen[sc]\w*|copying|copyright|lizenz\w*|licenci\w*|licenza)\b", re.IGNORECASE)


class Around(NamedTuple):
    """What the words around licence texts say."""

    against: str | None  # words that restrict, bind or name another licence
    restrictions: frozenset[str]
    later: frozenset[str]  # or-later forms that a notice around says
    ignored: str | None


@cache
def frame() -> re.Pattern[str]:
    """Return what publishers print around their licences (`licenses/around.tsv`)."""
    return re.compile("|".join(row["pattern"] for row in tables.rows("around.tsv")), re.IGNORECASE)


def sections(text: str) -> list[tuple[int, int, str]]:
    """Return the sections of a Markdown or reStructuredText file: start, end, heading."""
    heads = [(m.start(), m.end(), m["a"] or m["b"]) for m in _HEADING.finditer(text)]
    ends = [*(start for start, _, _ in heads[1:]), len(text)]
    return [(start, end, title) for (_, start, title), end in zip(heads, ends, strict=False)]


def of_readme(title: str, first: bool) -> bool:
    """Return whether a heading is one under which a README does not speak of terms; the first is its title."""
    return not _LICENSE.search(title) and not _TERMS.search(title) and (first or bool(_README.search(title)))


def of_license(title: str) -> bool:
    """Return whether a heading is that of a licence section."""
    return bool(_LICENSE.search(title))


def judge(pieces: Iterable[str], rest: Iterable[str], ids: Iterable[str]) -> Around:
    """Judge the words near licences (`pieces`) strictly, and those of other sections (`rest`) by what restricts."""
    near = "\n".join(pieces)
    bare = _NOTICE.sub("", _texts_notices.rewrite(near))
    said = restricting("\n".join(_NOTICE.findall(near)))
    found = scan.scan("\n".join([bare, *rest])[:MAX])
    others = [m for m in found.mentions if _counts(m) and not _agrees(m.license or "", ids)]
    later = frozenset(m.license for m in found.mentions if m.license and m.license.endswith("-or-later"))
    said += [m for m in marks.find(_masked(found), named=True) if m.kind in _AGAINST]
    restrictions = {r for m in said for r in marks.meanings().get(m.kind, ("", frozenset()))[1]}
    restrictions |= {r for m in others for r in policy.restrictions(m.license or "")} & policy.FORBIDDING
    against = said[0].words if said else found.span(others[0].start, others[0].end) if others else _more(bare)
    return Around(against, frozenset(restrictions), later, " ".join(near.split())[:500] or None)


def restricting(text: str) -> list[marks.Mark]:
    """Return the marks of copyright notices that restrict, or a word that none has; rights reserved are in many."""
    found = marks.find(fold(normal(text[:MAX])), named=True)
    bound = _STRONG.search(text)
    said = [m for m in found if m.kind in marks.RESTRICTING and m.kind != "reserved"]
    return said or ([marks.Mark("unclear", bound[0], 0)] if bound else [])


def _more(bare: str) -> str | None:
    """Return words that bind, or that are too many for titles and names."""
    bound = _BINDING.search(bare)
    if bound:
        return " ".join(bare[max(0, bound.start() - 60) : bound.end() + 60].split())
    return " ".join(bare.split())[:120] if len(_WORD.findall(bare)) > WORDS else None


def _counts(mention: scan.Mention) -> bool:
    """Return whether a mention is surely a licence, not the name of a holder."""
    return mention.license not in (None, "NOASSERTION") and not mention.weak and mention.rule != "name:word"


_AGAINST = frozenset(marks.RESTRICTING) - {"reserved"} | {"unclear", "negated", "ask"}


def _agrees(license_: str, ids: Iterable[str]) -> bool:
    return any(policy.agree(i, license_) or policy.agree(i.replace("-only", "-or-later"), license_) for i in ids)


def _masked(found: scan.Scan) -> str:
    """Return the folded text with the licences named replaced by one sign."""
    pieces, at = [], 0
    for m in found.mentions:
        pieces += [found.folded_at(at, found.tokens.start(m.start)), marks.LICENSE]
        at = found.tokens.end(m.end - 1)
    return " ".join("".join([*pieces, fold(found.text[at:])]).split())
