"""Record sets with a field that speaks of licences: their files, where they lie beside the description, by `table`."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from auditor.errors import BadInput
from auditor.fetch import Get
from auditor.schema import Page
from auditor.sources import _croissant_read as ld
from auditor.sources import table
from auditor.target import Target

SPEAKS = re.compile(r"(?i)licen[sc]e")
LINK = re.compile(r"(?i)ur[li]$")


def pages(target: Target, node: ld.Node, get: Get) -> Iterator[Page]:
    """Yield the tables' pages; say which files of such record sets are not here."""
    if target.path is None:
        return
    resources = {
        ld.identity(r) or str(ld.first(r, "name")): r for r in ld.values(node, "distribution") if isinstance(r, dict)
    }
    for name, columns in _wanted(node).items():
        found = _files(target.path.parent, resources.get(name, {}))
        if not found:
            target.told(
                f"{name}: its column {', '.join(columns.values())} speaks of licences, and its file is not here."
            )
        for file in found:
            place = file.relative_to(target.path.parent.resolve()).as_posix()
            child = replace(
                target, name=f"{target.name}!{place}", path=file, matches=(), columns=columns | dict(target.columns)
            )
            try:
                for page in table.fetch(child, get):
                    yield page.with_(context=page.context | {"place": place})
            except BadInput as error:
                yield Page.of_file("table", file, child.name, context={"broken": str(error), "place": place})


def _wanted(node: ld.Node) -> dict[str, dict[str, str]]:
    """Return resource -> role -> column, for the fields that speak of licences."""
    found: dict[str, dict[str, str]] = {}
    for record in ld.values(node, "recordSet"):
        for field in ld.values(record, "field") if isinstance(record, dict) else ():
            if not isinstance(field, dict) or not _speaks(field):
                continue
            for source in ld.values(field, "source"):
                where = _source(source)
                if where:
                    role = "license_url" if _is_link(field) else "license_text"
                    found.setdefault(where[0], {}).setdefault(role, where[1])
    return found


def _speaks(field: ld.Node) -> bool:
    same = " ".join(str(ld.address(v)) for v in ld.values(field, "equivalentProperty"))
    named = ld.first(field, "name") or ld.identity(field).rsplit("/", 1)[-1]
    return bool(SPEAKS.search(named) or SPEAKS.search(same))


def _is_link(field: ld.Node) -> bool:
    kinds = " ".join(str(t) for t in ld.values(field, "dataType"))
    named = ld.first(field, "name") or ld.identity(field)
    return bool(re.search(r"(?i)(?:^|[:/])ur[li]\b", kinds) or LINK.search(named))


def _source(source: object) -> tuple[str, str] | None:
    """Return resource and column of a field's source: of 1.x an object, of 0.8 `#{resource/column}`."""
    if isinstance(source, str):
        match = re.fullmatch(r"#\{([^/}]+)/([^}]+)\}", source)
        return (match[1], match[2]) if match else None
    if not isinstance(source, dict):
        return None
    if isinstance(source.get("data"), str):
        return _source(source["data"])
    at = next((v for n in ("fileObject", "fileSet", "distribution") for v in ld.values(source, n)), None)
    column = next(
        (c for e in ld.values(source, "extract") if isinstance(e, dict) for c in [ld.first(e, "column")] if c), None
    )
    name = ld.identity(at) if isinstance(at, dict) else ld.text(at)
    return (name, column) if name and column else None


def _files(folder: Path, resource: ld.Node) -> list[Path]:
    """Return the files of a FileObject or FileSet that lie below the description's folder."""
    root = folder.resolve()
    said = [t for name in ("contentUrl", "includes") for t in map(ld.text, ld.values(resource, name)) if t]
    found: list[Path] = []
    for pattern in said:
        if "://" in pattern or pattern.startswith("/") or ".." in pattern.split("/"):
            continue
        found += sorted(f.resolve() for f in root.glob(pattern) if f.is_file())
    return [f for f in dict.fromkeys(found) if f.is_relative_to(root)]
