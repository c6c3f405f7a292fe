"""Whether two statements agree (rule 4): one says all that the other says, and at most adds what that one left open."""

import re
from functools import lru_cache

from auditor.policy import creative_commons
from auditor.policy.expression import Tree, parse
from auditor.policy.properties import of_atom

# GNU's own rule: a notice without a number means any version, so these expressions are also how a missing version is
# written ("If the Program does not specify a version number", GPL-2.0 section 9; GFDL-1.1 section 10).
VERSIONLESS = {"GPL": "GPL-1.0-or-later", "LGPL": "LGPL-2.0-or-later", "GFDL": "GFDL-1.1-or-later"}
_GNU = re.compile(r"(A?GPL|LGPL|GFDL)-(\d\.\d)(-no-invariants|-invariants)?(-only|-or-later)")
_VERSION = re.compile(r"(.+?)-\d+(?:\.\d+)*[a-z]?(?:-Clause)?(?:-only|-or-later)?")


@lru_cache(maxsize=65_536)
def refines(a: str, b: str) -> bool:
    """Return whether `a` says all that `b` says and at most adds a version, a jurisdiction or what GNU leaves open."""
    if a == b:
        return True
    left, right = parse(a), parse(b)
    return left is not None and right is not None and _refines(left, right)


def agree(a: str, b: str) -> bool:
    """Return whether one of two expressions refines the other."""
    return refines(a, b) or refines(b, a)


def _refines(a: Tree, b: Tree) -> bool:
    if a == b:
        return True
    if isinstance(a, str) and isinstance(b, str):
        return _atom_refines(a, b)
    if isinstance(a, str) or isinstance(b, str) or a[0] != b[0]:
        return False
    return all(any(_refines(x, y) for y in b[1]) for x in a[1]) and all(any(_refines(x, y) for x in a[1]) for y in b[1])


def _atom_refines(a: str, b: str) -> bool:
    one, other = creative_commons.parse(a), creative_commons.parse(b)
    if one and other:
        return one.elements == other.elements and all(y in (None, x) for x, y in zip(one[1:], other[1:], strict=True))
    return _gnu_refines(a, b) or _names_refine(a, b)


def _gnu_refines(a: str, b: str) -> bool:
    one, other = _GNU.fullmatch(a), _GNU.fullmatch(b)
    if not one or not other or one[1] != other[1] or other[3] not in (None, one[3]):
        return False
    if b == VERSIONLESS.get(one[1]):
        return True
    later = a != VERSIONLESS.get(one[1]) and (one[4], other[4]) == ("-or-later", "-only")
    return one[2] == other[2] and (one[4] == other[4] or later)


def _names_refine(a: str, b: str) -> bool:
    """LicenseRef-Apache and Apache-2.0: ours for the versionless name, if both restrict the same."""
    match = _VERSION.fullmatch(a)
    if not match or b != f"LicenseRef-{match[1]}":
        return False
    return of_atom(a).known and of_atom(a)[:2] == of_atom(b)[:2]
