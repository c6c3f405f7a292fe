"""What every export says of an audit: its licence groups, the references it uses and their words, its name for the world."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from auditor.auditing import Audit

REF = re.compile(r"LicenseRef-[A-Za-z0-9.-]+")


@dataclass(frozen=True, slots=True)
class Group:
    """The items that are under one licence."""

    concluded: str
    declared: str
    verdict: str
    category: str
    items: int


def groups(audit: "Audit") -> list[Group]:
    """Return the licence groups of the items, the largest first; none where only the dataset was audited."""
    names = ["license_concluded", "license_declared", "verdict", "category", "level"]
    counted = audit.findings.to_table(columns=names).group_by(names).aggregate([([], "count_all")])
    rows = [row for row in counted.to_pylist() if row["level"] != "dataset"]
    found = [Group(*(r[n] for n in (*names[:4], "count_all"))) for r in rows]
    return sorted(found, key=lambda g: (-g.items, g.concluded, g.declared, g.verdict, g.category))


def urn(info: dict[str, Any]) -> str:
    """Return a name for what this audit says: the same for the same audit."""
    mark = hashlib.sha256(f"{info['target']} {info['digest']} {info['finished']}".encode()).hexdigest()[:32]
    return f"urn:auditor:{mark}"


def references(expressions: Iterable[str]) -> list[str]:
    """Return the LicenseRef- ids that expressions use."""
    return sorted({ref for expression in expressions for ref in REF.findall(expression)})


def words(ref: str) -> str:
    """Return what a LicenseRef- stands for: its definition where it is one of ours, the words it rests on, or that it wasn't read."""
    from auditor.policy import terms

    return terms(ref).words or f"Known as {ref.removeprefix('LicenseRef-')}; its text was not read."


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file or answer that the first pass rests on, and its hash then; `path` where it lies as a file."""

    locator: str
    sha256: str
    path: Path | None


def evidence(audit: "Audit") -> list[Evidence]:
    """Return what the first pass rests on, each once, in the order of fetching."""
    import pyarrow.dataset as ds

    from auditor.schema import PAGE
    from auditor.store import path_of

    pages = sorted((audit.folder / "pages").glob("pages-*.parquet"))
    found: dict[tuple[str, str], Evidence] = {}
    for row in ds.dataset(pages, schema=PAGE).to_table(columns=["locator", "sha256", "path"]).to_pylist():
        if row["sha256"]:
            where = path_of(row, audit.folder)
            found.setdefault(
                (row["locator"], row["sha256"]), Evidence(row["locator"], row["sha256"], Path(where) if where else None)
            )
    return list(found.values())


def url(info: dict[str, Any]) -> str | None:
    """Return the URL that was audited, or None for a file or name."""
    return info["target"] if str(info["target"]).startswith(("http://", "https://")) else None
