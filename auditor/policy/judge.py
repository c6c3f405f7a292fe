"""The verdict of an expression under a policy: rules 1, 2 and 8."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from auditor.policy import creative_commons, properties
from auditor.policy.expression import UNKNOWNS, fold, parse
from auditor.policy.rules import FREE, NON_FREE, UNDETERMINED, VERDICTS, Line, Policy, load


@dataclass(frozen=True, slots=True)
class Verdict:
    """free, non-free or undetermined, why in one sentence, and the policy's lines it rests on."""

    verdict: str
    reason: str
    lines: tuple[Line, ...] = ()


@lru_cache(maxsize=65_536)
def verdict(expression: str, policy: str = "dfsg") -> Verdict:
    """Return the verdict of an expression under a policy, by name or by path to a TOML file.

    OR is free if one alternative is, AND only if all are; what no line and no property decides is undetermined.
    """
    rules = load(policy)
    if expression in UNKNOWNS:
        said = "no licence information was found" if expression == "NONE" else "the licence was not determined"
        return Verdict(UNDETERMINED, f"{said} ({expression})")
    tree = parse(expression)
    if tree is None:
        return Verdict(UNDETERMINED, f"{expression[:200]!r} is not an SPDX expression")
    return fold(tree, lambda atom: _judge(atom, rules), _all, _any)


def _judge(atom: str, rules: Policy) -> Verdict:
    """A forbidding restriction decides before any line; then the exact id; then what it lets the recipient choose."""
    stated, line = properties.of_atom(atom).restrictions, rules.lines.get(atom)
    lines = (line,) if line else ()
    broken = [f"{r} ({rules.forbids[r]})" for r in properties.LABEL if r in stated and r in rules.forbids]
    if broken:
        return Verdict(NON_FREE, f"{atom} is {' and '.join(broken)}", lines)
    if line:
        return Verdict(line.verdict, f"{atom}: {line.clause}", lines)
    offered = _offered(atom)
    if offered:
        return _judge(offered, rules)
    tool = creative_commons.parse(atom)
    version = "does not say which version it is, and " if tool and not tool.version else ""
    return Verdict(UNDETERMINED, f"{atom} {version}{rules.unlisted}")


def _offered(atom: str) -> str | None:
    """Return X of `X+` and `X-or-later`, which offer X itself among others (SPDX 2.3, annex D.3); None for others."""
    if atom.endswith("+"):
        return atom[:-1]
    return atom.removesuffix("-or-later") + "-only" if atom.endswith("-or-later") else None


def _all(parts: Sequence[Verdict]) -> Verdict:
    """AND: the worst part decides, and gives the reason."""
    worst = max(parts, key=lambda p: VERDICTS.index(p.verdict)).verdict
    return _joined([p for p in parts if p.verdict == worst], "; and ")


def _any(parts: Sequence[Verdict]) -> Verdict:
    """OR: the best alternative decides, since the recipient chooses; one free alternative is enough."""
    best = min(parts, key=lambda p: VERDICTS.index(p.verdict)).verdict
    found = [p for p in parts if p.verdict == best]
    return found[0] if best == FREE else _joined(found, "; or ")


def _joined(parts: Sequence[Verdict], between: str) -> Verdict:
    """Return one verdict of parts that have the same."""
    lines = tuple(dict.fromkeys(x for p in parts for x in p.lines))
    return Verdict(parts[0].verdict, between.join(dict.fromkeys(p.reason for p in parts)), lines)
