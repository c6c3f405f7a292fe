"""Restrictions to a category, and an expression to a verdict under a named policy; AND, OR and WITH."""

from auditor.policy.agreement import agree, refines
from auditor.policy.judge import Verdict, verdict
from auditor.policy.listing import listed
from auditor.policy.properties import (
    CATEGORIES,
    FORBIDDING,
    Terms,
    category,
    category_of,
    covers,
    known,
    restrictions,
    terms,
)
from auditor.policy.rules import VERDICTS, Line, Policy, explain, load, names

__all__ = [
    "CATEGORIES",
    "FORBIDDING",
    "VERDICTS",
    "Line",
    "Policy",
    "Terms",
    "Verdict",
    "agree",
    "category",
    "category_of",
    "covers",
    "explain",
    "known",
    "listed",
    "load",
    "names",
    "refines",
    "restrictions",
    "terms",
    "verdict",
]
