"""Long statements: licence files, notices in headers, the licence part of READMEs.

A licence's text counts as that licence only word for word, as SPDX's matching guidelines have it (`_texts_words`, `_texts_same`);
what stands around it may be titles and notices. A changed text is NOASSERTION, and the note names the nearest licence and the change.
"""

from dataclasses import replace

from auditor import policy
from auditor.licensing import _texts_corpus as corpus
from auditor.licensing import _texts_find, _texts_notices, _texts_outside, spdx_list, tables
from auditor.licensing import _texts_words as reading
from auditor.licensing._texts_find import Found
from auditor.licensing.reading import NOASSERTION, Reading, of, terms, undetermined

SHORTEST = 60  # characters; the shortest licences of the SPDX list are about as long
LONGEST = 1_000_000


def read_text(text: str) -> Reading | None:
    """Read a long statement; None where it holds no licence text, notice or licence section that is known."""
    text = reading.plain(text[:LONGEST])
    if len(text) < SHORTEST:
        return _identifiers(text)
    found, notice = _found(text), None
    if any(f.change for f in found):
        rewritten = _texts_notices.rewrite(
            text
        )  # a notice may look like the short text of another licence that has one
        again = _found(rewritten) if rewritten != text else found
        if not any(f.change for f in again):
            found, notice, text = again, _notice(text) if not again else None, rewritten
    if found:
        return _texts(text, found)
    return notice or _identifiers(text) or _notice(text) or _section(text)


def _found(text: str) -> list[Found]:
    words = reading.words(text)
    whole = corpus.same(words)
    return [Found(corpus.base(whole[0]), 0, len(text), None)] if whole else _texts_find.find(text, words)


def _texts(text: str, found: list[Found]) -> Reading:
    """Read a text that holds licences, whole or changed."""
    ids = _together(sorted({spdx_list.current(f.license) for f in found}))
    near, rest = _pieces(text, found)
    around = _texts_outside.judge(near, rest, ids)
    span = f"{' '.join(text[found[0].start : found[0].end].split())[:80]} …"
    own = frozenset(r for i in ids for r in terms(i)[1]) & policy.FORBIDDING
    changed = [f for f in found if f.change]
    if changed:
        added = _texts_outside.judge([f.added for f in changed], [], ids).restrictions
        note = f"It is a changed copy of {changed[0].license}: {changed[0].change}."
        return undetermined("text:changed", note, own | added | around.restrictions, span, around.ignored)
    if around.against:
        note = f"It holds the text of {', '.join(ids)}, and more: “{around.against}”."
        return undetermined("text:with-more", note, own | around.restrictions, span, around.ignored)
    ids = [_later(i, around.later) for i in ids]
    return of(" AND ".join(ids), "text", span, around.ignored, _silent(ids))


def _later(identifier: str, said: frozenset[str]) -> str:
    """Return the or-later form where a notice around says so."""
    other = identifier.replace("-only", "-or-later")
    return other if other in said else identifier


def _silent(ids: list[str]) -> str | None:
    """Return what the text alone does not say."""
    open_ = [i for i in ids if i.endswith("-only")]
    return f"The text of {open_[0]} alone does not say whether later versions may be chosen." if open_ else None


def _together(ids: list[str]) -> list[str]:
    """Return the licences without those that another's own text holds (`licenses/holds.tsv`)."""
    held = {row["held"] for row in tables.rows("holds.tsv") if row["license"] in ids}
    return [i for i in ids if i not in held]


def _pieces(text: str, found: list[Found]) -> tuple[list[str], list[str]]:
    """Return what lies around: in the licence sections (all, where a file has none), and in other sections."""
    gaps, at = [], 0
    for one in found:
        gaps.append((at, one.start))
        at = one.end
    gaps.append((at, len(text)))
    own = {_bare(n) for one in found for n in reading.notices(corpus.text(one.license) or "")}
    notices = [n for one in found for n in reading.notices(text[one.start : one.end]) if _bare(n) not in own]
    far = _far(text, found)
    near, rest = list(notices), []
    for start, end in gaps:
        for a, b in far:
            if start <= a and b <= end:
                near.append(text[start:a])
                rest.append(text[a:b])
                start = b
        near.append(text[start:end])
    return near, rest


def _far(text: str, found: list[Found]) -> list[tuple[int, int]]:
    """Return the sections of a README that are not about terms, where the licence stands in a section of its own."""
    listed = _texts_outside.sections(text)
    holding = [title for start, end, title in listed if any(start < f.end and f.start < end for f in found)]
    if not listed or not holding or not all(_texts_outside.of_license(title) for title in holding):
        return []
    others = [(number, one) for number, one in enumerate(listed) if one[2] not in holding]
    return [one[:2] for number, one in others if _texts_outside.of_readme(one[2], number == 0)]


def _bare(notice: str) -> str:
    return "".join(c for c in notice.lower() if c.isalnum())


def _identifiers(text: str) -> Reading | None:
    """Read SPDX-License-Identifier lines; what else the text says must not go against them."""
    from auditor.licensing.reader import read

    said, rest = _texts_notices.identifiers(text)
    if not said:
        return None
    expression = said[0] if len(said) == 1 else " AND ".join(f"({e})" for e in said)
    tree = policy.expression.parse(expression)
    if tree is None or not all(_known(a) for a in policy.expression.atoms(tree)):
        return undetermined("spdx-identifier", f"“{expression}” is no SPDX expression of known licences.")
    named = of(policy.expression.write(tree), "spdx-identifier", "; ".join(said))
    beside = read(_texts_notices.rewrite(rest))
    if (
        beside.license in ("NONE", NOASSERTION)
        and not beside.restrictions
        and beside.rule in ("unread", "cc", "nothing")
    ):
        return replace(named, ignored=" ".join(rest.split())[:500] or None)
    if policy.agree(named.license, beside.license):
        return named
    union = {*named.restrictions, *beside.restrictions}
    note = f"Its SPDX line says {named.license}, its words say {beside.license}."
    return undetermined("conflict:spdx-identifier", note, union, f"{said[0]} | {beside.span}")


def _known(atom: str) -> bool:
    return all(p in spdx_list.load() or p.startswith("LicenseRef-") for p in atom.rstrip("+").split(" WITH "))


def _notice(text: str) -> Reading | None:
    """Read a statement that holds a standard notice, the notice replaced by the id that it says."""
    from auditor.licensing.reader import read

    rewritten = _texts_notices.rewrite(text)
    if rewritten == text:
        return None
    got = read(rewritten.strip(" \n.,;*#/"))
    return replace(got, rule=f"notice:{got.rule}") if not got.rule.startswith("notice") else got


def _section(text: str) -> Reading | None:
    """Read the licence section of a README; other sections must not restrict, nor name other licences."""
    from auditor.licensing.reader import read

    listed = _texts_outside.sections(text)
    ours = [(s, e) for s, e, title in listed if _texts_outside.of_license(title)]
    if len(ours) != 1 or len(listed) < 2:
        return None
    start, end = ours[0]
    got = read(text[start:end].lstrip("#= \t"))
    if got.license == NOASSERTION:
        return got if got.restrictions else None
    around = _texts_outside.judge([], [text[:start], text[end:]], [got.license])
    if around.against:
        note = f"Its licence section says {got.license}; elsewhere it says “{around.against}”."
        union = {*got.restrictions, *around.restrictions}
        return undetermined("conflict:section", note, union, got.span)
    return replace(got, rule=f"section:{got.rule}")
