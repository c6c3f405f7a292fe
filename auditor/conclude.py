"""The claims of one item, and the dataset's, to one conclusion: the rules of judgement, each one function.

Pure: no files, no network, no clock; the order of claims never matters. `Said` is one statement and its
reading; `Dataset` is the small side input that all items of a dataset share.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from auditor import policy
from auditor.licensing import Reading
from auditor.policy import FORBIDDING
from auditor.schema import AUTHORITIES

NOASSERTION, NONE = "NOASSERTION", "NONE"
VERDICTS = ("free", "undetermined", "non-free")  # from the freest
OF_OTHERS = {
    "third-party": "its items are third parties' works, so what it says itself does not show them to be free",
    "mixed": "its items are partly third parties' works, so what it says itself does not show all of them to be free",
    "unknown": "it is not known whether its items are its own, so what it says does not show them to be free",
}
APART = ("annotations", "software", "access")  # told of a dataset, and no part of what its items may be used for
WHOLE = (None, "media", "text", "code", "data")  # scopes that are the item itself; the others are apart from it
PART = "part"  # scope of something inside an item that is licensed by itself: a photo in an observation's record


@dataclass(frozen=True, slots=True)
class Said:
    """One statement, who says it, of what, and how it was read."""

    reading: Reading
    text: str | None
    url: str | None
    authority: str
    scope: str | None = None

    @property
    def words(self) -> str:
        """The statement as it stands, for people."""
        return " ".join(w for w in (self.text, self.url) if w) or "nothing"


@dataclass(frozen=True, slots=True)
class Dataset:
    """What is known of the dataset as a whole; its items inherit it only where rule 5 allows."""

    items_from: str = "unknown"  # own | third-party | mixed | unknown
    said: tuple[Said, ...] = ()
    access: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The concluded part of a FINDING."""

    license_declared: str
    license_concluded: str
    license_comments: str
    category: str
    access_category: str | None
    verdict: str
    reason: str
    conflict: str | None
    statement: str | None
    statement_url: str | None
    authority: str | None


def conclude(claims: Sequence[Said], dataset: Dataset, under: str = "dfsg", error: str | None = None) -> Conclusion:
    """Return the conclusion of one item from all its claims, under a named policy.

    Rule 6: a curation, else the item's own, else inherited where rule 5 allows.
    """
    access = access_category(dataset.access)
    if error:
        return _undetermined(error, access, "item-error")
    own = _ranked(c for c in claims if c.scope in WHOLE and c.reading.license != NONE)
    found = _own(own, access, under) if own else _inherited(dataset, access, under)
    parts = [c for c in dict.fromkeys(claims) if c.scope == PART]
    return _with_parts(found, [c for rank in own for c in rank] or list(dataset.said), parts, under) if parts else found


def _with_parts(found: Conclusion, whole: Sequence[Said], parts: Sequence[Said], under: str) -> Conclusion:
    """What an item holds binds with it (AND): a part that is licensed apart never makes the verdict freer."""
    license_ = found.license_concluded
    unlike = [
        c for c in parts if c.reading.license in (NOASSERTION, NONE) or not policy.agree(license_, c.reading.license)
    ]
    verdicts = {c: policy.verdict(c.reading.license, under).verdict for c in parts}
    worst = max(parts, key=lambda c: (VERDICTS.index(verdicts[c]), c.reading.license, c.words))
    worse = VERDICTS.index(verdicts[worst]) > VERDICTS.index(found.verdict)
    if not unlike and not worse:
        return found
    names = dict.fromkeys([license_, *sorted(c.reading.license for c in unlike)])
    joined = " AND ".join(f"({n})" if " OR " in n else n for n in names)
    union = frozenset(r for c in (*whole, *parts) for r in c.reading.restrictions)
    known = found.category != "unknown" and all(c.reading.category != "unknown" for c in parts)
    said = f"inside its record it is also said: {worst.words[:200]} ({worst.reading.license})"
    deciding = worst if worse else found
    return replace(
        found,
        statement=worst.text if worse else found.statement,
        statement_url=worst.url if worse else found.statement_url,
        authority=deciding.authority,
        license_concluded=NOASSERTION if names.keys() & {NOASSERTION, NONE} else joined,
        license_comments=f"{found.license_comments}; its parts bind with it: "
        + "; ".join(f"{c.words[:200]!r} read by {c.reading.rule}" for c in sorted(parts, key=lambda c: c.words)[:5]),
        category=policy.category_of(union, known=known or bool(union & FORBIDDING)),
        verdict=verdicts[worst] if worse else found.verdict,
        reason=said if worse else f"{found.reason} ({said})",
    )


def access_category(access: Sequence[Said]) -> str | None:
    """Rule 6: terms of the route stay apart from the item's licence; None where there are none."""
    if not access:
        return None
    union = frozenset(r for a in access for r in a.reading.restrictions)
    return policy.category_of(union, known=bool(union) or all(a.reading.license != NOASSERTION for a in access))


def _ranked(claims: Iterable[Said]) -> list[list[Said]]:
    """Rule 5: claims by the rank of who says them, the highest first; equal statements once, in a fixed order."""
    by_rank: dict[str, list[Said]] = {}
    for claim in dict.fromkeys(claims):
        by_rank.setdefault(claim.authority, []).append(claim)
    order = [a for a in AUTHORITIES if a in by_rank]
    return [sorted(by_rank[a], key=lambda c: (c.reading.license, c.words)) for a in order]


def _own(ranks: list[list[Said]], access: str | None, under: str) -> Conclusion:
    top, lower = ranks[0], [c for rank in ranks[1:] for c in rank]
    decided = together(top, under)
    if decided is None:
        unread_ones = [c for c in top if c.reading.license == NOASSERTION]
        every = [*top, *(c for c in lower if c.reading.restrictions)]
        return (
            _blocked(unread_ones, every, access, under) if unread_ones else _conflict(every, access, _kind(top), under)
        )
    freer = [c for c in lower if _freer(decided, c)]
    if freer and decided.authority != "curation":
        return _conflict([decided, *freer], access, _kind([decided, *freer]), under)
    license_, reading = decided.reading.license, decided.reading
    comments = f"read by {reading.rule}; {_rule(decided)}" + (f". {reading.note}" if reading.note else "")
    others = [c for c in lower if c.reading.license != NOASSERTION and not policy.agree(license_, c.reading.license)]
    verdict = policy.verdict(license_, under)
    return Conclusion(
        license_declared=license_,
        license_concluded=license_,
        license_comments=comments,
        category=reading.category,
        access_category=access,
        verdict=verdict.verdict,
        reason=verdict.reason if license_ != NOASSERTION else unread(decided),
        conflict=_said_apart([decided, *others]) if others else _inner_conflict(reading),
        statement=decided.text,
        statement_url=decided.url,
        authority=decided.authority,
    )


def together(claims: Sequence[Said], under: str) -> Said | None:
    """Rule 4 within one rank: None where two do not agree; else the one with the worst verdict, of those the most specific.

    An unread statement stays in the way of the others: a claim of equal rank never makes a verdict freer (rule 7).
    """
    if len(claims) == 1:
        return claims[0]
    names = [c.reading.license for c in claims]
    if NOASSERTION in names or not all(policy.agree(a, b) for a in names for b in names):
        return None
    worst = max(VERDICTS.index(policy.verdict(n, under).verdict) for n in names)
    last = [c for c in claims if VERDICTS.index(policy.verdict(c.reading.license, under).verdict) == worst]
    return next(
        c
        for c in last
        if not any(
            policy.refines(o.reading.license, c.reading.license) for o in last if o.reading.license != c.reading.license
        )
    )


def _freer(higher: Said, lower: Said) -> bool:
    """Rule 7: does the higher-ranked claim drop a restriction that a lower-ranked one states?"""
    if lower.reading.license == NOASSERTION and not lower.reading.restrictions:
        return False
    if higher.reading.license == NOASSERTION:
        return False
    return bool(_binding(lower.reading) - _binding(higher.reading))


def _binding(reading: Reading) -> frozenset[str]:
    return frozenset(reading.restrictions) & (FORBIDDING | {"share-alike"})


def _inherited(dataset: Dataset, access: str | None, under: str) -> Conclusion:
    """Rule 5: the dataset's licence covers its items only where the items are its own."""
    of_items = [s for s in dataset.said if s.scope in WHOLE and s.reading.license != NONE]
    if not of_items:
        return _nothing(
            access, "nothing is said of this item's licence, and nothing of its dataset's items", "none-said"
        )
    if dataset.items_from != "own":
        why = OF_OTHERS.get(dataset.items_from, OF_OTHERS["unknown"])
        return _nothing(
            access, f"nothing is said of this item's licence; the dataset's is not inherited: {why}", "rule-5"
        )
    contents = [s for s in of_items if policy.covers(s.reading.license) != "database"]
    if not contents:
        return _nothing(access, "the dataset's licence covers the database, not its contents", "rule-5-database")
    found = _own(_ranked(contents), access, under)
    return replace(
        found, license_declared=NONE, license_comments=f"inherited from the dataset (rule 5); {found.license_comments}"
    )


def conclude_dataset(dataset: Dataset, under: str = "dfsg") -> Conclusion:
    """Return the conclusion of a dataset as a whole: each scope apart, then all of them bind (AND).

    What is said of contents that are not, or not only, the publisher's own never shows them to be free (rule 5).
    """
    access = access_category(dataset.access)
    scopes = {s.scope: None for s in dataset.said if s.scope not in APART and s.reading.license != NONE}
    if not scopes:
        return _nothing(access, "nothing is said of the licence of its items or of their compilation", "none-said")
    ordered = sorted(scopes, key=lambda s: (s not in WHOLE, s or ""))
    found = [
        _own(_ranked(s for s in dataset.said if s.scope == scope and s.reading.license != NONE), access, under)
        for scope in ordered
    ]
    if len(found) == 1 and dataset.items_from == "own":
        return found[0]
    said = "; ".join(f"{scope or 'the whole'}: {c.license_concluded}" for scope, c in zip(ordered, found, strict=True))
    names = list(dict.fromkeys(c.license_concluded for c in found))
    whole = NOASSERTION if NOASSERTION in names else " AND ".join(f"({n})" if " OR " in n else n for n in names)
    verdict = max((c.verdict for c in found), key=VERDICTS.index)
    reason = next(c.reason for c in found if c.verdict == verdict)
    contents = [s for s in ordered if s in WHOLE]
    if verdict == "free" and (not contents or dataset.items_from != "own"):
        verdict = "undetermined"
        reason = (
            OF_OTHERS.get(dataset.items_from, OF_OTHERS["unknown"])
            if contents
            else "nothing is said of the licence of its items"
        )
    union = frozenset(r for c in dataset.said if c.scope in scopes for r in c.reading.restrictions)
    known = all(c.category != "unknown" for c in found) and bool(contents)
    return replace(
        found[0],
        license_declared=whole,
        license_concluded=whole,
        license_comments=f"each scope apart ({said}); " + "; ".join(dict.fromkeys(c.license_comments for c in found)),
        category=policy.category_of(union, known=known or bool(union & FORBIDDING)),
        verdict=verdict,
        reason=reason if ordered == [None] else f"{reason} ({said})",
        conflict=next((c.conflict for c in found if c.conflict), None),
    )


def _nothing(access: str | None, why: str, rule: str) -> Conclusion:
    return Conclusion(NONE, NOASSERTION, rule, "unknown", access, "undetermined", why, None, None, None, None)


def _undetermined(why: str, access: str | None, rule: str) -> Conclusion:
    return Conclusion(NOASSERTION, NOASSERTION, rule, "unknown", access, "undetermined", why, None, None, None, None)


def _conflict(claims: Sequence[Said], access: str | None, kind: str, under: str) -> Conclusion:
    """Rule 4: NOASSERTION, both kept, the category from the union of their restrictions."""
    union = frozenset(r for c in claims for r in c.reading.restrictions)
    known = all(c.reading.category != "unknown" for c in claims) or bool(union & FORBIDDING)
    category = policy.category_of(union, known=known)
    said = _said_apart(claims)
    first = claims[0]
    top = [c for c in claims if c.authority == first.authority]
    barred = any(policy.verdict(c.reading.license, under).verdict == "non-free" for c in top)
    return Conclusion(
        license_declared=NOASSERTION,
        license_concluded=NOASSERTION,
        license_comments=f"conflict (rule 4, {kind}); "
        + "; ".join(f"{c.words!r} read by {c.reading.rule}" for c in claims),
        category=category,
        access_category=access,
        verdict="non-free" if barred or all(_binding(c.reading) & FORBIDDING for c in claims) else "undetermined",
        reason=f"statements contradict each other: {said}",
        conflict=said,
        statement=first.text,
        statement_url=first.url,
        authority=first.authority,
    )


def _blocked(unread_ones: Sequence[Said], claims: Sequence[Said], access: str | None, under: str) -> Conclusion:
    """Rule 7: what could not be read may restrict, so what stands beside it at equal rank does not decide."""
    found = _conflict([*unread_ones, *(c for c in claims if c not in unread_ones)], access, "unread", under)
    stated = ", ".join(dict.fromkeys(c.reading.license for c in claims if c.reading.license != NOASSERTION))
    if any(c.reading.rule.startswith("conflict") for c in unread_ones) or not stated:
        return found
    reason = f"{unread(unread_ones[0])} It may restrict, so {stated}, stated beside it, does not decide."
    comments = found.license_comments.replace("conflict (rule 4, unread)", "an unread statement of equal rank (rule 7)")
    return replace(found, reason=reason, license_comments=comments, conflict=None)


def _kind(claims: Sequence[Said]) -> str:
    who = list(dict.fromkeys(c.authority for c in claims))
    return " against ".join(who) if len(who) > 1 else f"{who[0]} against itself"


def _said_apart(claims: Sequence[Said]) -> str:
    return " / ".join(f"{c.authority}: {c.words[:200]} ({c.reading.license})" for c in claims)


def _inner_conflict(reading: Reading) -> str | None:
    return (reading.note or reading.rule) if reading.rule.startswith("conflict") else None


def _rule(said: Said) -> str:
    return "curated (rule 6)" if said.authority == "curation" else f"as {said.authority} states (rule 6)"


def unread(said: Said) -> str:
    """Say why a statement gave no licence, with its words."""
    reading = said.reading
    if reading.note:
        return reading.note
    if reading.restrictions:
        return f"no licence is named, but the words restrict: {said.words[:200]}"
    return f"the statement could not be read: {said.words[:200]}"
