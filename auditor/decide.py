"""What the claims on one thing come to: rules 4, 6 and 7, each one function. Pure; the order of claims never matters."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from auditor import conflicts, history, policy
from auditor.policy import FORBIDDING, VERDICTS
from auditor.schema import AUTHORITIES
from auditor.statements import NOASSERTION, Conclusion, Said


def decide(claims: Iterable[Said], access: str | None, under: str) -> Conclusion:
    """Rules 4, 6 and 7 over the claims on one thing: the highest rank decides, unless a lower one is stricter."""
    ranks = _ranked(claims)
    top, past = history.present(ranks[0])
    rest = [*past, *(c for rank in ranks[1:] for c in rank)]
    decided = together(top, under)
    if decided is None:
        unread_ones = [c for c in top if c.reading.license == NOASSERTION]
        every = [*top, *(c for c in rest if c.reading.restrictions)]
        return _blocked(unread_ones, every, access, under) if unread_ones else _conflict(every, access, under)
    curated = decided.authority == "curation"
    granted = [c for c in rest if not curated and history.granted(c, decided, under)]
    freer = [c for c in rest if not curated and c not in granted and _freer(decided, c)]
    stricter = [c for c in freer if not history.explained(c, decided, [*top, *rest])]
    if stricter:
        return _conflict([decided, *stricter], access, under)
    license_, reading = decided.reading.license, decided.reading
    found = policy.verdict(license_, under)
    concluded = Conclusion(
        license_declared=license_,
        license_concluded=license_,
        license_comments=_comments(decided, [*top, *rest]),
        category=reading.category,
        access_category=access,
        verdict=found.verdict,
        reason=_reason(decided, top, under) if license_ != NOASSERTION else unread(decided),
        conflict=_beside(decided, rest),
        statement=decided.text,
        statement_url=decided.url,
        authority=decided.authority,
    )
    return _once_free(concluded, decided, granted) if granted else concluded


def _ranked(claims: Iterable[Said]) -> list[list[Said]]:
    """Rule 5: claims by the rank of who says them, the highest first; equal statements once, in a fixed order."""
    by_rank: dict[str, list[Said]] = {}
    for claim in dict.fromkeys(claims):
        by_rank.setdefault(claim.authority, []).append(claim)
    order = [a for a in AUTHORITIES if a in by_rank]
    return [sorted(by_rank[a], key=fixed) for a in order]


def fixed(said: Said) -> tuple[str, ...]:
    """Return what a claim is sorted by, so that their order never matters."""
    return (
        said.reading.license,
        said.words,
        *(x or "" for x in (said.scope, said.part, said.place, said.as_of, said.reading.rule, said.authority)),
    )


def _once_free(found: Conclusion, now: Said, granted: Sequence[Said]) -> Conclusion:
    """Rule 7: the host's licence is concluded, the earlier grant kept as evidence, the verdict left open."""
    before = granted[0]
    reason = (
        f"{now.reading.license} now, but {before.reading.license} as of {before.as_of}: a Creative Commons grant cannot be "
        "taken back, so who can prove it may rely on it"
    )
    comments = f"{found.license_comments}; an earlier Creative Commons grant leaves the verdict open (rule 7)"
    said = conflicts.told([now, *granted], conflicts.EARLIER)
    return replace(found, verdict="undetermined", reason=reason, license_comments=comments, conflict=said)


def _comments(decided: Said, claims: Sequence[Said]) -> str:
    """Name the rules: of reading, then of concluding."""
    above = "curated" if decided.authority == "curation" else f"as {decided.authority} states"
    lower = [a for a in AUTHORITIES if a != decided.authority and any(c.authority == a for c in claims)]
    rules = f"rule 6; before {', '.join(lower)}, rule 5" if lower else "rule 6"
    note = f". {decided.reading.note}" if decided.reading.note else ""
    return f"read by {decided.reading.rule}; {above} ({rules}){note}"


def _reason(decided: Said, top: Sequence[Said], under: str) -> str:
    """Say why; where a more exact statement of equal rank does not decide, say that too."""
    found = policy.verdict(decided.reading.license, under)
    exact = [c for c in top if c.reading.license != decided.reading.license]
    better = [c.reading.license for c in exact if policy.verdict(c.reading.license, under).verdict != found.verdict]
    if not better:
        return found.reason
    return f"{found.reason}; {', '.join(dict.fromkeys(better))}, stated beside it at equal rank, cannot make it freer (rule 7)"


def _beside(decided: Said, rest: Sequence[Said]) -> str | None:
    """Tell what lower-ranked statements say otherwise, or how the statement contradicts itself."""
    license_ = decided.reading.license
    others = [c for c in rest if c.reading.license != NOASSERTION and not policy.agree(license_, c.reading.license)]
    if not others:
        return conflicts.inner(decided.reading)
    return conflicts.told(
        [decided, *others], conflicts.EARLIER if all(history.later(decided, c) for c in others) else None
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
    if higher.reading.license == NOASSERTION or "proprietary" in higher.reading.restrictions:
        return False  # nothing is freer than another where nothing is allowed
    return bool(history.binding(lower.reading) - history.binding(higher.reading))


def _conflict(claims: Sequence[Said], access: str | None, under: str) -> Conclusion:
    """Rule 4: NOASSERTION, both kept, the category from the union of their restrictions."""
    union = frozenset(r for c in claims for r in c.reading.restrictions)
    known = all(c.reading.category != "unknown" for c in claims) or bool(union & FORBIDDING)
    said = conflicts.told(claims)
    first = claims[0]
    top = [c for c in claims if c.authority == first.authority]
    barred = next(
        (c.reading.license for c in top if policy.verdict(c.reading.license, under).verdict == "non-free"), None
    )
    return Conclusion(
        license_declared=NOASSERTION,
        license_concluded=NOASSERTION,
        license_comments="conflict (rule 4); " + "; ".join(f"{c.words!r} read by {c.reading.rule}" for c in claims),
        category=policy.category_of(union, known=known),
        access_category=access,
        verdict="non-free" if barred else "undetermined",
        reason=f"statements contradict each other: {said}{_even(barred, under)}",
        conflict=said,
        statement=first.text,
        statement_url=first.url,
        authority=first.authority,
    )


def _even(barred: str | None, under: str) -> str:
    """Say why what is not determined is not free all the same."""
    return f"; not free even by what is stated: {policy.verdict(barred, under).reason}" if barred else ""


def _blocked(unread_ones: Sequence[Said], claims: Sequence[Said], access: str | None, under: str) -> Conclusion:
    """Rule 7: what could not be read may restrict, so what stands beside it at equal rank does not decide."""
    found = _conflict([*unread_ones, *(c for c in claims if c not in unread_ones)], access, under)
    odd = next((c for c in unread_ones if c.reading.rule.startswith("conflict")), None)
    if odd is not None:
        return replace(found, conflict=f"{conflicts.inner(odd.reading)}; {found.conflict}")
    read_ones = [c for c in claims if c.reading.license != NOASSERTION]
    stated = ", ".join(dict.fromkeys(c.reading.license for c in read_ones))
    said = " ".join(dict.fromkeys(unread(c) for c in unread_ones))
    reason = f"{said} It may restrict, so {stated}, stated beside it, does not decide" if stated else said
    barred = next(
        (c.reading.license for c in read_ones if policy.verdict(c.reading.license, under).verdict == "non-free"), None
    )
    reason += _even(barred, under) if found.verdict == "non-free" else "." if stated else ""
    comments = found.license_comments.replace("conflict (rule 4)", "an unread statement of equal rank (rule 7)")
    clash = not all(policy.agree(a.reading.license, b.reading.license) for a in read_ones for b in read_ones)
    return replace(
        found, reason=reason, license_comments=comments, conflict=conflicts.told(read_ones) if clash else None
    )


def unread(said: Said) -> str:
    """Say why a statement gave no licence, with its words."""
    reading = said.reading
    if reading.note:
        return reading.note
    if reading.restrictions:
        return f"no licence is named, but the words restrict: {said.words[:200]}"
    return f"the statement could not be read: {said.words[:200]}"


def only_mentioned(found: Conclusion, claims: Sequence[Said], what: str) -> Conclusion:
    """Rule 1: mentions alone never show that anything is free."""
    if found.verdict != "free" or any(c.authority != "mention" for c in claims):
        return found
    place = min(claims, key=fixed).place
    said = f"{found.license_concluded} stands where nothing shows that it is the {what}'s licence: {place}"
    return replace(found, verdict="undetermined", reason=said, license_comments=f"{found.license_comments}; rule 1")
