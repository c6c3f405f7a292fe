"""What reading a statement gives."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

NONE = "NONE"
NOASSERTION = "NOASSERTION"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a statement says, and what that rests on.

    `license` is an SPDX expression, LicenseRef-…, NOASSERTION (said, not determined) or NONE (nothing was said).
    `restrictions` are sorted; where the statement contradicts itself, they are the union of all it says.
    """

    license: str
    category: str
    restrictions: tuple[str, ...]
    rule: str
    span: str | None
    ignored: str | None
    note: str | None
    parts: tuple[tuple[str, str], ...] = ()


def of(license_: str, rule: str, span: str | None = None, ignored: str | None = None, note: str | None = None,
       parts: tuple[tuple[str, str], ...] = ()) -> Reading:  # fmt: skip
    """Return the reading of a determined licence; category and restrictions follow from the expression."""
    category, restrictions = terms(license_)
    return Reading(license_, category, restrictions, rule, span or None, ignored or None, note, parts)


def undetermined(rule: str, note: str, restrictions: Iterable[str] = (), span: str | None = None,
                 ignored: str | None = None) -> Reading:  # fmt: skip
    """Return NOASSERTION; its category is that of what the statement forbids, never a free one."""
    from auditor.policy import FORBIDDING, category_of

    stated = set(restrictions)
    category = category_of(stated) if stated & FORBIDDING else "unknown"
    return Reading(NOASSERTION, category, tuple(sorted(stated)), rule, span or None, ignored or None, note)


@lru_cache(maxsize=16_384)
def terms(expression: str) -> tuple[str, tuple[str, ...]]:
    """Return category and sorted restrictions of an expression."""
    from auditor import policy

    return policy.category(expression), tuple(sorted(policy.restrictions(expression)))
