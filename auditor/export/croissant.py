"""Croissant 1.1: the dataset with the licences of its items, the conditions of use that they bring, what it was derived from, and the
findings as a record set. Its paths start from where it is written (`-o`), else from the audit's folder.

https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html. `license` lists what the items are under, of which all apply; the
terms of use are words, and a term of the Data Use Ontology where one says the same (DUO_0000042: general research use).
"""

import json
from typing import TYPE_CHECKING, Any

from auditor.export import _said as said
from auditor.licensing import spdx_list
from auditor.lineage.trace import of_audit
from auditor.report.section import counted
from auditor.store import Store

if TYPE_CHECKING:
    from auditor.auditing import Audit

FIELDS = ("item_id", "item_url", "title", "creator", "license_concluded", "category", "verdict")
PARQUET = "application/x-parquet"  # as mlcroissant and the hosts name it
USES: dict[str, dict[str, str]] = {
    "non-commercial": {"name": "non-commercial use only"},
    "academic-only": {
        "name": "academic or research use only",
        "termCode": "DUO:0000042",
        "url": "http://purl.obolibrary.org/obo/DUO_0000042",
    },
}
CR = (
    "arrayShape citeAs column containedIn equivalentProperty extract field fileObject fileProperty fileSet format includes isArray"
    " isLiveDataset jsonPath key md5 parentField path recordSet references regex repeated replace samplingRate separator source"
    " subField transform"
)
# The context of the specification, as mlcroissant 1.1 writes it, with PROV's prefix.
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "conformsTo": "dct:conformsTo",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "prov": "http://www.w3.org/ns/prov#",
    "description": {"@container": "@language"},
    "name": {"@container": "@language"},
    **{word: f"cr:{word}" for word in CR.split()},
}


def render(audit: "Audit", form: str, root: str) -> str:
    """Return the description as JSON-LD."""
    info, groups = audit.info, said.groups(audit)
    whole = info["dataset"]["conclusion"]
    concluded = list(dict.fromkeys(g.concluded for g in groups)) or [whole["license_concluded"]]
    binding = {g.category for g in groups} or {whole["category"]}
    node = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "name": audit.title,
        "description": _description(audit, groups),
        "url": said.url(info),
        "license": [license_of(c) for c in concluded],
        "usageInfo": [
            {"@type": "DefinedTerm"} | use for c, use in USES.items() if c in binding | {whole["access_category"]}
        ],
        "prov:wasDerivedFrom": [{"@id": o} for o in origins(audit)],
        **_findings(audit, root, items=bool(groups)),
    }
    return json.dumps({k: v for k, v in node.items() if v}, indent=1, ensure_ascii=False) + "\n"


def license_of(expression: str) -> Any:
    """Return a licence as schema.org has it: the URL of an id that SPDX lists, else a work of that name and words."""
    if expression in spdx_list.load():
        return f"https://spdx.org/licenses/{expression}"
    text = [f"{ref}: {said.words(ref)}" for ref in said.references([expression])]
    return {"@type": "CreativeWork", "name": expression} | ({"description": " ".join(text)} if text else {})


def origins(audit: "Audit") -> list[str]:
    """Return what the dataset as a whole was derived from, by name or URL."""
    lineage = of_audit(audit.folder, items=False)
    return list(dict.fromkeys(step.parent for step in lineage.parents(lineage.root)))


def _description(audit: "Audit", groups: list[said.Group]) -> str:
    info = audit.info
    items = sum(g.items for g in groups)
    free = sum(g.items for g in groups if g.verdict == "free")
    what = (
        f"{counted(items)}, {free} of them free" if groups else f"as a whole {info['dataset']['conclusion']['verdict']}"
    )
    return f"{audit.title}, as audited by auditor {info['auditor']} on {info['finished'][:10]}: {what} under the policy {info['policy']}."


def _findings(audit: "Audit", root: str, items: bool) -> dict[str, Any]:
    """Return the findings as files, and as a record set with the licence of each item."""
    parts = sorted(Store(audit.folder).parts(), key=lambda p: p.name)
    files: list[dict[str, Any]] = [
        {
            "@type": "cr:FileObject",
            "@id": f"{root}findings/{p.name}",
            "name": p.name,
            "contentUrl": f"{root}findings/{p.name}",
            "encodingFormat": PARQUET,
            "sha256": p.sha256,
        }
        for p in parts
    ]
    kind, name = "fileObject", f"{root}findings/{parts[0].name}" if parts else ""
    if len(parts) > 1:
        kind, name = "fileSet", "findings"
        files = [
            {
                "@type": "cr:FileSet",
                "@id": name,
                "name": name,
                "includes": f"{root}findings/*.parquet",
                "encodingFormat": PARQUET,
            }
        ]
    fields = [
        {
            "@type": "cr:Field",
            "@id": f"items/{column}",
            "name": column,
            "dataType": "sc:Text",
            "source": {kind: {"@id": name}, "extract": {"column": column}},
        }
        for column in FIELDS
    ]
    records = {"@type": "cr:RecordSet", "@id": "items", "name": "items", "field": fields}
    return {"distribution": files, "recordSet": [records] if items and parts else []}
