"""The claims of one item, and the dataset's, to one conclusion: the rules of judgement, each one function.

Pure: no files, no network, no clock; the order of claims never matters. `decide.py` has the rules over the claims on one
thing, `wholes.py` what a dataset comes to.
"""

from collections.abc import Sequence
from dataclasses import replace

from auditor import conflicts, policy
from auditor.decide import decide, fixed, only_mentioned
from auditor.policy import FORBIDDING, VERDICTS
from auditor.schema import AUTHORITIES
from auditor.statements import NOASSERTION, NONE, PART, WHOLE, Conclusion, Dataset, Said
from auditor.wholes import OF_OTHERS, access_category, bound, nothing, of_contents

AT_ITS_ORIGIN = ("curation", "author", "host", "embedded")  # who speaks of an item where it comes from, or knows better
SHOWN = 5  # statements on the whole that are named beside a file's own


def conclude(claims: Sequence[Said], dataset: Dataset, under: str = "dfsg", error: str | None = None) -> Conclusion:
    """Return the conclusion of one item from all its claims, under a named policy.

    Rule 6: a curation, else the item's own, else inherited where rule 5 allows.
    """
    access = access_category(dataset.access)
    if error:
        return _undetermined(error, access, "the item could not be read (rule 1)")
    own = [c for c in claims if c.scope in WHOLE and c.reading.license != NONE]
    at_origin = any(c.authority in AT_ITS_ORIGIN for c in own)
    every = [*own, *_said_of_items(dataset, own)]
    found = decide(every, access, under) if own else _inherited(dataset, access, under)
    found = only_mentioned(found, every, "item") if own else found
    if found.verdict == "free" and policy.covers(found.license_concluded) == "database":
        said = f"{found.license_concluded} covers the database, not its contents"
        found = replace(
            found, verdict="undetermined", reason=said, license_comments=f"{found.license_comments}; rule 5"
        )
    if own and found.verdict == "free" and not at_origin:
        found = _maybe_bound(found, dataset, under)
    if found.authority == "embedded" and found.conflict is None:
        found = replace(found, conflict=_beside_whole(own, dataset))
    parts = sorted((c for c in set(claims) if c.scope == PART and not (at_origin and _of_all(c))), key=fixed)
    return _with_parts(found, every or list(dataset.said), parts, under) if parts else found


def _of_all(claim: Said) -> bool:
    """Say whether a part is what the dataset that an item was taken from says of all it holds: its host's word on the item is more exact."""
    return claim.authority == "dataset"


def _with_parts(found: Conclusion, whole: Sequence[Said], parts: Sequence[Said], under: str) -> Conclusion:
    """What an item holds binds with it (AND): a part that is licensed apart never makes the verdict freer."""
    license_ = found.license_concluded
    unlike = [
        c for c in parts if c.reading.license in (NOASSERTION, NONE) or not policy.agree(license_, c.reading.license)
    ]
    verdicts = {c: policy.verdict(c.reading.license, under).verdict for c in parts}
    worst = max(parts, key=lambda c: (VERDICTS.index(verdicts[c]), fixed(c)))
    worse = VERDICTS.index(verdicts[worst]) > VERDICTS.index(found.verdict)
    if not unlike and not worse:
        return found
    names = dict.fromkeys([license_, *sorted(c.reading.license for c in unlike)])
    joined = " AND ".join(f"({n})" if " OR " in n else n for n in names)
    union = frozenset(r for c in (*whole, *parts) for r in c.reading.restrictions)
    known = found.category != "unknown" and all(c.reading.category != "unknown" for c in parts)
    where = (
        f"of all items of {worst.place}, where it comes from, is" if _of_all(worst) else "inside its record it is also"
    )
    said = f"{where} said: {worst.words[:200]} ({worst.reading.license})"
    deciding = worst if worse else found
    named = [c for c in sorted(whole, key=fixed) if c.reading.license not in (NOASSERTION, NONE)]
    against = [c for c in unlike if _of_all(c) and c.reading.license not in (NOASSERTION, NONE)]
    against = [c for c in against if any(not policy.agree(c.reading.license, w.reading.license) for w in named)]
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
        conflict=found.conflict or (conflicts.told([*named, *against]) if against else None),
    )


def _said_of_items(dataset: Dataset, own: Sequence[Said]) -> list[Said]:
    """Rule 5: what a dataset says of its own items is the lowest-ranked claim on each; of others' works it is none.

    Where it is not known whose they are, and the highest word on an item is the label its publisher's export gave it or
    what is embedded in it, what the publisher forbids elsewhere (README, licence file) contradicts it (rule 7); what is
    allowed there adds nothing. A file's own header or a resource's own entry (their claims have a place) is more
    specific than a README. Mentions only forbid.
    """
    top = min((AUTHORITIES.index(c.authority) for c in own), default=None)
    highest = (c for c in own if AUTHORITIES.index(c.authority) == top)
    labels = (c.authority in ("mention", "embedded") or (c.authority == "uploader" and not c.place) for c in highest)
    if dataset.items_from == "unknown" and any(labels):
        elsewhere = [s for s in dataset.said if s.part is None and s.scope not in ("software", "access")]
        return [replace(s, authority="dataset") for s in elsewhere if FORBIDDING.intersection(s.reading.restrictions)]
    if dataset.items_from != "own":
        return []
    of_items = [s for s in of_contents(dataset) if policy.covers(s.reading.license) != "database"]
    curated = [s for s in of_items if s.authority == "curation"]
    beside = [s for s in dataset.said if s.authority == "mention" and FORBIDDING.intersection(s.reading.restrictions)]
    return [*(replace(s, authority="dataset") for s in curated or of_items), *(beside if not curated else ())]


def _beside_whole(own: Sequence[Said], dataset: Dataset) -> str | None:
    """Tell where what a file says of itself is not among what those who publish it say of their files: it stands all the same."""
    inside = [c for c in own if c.authority == "embedded" and c.reading.license != NOASSERTION]
    said = [s for s in of_contents(dataset) if s.reading.license != NOASSERTION]
    among = any(policy.agree(c.reading.license, s.reading.license) for c in inside for s in said)
    if not inside or not said or among:
        return None
    return conflicts.told([*inside, *sorted((replace(s, authority="dataset") for s in said), key=fixed)[:SHOWN]])


def _inherited(dataset: Dataset, access: str | None, under: str) -> Conclusion:
    """Rule 5: the dataset's licence covers its items only where the items are its own."""
    of_items = of_contents(dataset)
    if not of_items:
        why = "nothing is said of this item's licence, and nothing of its dataset's items"
        return nothing(access, why, "nothing is said (rule 3)")
    if dataset.items_from != "own":
        why = OF_OTHERS.get(dataset.items_from, OF_OTHERS["unknown"])
        why = f"nothing is said of this item's licence; the dataset's is not inherited: {why}"
        return nothing(access, why, "not inherited from the dataset (rule 5)")
    contents = [s for s in of_items if policy.covers(s.reading.license) != "database"]
    if not contents:
        why = "the dataset's licence covers the database, not its contents"
        return nothing(access, why, "a licence of the database is not inherited (rule 5)")
    found = bound(decide(contents, access, under), dataset, under)
    return replace(
        found, license_declared=NONE, license_comments=f"inherited from the dataset (rule 5); {found.license_comments}"
    )


def _maybe_bound(found: Conclusion, dataset: Dataset, under: str) -> Conclusion:
    """Rules 6 and 7: an item that its collection calls free, where the collection was made from what is not.

    Which of the items came from there is not known; what the item's author or host says would tell.
    """
    barred = [a for a in dataset.ancestors if policy.verdict(a.reading.license, under).verdict == "non-free"]
    if not barred:
        return found
    worst = min(barred, key=fixed)
    reason = f"its dataset was derived from {worst.place}, of which is said: {worst.reading.license}; which items that binds is not known"
    comments = f"{found.license_comments}; what the dataset was derived from may bind it (rule 6): {worst.place}"
    return replace(found, verdict="undetermined", reason=reason, license_comments=comments)


def _undetermined(why: str, access: str | None, rule: str) -> Conclusion:
    return Conclusion(NOASSERTION, NOASSERTION, rule, "unknown", access, "undetermined", why, None, None, None, None)
