"""SPDX expressions as trees: AND, OR, and atoms; an atom is one id, or one `X WITH Y` pair."""

import re
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Any, TypeVar

UNKNOWNS = ("NOASSERTION", "NONE")
LONGEST = 20_000  # characters; longer expressions are not parsed: the parser is recursive
_COMPOUND = re.compile(r"[\s()]")

Tree = str | tuple[str, tuple["Tree", ...]]
T = TypeVar("T")


@lru_cache(maxsize=65_536)
def parse(expression: str) -> Tree | None:
    """Return the tree, ids spelt as SPDX spells them, deprecated ones replaced; None for what is no expression.

    NONE and NOASSERTION stand alone (SPDX 2.3, 7.13 and 7.15): inside an expression they make it none.
    """
    expression = expression.strip()
    if not _COMPOUND.search(expression):
        return _id(expression) if expression else None
    if len(expression) > LONGEST:
        return None
    try:
        parsed = _parser().parse(expression)
    except (Exception, RecursionError):  # the parser lets other libraries' errors through on malformed input
        return None
    tree = None if parsed is None else _tree(parsed)
    return None if tree is None or not set(UNKNOWNS).isdisjoint(atoms(tree)) else tree


def atoms(tree: Tree) -> tuple[str, ...]:
    """Return the distinct atoms, in order of appearance."""
    if isinstance(tree, str):
        return (tree,)
    return tuple(dict.fromkeys(atom for part in tree[1] for atom in atoms(part)))


def fold(
    tree: Tree, atom: Callable[[str], T], both: Callable[[Sequence[T]], T], either: Callable[[Sequence[T]], T]
) -> T:
    """Reduce a tree from its leaves: `both` over the parts of AND, `either` over those of OR."""
    if isinstance(tree, str):
        return atom(tree)
    parts = [fold(part, atom, both, either) for part in tree[1]]
    return (both if tree[0] == "AND" else either)(parts)


def write(tree: Tree) -> str:
    """Return the expression of a tree."""
    if isinstance(tree, str):
        return tree
    return f" {tree[0]} ".join(w if isinstance(p, str) else f"({w})" for p in tree[1] for w in [write(p)])


@cache
def _parser() -> Any:
    from license_expression import Licensing

    return Licensing()


def _tree(node: Any) -> Tree | None:
    """Return our tree of license-expression's, parts distinct and sorted, nested equal operators joined."""
    operator = getattr(node, "operator", "").strip()
    if operator not in ("AND", "OR"):
        return _atom(node)
    found: list[Tree] = []
    for arg in node.args:
        part = _tree(arg)
        if part is None:
            return None
        found.extend(part[1] if isinstance(part, tuple) and part[0] == operator else [part])
    distinct = sorted(set(found), key=repr)
    return distinct[0] if len(distinct) == 1 else (operator, tuple(distinct))


def _atom(node: Any) -> Tree | None:
    exception = getattr(node, "exception_symbol", None)
    if exception is None:
        return _id(node.key)
    base = _id(node.license_symbol.key)
    return f"{base} WITH {_spelt(exception.key)}" if isinstance(base, str) else None


def _spelt(name: str) -> str:
    from auditor.licensing import spdx_list  # here, since the licence reader beside it asks this package for categories

    return spdx_list.current(spdx_list.folded().get(name.lower(), name))


def _id(name: str) -> Tree | None:
    """Return an id as SPDX spells it; a deprecated one's replacement may itself be a pair."""
    if _COMPOUND.search(name):
        return None
    return _spelt(name)
