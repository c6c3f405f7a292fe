"""The claims of one item, and the dataset's, to one conclusion: the rules of judgement, each one function.

Pure: no files, no network, no clock; the order of claims never matters. `Said` is one statement and its
reading; `Dataset` is the small side input that all items of a dataset share.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from auditor import conflicts, history, policy
from auditor.licensing import Reading
from auditor.policy import CATEGORIES, FORBIDDING, VERDICTS
from auditor.schema import AUTHORITIES

NOASSERTION, NONE = "NOASSERTION", "NONE"
OF_OTHERS = {
    "third-party": "its items are third parties' works, so what it says itself does not show them to be free",
    "mixed": "its items are partly third parties' works, so what it says itself does not show all of them to be free",
    "unknown": "it is not known whether its items are its own, so what it says does not show them to be free",
}
APART = ("annotations", "software", "access")  # told of a dataset, and no part of what its items may be used for
WHOLE = (None, "media", "text", "code", "data")  # scopes that are the item itself; the others are apart from it
AT_ITS_ORIGIN = ("curation", "author", "host", "embedded")  # who speaks of an item where it comes from, or knows better
SHOWN = 5  # statements on the whole that are named beside a file's own
PART = "part"  # scope of something inside an item that is licensed by itself: a photo in an observation's record


@dataclass(frozen=True, slots=True)
class Said:
    """One statement, who says it, of what, and how it was read."""

    reading: Reading
    text: str | None
    url: str | None
    authority: str
    scope: str | None = None
    place: str | None = None  # where it stands; of a host's answer, which host
    as_of: str | None = None  # ISO date it speaks of; None: now
    part: str | None = None  # what part of a dataset it speaks of; None: all of it

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
    ancestors: tuple[Said, ...] = ()  # of what it was derived from, its place naming the ancestor


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
        return _undetermined(error, access, "the item could not be read (rule 1)")
    own = [c for c in claims if c.scope in WHOLE and c.reading.license != NONE]
    every = [*own, *_said_of_items(dataset, own)]
    found = _own(_ranked(every), access, under) if own else _inherited(dataset, access, under)
    found = _only_mentioned(found, every, "item") if own else found
    if found.verdict == "free" and policy.covers(found.license_concluded) == "database":
        said = f"{found.license_concluded} covers the database, not its contents"
        found = replace(
            found, verdict="undetermined", reason=said, license_comments=f"{found.license_comments}; rule 5"
        )
    if own and found.verdict == "free" and not any(c.authority in AT_ITS_ORIGIN for c in own):
        found = _maybe_bound(found, dataset, under)
    if found.authority == "embedded" and found.conflict is None:
        found = replace(found, conflict=_beside_whole(own, dataset))
    parts = sorted((c for c in set(claims) if c.scope == PART), key=_fixed)
    return _with_parts(found, every or list(dataset.said), parts, under) if parts else found


def _only_mentioned(found: Conclusion, claims: Sequence[Said], what: str) -> Conclusion:
    """Rule 1: mentions alone never show that anything is free."""
    if found.verdict != "free" or any(c.authority != "mention" for c in claims):
        return found
    said = f"{found.license_concluded} stands where nothing shows that it is the {what}'s licence: {claims[0].place}"
    return replace(found, verdict="undetermined", reason=said, license_comments=f"{found.license_comments}; rule 1")


def _with_parts(found: Conclusion, whole: Sequence[Said], parts: Sequence[Said], under: str) -> Conclusion:
    """What an item holds binds with it (AND): a part that is licensed apart never makes the verdict freer."""
    license_ = found.license_concluded
    unlike = [
        c for c in parts if c.reading.license in (NOASSERTION, NONE) or not policy.agree(license_, c.reading.license)
    ]
    verdicts = {c: policy.verdict(c.reading.license, under).verdict for c in parts}
    worst = max(parts, key=lambda c: (VERDICTS.index(verdicts[c]), _fixed(c)))
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


def _said_of_items(dataset: Dataset, own: Sequence[Said]) -> list[Said]:
    """Rule 5: what a dataset says of its own items is the lowest-ranked claim on each; of others' works it is none.

    Where it is not known whose they are, and all that is said of an item is the label its publisher's export gave it or
    what is embedded in it, what the publisher forbids elsewhere (README, licence file) contradicts it (rule 7); what is
    allowed there adds nothing. A file's own header or a resource's own entry (their claims have a place) is more
    specific than a README. Mentions only forbid.
    """
    labels = (c.authority in ("mention", "embedded") or (c.authority == "uploader" and not c.place) for c in own)
    if dataset.items_from == "unknown" and own and all(labels):
        elsewhere = [s for s in dataset.said if s.part is None and s.scope not in ("software", "access")]
        return [replace(s, authority="dataset") for s in elsewhere if FORBIDDING.intersection(s.reading.restrictions)]
    if dataset.items_from != "own":
        return []
    of_items = [s for s in _of_contents(dataset) if policy.covers(s.reading.license) != "database"]
    curated = [s for s in of_items if s.authority == "curation"]
    beside = [s for s in dataset.said if s.authority == "mention" and FORBIDDING.intersection(s.reading.restrictions)]
    return [*(replace(s, authority="dataset") for s in curated or of_items), *(beside if not curated else ())]


def _of_contents(dataset: Dataset) -> list[Said]:
    return [s for s in dataset.said if s.scope in WHOLE and s.reading.license != NONE and s.authority != "mention"]


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
    return [sorted(by_rank[a], key=_fixed) for a in order]


def _fixed(said: Said) -> tuple[str, ...]:
    return (
        said.reading.license,
        said.words,
        *(x or "" for x in (said.scope, said.part, said.place, said.as_of, said.reading.rule, said.authority)),
    )


def _own(ranks: list[list[Said]], access: str | None, under: str) -> Conclusion:
    """Rules 4, 6 and 7 over the claims on one thing: the highest rank decides, unless a lower one is stricter."""
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


def _beside_whole(own: Sequence[Said], dataset: Dataset) -> str | None:
    """Tell where what a file says of itself is not among what those who publish it say of their files: it stands all the same."""
    inside = [c for c in own if c.authority == "embedded" and c.reading.license != NOASSERTION]
    said = [s for s in _of_contents(dataset) if s.reading.license != NOASSERTION]
    among = any(policy.agree(c.reading.license, s.reading.license) for c in inside for s in said)
    if not inside or not said or among:
        return None
    return conflicts.told([*inside, *sorted((replace(s, authority="dataset") for s in said), key=_fixed)[:SHOWN]])


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


def _inherited(dataset: Dataset, access: str | None, under: str) -> Conclusion:
    """Rule 5: the dataset's licence covers its items only where the items are its own."""
    of_items = _of_contents(dataset)
    if not of_items:
        why = "nothing is said of this item's licence, and nothing of its dataset's items"
        return _nothing(access, why, "nothing is said (rule 3)")
    if dataset.items_from != "own":
        why = OF_OTHERS.get(dataset.items_from, OF_OTHERS["unknown"])
        why = f"nothing is said of this item's licence; the dataset's is not inherited: {why}"
        return _nothing(access, why, "not inherited from the dataset (rule 5)")
    contents = [s for s in of_items if policy.covers(s.reading.license) != "database"]
    if not contents:
        why = "the dataset's licence covers the database, not its contents"
        return _nothing(access, why, "a licence of the database is not inherited (rule 5)")
    found = _bound(_own(_ranked(contents), access, under), dataset, under)
    return replace(
        found, license_declared=NONE, license_comments=f"inherited from the dataset (rule 5); {found.license_comments}"
    )


def _bound(found: Conclusion, dataset: Dataset, under: str) -> Conclusion:
    """Rules 6 and 7: what a dataset was derived from binds it, and never makes its verdict freer."""
    ranks = {a: VERDICTS.index(policy.verdict(a.reading.license, under).verdict) for a in set(dataset.ancestors)}
    worse = sorted((a for a, rank in ranks.items() if rank > VERDICTS.index(found.verdict)), key=_fixed)
    if not worse:
        return found
    worst = max(worse, key=ranks.__getitem__)
    stated = worst.words if worst.reading.license == NOASSERTION else worst.reading.license
    return replace(
        found,
        license_comments=f"{found.license_comments}; bound by what it was derived from (rule 6): {worst.place}",
        category=_weightiest([found.category, *(a.reading.category for a in worse)], known=True),
        verdict=VERDICTS[ranks[worst]],
        reason=f"it was derived from {worst.place}, of which is said: {stated}",
    )


def _maybe_bound(found: Conclusion, dataset: Dataset, under: str) -> Conclusion:
    """Rules 6 and 7: an item that its collection calls free, where the collection was made from what is not.

    Which of the items came from there is not known; what the item's author or host says would tell.
    """
    barred = [a for a in dataset.ancestors if policy.verdict(a.reading.license, under).verdict == "non-free"]
    if not barred:
        return found
    worst = min(barred, key=_fixed)
    reason = f"its dataset was derived from {worst.place}, of which is said: {worst.reading.license}; which items that binds is not known"
    comments = f"{found.license_comments}; what the dataset was derived from may bind it (rule 6): {worst.place}"
    return replace(found, verdict="undetermined", reason=reason, license_comments=comments)


def by_scope(dataset: Dataset, under: str = "dfsg") -> dict[tuple[str | None, str | None], Conclusion]:
    """Return what is concluded of each scope, and part of it, that something is said of: its items first, access left out."""
    access = access_category(dataset.access)
    said = [s for s in dataset.said if s.reading.license != NONE]
    keys = sorted({(s.scope, s.part) for s in said}, key=lambda k: (k[0] not in WHOLE, k[0] or "", k[1] or ""))
    of = {key: [s for s in said if (s.scope, s.part) == key] for key in keys}
    return {key: _only_mentioned(_own(_ranked(some), access, under), some, "dataset") for key, some in of.items()}


def conclude_dataset(dataset: Dataset, under: str = "dfsg") -> Conclusion:
    """Return the conclusion of a dataset as a whole: each scope apart, then all of them bind (AND).

    What is said of contents that are not, or not only, the publisher's own never shows them to be free (rule 5).
    """
    parts = {key: found for key, found in by_scope(dataset, under).items() if key[0] not in APART}
    if not parts:
        why = "nothing is said of the licence of its items or of their compilation"
        return _nothing(access_category(dataset.access), why, "nothing is said (rule 3)")
    found = list(parts.values())
    said = "; ".join(
        f"{scope or 'the whole'}{f' ({part})' if part else ''}: {c.license_concluded}"
        for (scope, part), c in parts.items()
    )
    names = list(dict.fromkeys(c.license_concluded for c in found))
    whole = NOASSERTION if NOASSERTION in names else " AND ".join(f"({n})" if " OR " in n else n for n in names)
    verdict = max((c.verdict for c in found), key=VERDICTS.index)
    reason = next(c.reason for c in found if c.verdict == verdict)
    contents = [c for (scope, _), c in parts.items() if scope in WHOLE]
    short = _short_of_free(contents, dataset.items_from)
    if verdict == "free" and short:
        verdict, reason = "undetermined", short
    elif len(found) == 1 and dataset.items_from == "own":
        return _bound(found[0], dataset, under)
    whole_of_it = replace(
        found[0],
        license_declared=whole,
        license_concluded=whole,
        license_comments=f"each scope apart ({said}); " + "; ".join(dict.fromkeys(c.license_comments for c in found)),
        category=_weightiest([c.category for c in found], known=bool(contents)),
        verdict=verdict,
        reason=reason if list(parts) == [(None, None)] else f"{reason} ({said})",
        conflict=next((c.conflict for c in found if c.conflict), None),
    )
    return _bound(whole_of_it, dataset, under)


def _short_of_free(contents: Sequence[Conclusion], items_from: str) -> str | None:
    """Rule 5: why free statements do not show a dataset's items to be free; None where they do."""
    if not contents:
        return "nothing is said of the licence of its items"
    if items_from != "own":
        return OF_OTHERS.get(items_from, OF_OTHERS["unknown"])
    if all(policy.covers(c.license_concluded) == "database" for c in contents):
        return "the licence covers the database, not its contents"
    return None


def _weightiest(categories: Sequence[str], known: bool) -> str:
    """Return the label of all scopes together; what is unknown beside what forbids doesn't hide it."""
    forbidding = [c for c in categories if c in FORBIDDING]
    if forbidding:
        return max(forbidding, key=CATEGORIES.index)
    return max(categories, key=CATEGORIES.index) if known else "unknown"


def _nothing(access: str | None, why: str, rule: str) -> Conclusion:
    return Conclusion(NONE, NOASSERTION, rule, "unknown", access, "undetermined", why, None, None, None, None)


def _undetermined(why: str, access: str | None, rule: str) -> Conclusion:
    return Conclusion(NOASSERTION, NOASSERTION, rule, "unknown", access, "undetermined", why, None, None, None, None)


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
