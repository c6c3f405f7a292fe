"""What is said now and what was said before: rule 7 on licence histories and on grants that cannot be taken back."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from auditor import policy
from auditor.policy import FORBIDDING, VERDICTS, creative_commons
from auditor.policy.expression import atoms, parse

if TYPE_CHECKING:
    from auditor.licensing import Reading
    from auditor.statements import Said

DAY = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d)?)?)?)?")  # the beginning of an ISO date that can be put in order


def present(claims: Sequence["Said"]) -> tuple[list["Said"], list["Said"]]:
    """Rule 7, licence history: what a host says now, and what the same host said before."""
    past = [c for c in claims if c.authority == "host" and any(o.place == c.place and later(o, c) for o in claims)]
    return [c for c in claims if c not in past], past


def later(one: "Said", other: "Said") -> bool:
    """Whether a claim speaks of a later time than another; no date is now, and `2010` is neither before nor after `2010-05`."""
    mine, theirs = (DAY.match(c.as_of or "") for c in (one, other))
    if theirs is None or mine is None:
        return mine is None and theirs is not None
    size = min(len(mine[0]), len(theirs[0]))
    return mine[0][:size] > theirs[0][:size]


def explained(stricter: "Said", decided: "Said", claims: Sequence["Said"]) -> bool:
    """Rule 7: a host's licence history may show a stricter statement to be its own earlier one, since replaced by this one."""
    history = [c for c in claims if c.authority == "host" and c.as_of]
    return any(
        policy.agree(old.reading.license, stricter.reading.license)
        and binding(stricter.reading) <= binding(old.reading)
        and any(
            new.place == old.place
            and later(new, old)
            and not (stricter.as_of and later(stricter, new))
            and policy.agree(new.reading.license, decided.reading.license)
            for new in history
        )
        for old in history
    )


def granted(earlier: "Said", now: "Said", under: str) -> bool:
    """Rule 7: an earlier Creative Commons grant, which is irrevocable, with a better verdict than what is said now."""
    before, current = earlier.reading.license, now.reading.license
    if not later(now, earlier) or current == "NOASSERTION" or policy.agree(before, current):
        return False
    tree = parse(before)
    grants = tree is not None and all(creative_commons.parse(a) or a == "CC0-1.0" for a in atoms(tree))
    ranks = [VERDICTS.index(policy.verdict(x, under).verdict) for x in (before, current)]
    return grants and ranks[0] < ranks[1]


def binding(reading: "Reading") -> frozenset[str]:
    """Return the restrictions that a statement must not lose."""
    return frozenset(reading.restrictions) & (FORBIDDING | {"share-alike"})
