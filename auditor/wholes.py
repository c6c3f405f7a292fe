"""What a dataset as a whole comes to: each scope apart, then all of them bind; and what it was derived from binds it."""

from collections.abc import Sequence
from dataclasses import replace

from auditor import policy
from auditor.decide import decide, fixed, only_mentioned
from auditor.policy import CATEGORIES, FORBIDDING, VERDICTS
from auditor.statements import NOASSERTION, NONE, WHOLE, Conclusion, Dataset, Said

OF_OTHERS = {
    "third-party": "its items are third parties' works, so what it says itself does not show them to be free",
    "mixed": "its items are partly third parties' works, so what it says itself does not show all of them to be free",
    "unknown": "it is not known whether its items are its own, so what it says does not show them to be free",
}
APART = ("annotations", "software", "access")  # told of a dataset, and no part of what its items may be used for


def by_scope(dataset: Dataset, under: str = "dfsg") -> dict[tuple[str | None, str | None], Conclusion]:
    """Return what is concluded of each scope, and part of it, that something is said of: its items first, access left out."""
    access = access_category(dataset.access)
    said = [s for s in dataset.said if s.reading.license != NONE]
    keys = sorted({(s.scope, s.part) for s in said}, key=lambda k: (k[0] not in WHOLE, k[0] or "", k[1] or ""))
    of = {key: [s for s in said if (s.scope, s.part) == key] for key in keys}
    return {key: only_mentioned(decide(some, access, under), some, "dataset") for key, some in of.items()}


def conclude_dataset(dataset: Dataset, under: str = "dfsg") -> Conclusion:
    """Return the conclusion of a dataset as a whole: each scope apart, then all of them bind (AND).

    What is said of contents that are not, or not only, the publisher's own never shows them to be free (rule 5).
    """
    parts = {key: found for key, found in by_scope(dataset, under).items() if key[0] not in APART}
    if not parts:
        why = "nothing is said of the licence of its items or of their compilation"
        return nothing(access_category(dataset.access), why, "nothing is said (rule 3)")
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
        return bound(found[0], dataset, under)
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
    return bound(whole_of_it, dataset, under)


def _short_of_free(contents: Sequence[Conclusion], items_from: str) -> str | None:
    """Rule 5: why free statements do not show a dataset's items to be free; None where they do."""
    if not contents:
        return "nothing is said of the licence of its items"
    if items_from != "own":
        return OF_OTHERS.get(items_from, OF_OTHERS["unknown"])
    if all(policy.covers(c.license_concluded) == "database" for c in contents):
        return "the licence covers the database, not its contents"
    return None


def bound(found: Conclusion, dataset: Dataset, under: str) -> Conclusion:
    """Rules 6 and 7: what a dataset was derived from binds it, and never makes its verdict freer."""
    ranks = {a: VERDICTS.index(policy.verdict(a.reading.license, under).verdict) for a in set(dataset.ancestors)}
    worse = sorted((a for a, rank in ranks.items() if rank > VERDICTS.index(found.verdict)), key=fixed)
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


def _weightiest(categories: Sequence[str], known: bool) -> str:
    """Return the label of all scopes together; what is unknown beside what forbids doesn't hide it."""
    forbidding = [c for c in categories if c in FORBIDDING]
    if forbidding:
        return max(forbidding, key=CATEGORIES.index)
    return max(categories, key=CATEGORIES.index) if known else "unknown"


def of_contents(dataset: Dataset) -> list[Said]:
    """Return what is said of a dataset's contents."""
    return [s for s in dataset.said if s.scope in WHOLE and s.reading.license != NONE and s.authority != "mention"]


def access_category(access: Sequence[Said]) -> str | None:
    """Rule 6: terms of the route stay apart from the item's licence; None where there are none."""
    if not access:
        return None
    union = frozenset(r for a in access for r in a.reading.restrictions)
    return policy.category_of(union, known=bool(union) or all(a.reading.license != NOASSERTION for a in access))


def nothing(access: str | None, why: str, rule: str) -> Conclusion:
    """Return the conclusion where nothing is said (rule 3)."""
    return Conclusion(NONE, NOASSERTION, rule, "unknown", access, "undetermined", why, None, None, None, None)
