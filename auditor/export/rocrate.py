"""RO-Crate 1.1: the audit's folder as a crate, with its files, the dataset that was audited and the action that made the findings.

The crate is the folder that it is written into (`-o AUDIT/ro-crate-metadata.json`). The dataset is a part of the crate under the
licences of its items, of which all apply; the audit's own files state none: findings are facts, and evidence is its makers'
(https://www.researchobject.org/ro-crate/specification/1.1/).
"""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from auditor.export import _said as said
from auditor.export.croissant import license_of, origins
from auditor.store import Store

if TYPE_CHECKING:
    from auditor.auditing import Audit

PROFILE = "https://w3id.org/ro/crate/1.1"
MEDIA = {".parquet": "application/vnd.apache.parquet", ".json": "application/json", ".jsonl": "application/jsonl"}
OWN = {
    "audit.json": "What was asked, with which versions, and what is said of the dataset as a whole.",
    "parts.jsonl": "The parts of the findings, with their SHA-256.",
}


def render(audit: "Audit", form: str, root: str) -> str:
    """Return the crate's metadata as JSON-LD."""
    info = audit.info
    files = [entity | {"@id": root + entity["@id"]} for entity in _files(audit)]
    data, licenses = _dataset(audit)
    tool = {"@id": "#auditor", "@type": "SoftwareApplication", "name": "auditor", "version": info["auditor"]}
    action = {
        "@id": "#audit",
        "@type": "CreateAction",
        "name": f"Audit of {audit.title}",
        "startTime": info["started"],
        "endTime": info["finished"],
        "instrument": {"@id": tool["@id"]},
        "object": {"@id": data["@id"]},
        "result": _single([{"@id": f["@id"]} for f in files if f["@id"].startswith(f"{root}findings/")]),
        "description": f"Under the policy {info['policy']}, with the SPDX licence list {info['spdx_list']}; digest {info['digest']}.",
    }
    crate = {
        "@id": "./",
        "@type": "Dataset",
        "name": f"Audit of {audit.title}",
        "description": "Says item by item whether a dataset is free, and why, with the evidence.",
        "datePublished": datetime.fromisoformat(info["finished"]).date().isoformat(),
        "license": "No licence is stated for the audit: its findings are facts, and its evidence is its makers'.",
        "hasPart": [{"@id": f["@id"]} for f in (*files, data)],
        "mentions": {"@id": action["@id"]},
    }
    descriptor = {
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        "conformsTo": {"@id": PROFILE},
        "about": {"@id": "./"},
    }
    graph = [descriptor, crate, data, *licenses, action, tool, *files]
    return json.dumps({"@context": f"{PROFILE}/context", "@graph": graph}, indent=1, ensure_ascii=False) + "\n"


def _dataset(audit: "Audit") -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the entity of the dataset that was audited, and those of its licences."""
    info, groups = audit.info, said.groups(audit)
    concluded = list(dict.fromkeys(g.concluded for g in groups)) or [info["dataset"]["conclusion"]["license_concluded"]]
    licenses = [_license(c) for c in concluded]
    one: dict[str, Any] = {
        "@id": said.url(info) or f"{said.urn(info)}/",
        "@type": "Dataset",
        "name": audit.title,
        "license": _single([{"@id": entity["@id"]} for entity in licenses]),
    }
    if made := origins(audit):
        one["isBasedOn"] = _single(made)
    return one, licenses


def _single(values: list[Any]) -> Any:
    """Return one value as itself: RO-Crate 1.1 wants no array of one (roc-validator 0.13.0, profile ro-crate-1.1)."""
    return values[0] if len(values) == 1 else values


def _license(expression: str) -> dict[str, Any]:
    """Return the entity of a licence: by its URL where SPDX lists it, else by its name with its words."""
    stated = license_of(expression)
    if isinstance(stated, str):
        return {"@id": stated, "@type": "CreativeWork", "name": expression}
    return {"@id": f"#{expression.replace(' ', '-')}", **stated}


def _files(audit: "Audit") -> Iterable[dict[str, Any]]:
    """Yield the entities of the audit's own files, with size and, of its parts, hash."""
    sums = {f"findings/{p.name}": p.sha256 for p in Store(audit.folder).parts()}
    folders = [audit.folder / "findings", audit.folder / "pages"]
    inside = [f.relative_to(audit.folder).as_posix() for d in folders for f in sorted(d.glob("*.parquet"))]
    for name in (*OWN, *(n for n in inside if n.startswith("pages/") or n in sums)):
        file = audit.folder / name
        if not file.is_file():
            continue
        entity = {"@id": name, "@type": "File", "name": name, "contentSize": str(file.stat().st_size)}
        entity["encodingFormat"] = MEDIA[file.suffix]
        entity["description"] = OWN.get(name) or (
            "Findings, one an item." if name in sums else "Evidence, as it was received."
        )
        yield entity | ({"sha256": sums[name]} if name in sums else {})
    if (audit.folder / "pages" / "files").is_dir() and any((audit.folder / "pages" / "files").iterdir()):
        yield {"@id": "pages/files/", "@type": "Dataset", "name": "Evidence that was fetched, as it was received."}
