"""SPDX 2.3 through spdx-tools: the dataset as a package, and one package for each group of items under one licence.

Items are not listed as files, since their bytes were not read: `filesAnalyzed` is false (SPDX 2.3, clause 7.8).
"""

import hashlib
import io
import re
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, TextIO

from license_expression import LicenseExpression, get_spdx_licensing
from spdx_tools.spdx.model import (
    Actor,
    ActorType,
    CreationInfo,
    Document,
    ExtractedLicensingInfo,
    Package,
    Relationship,
    RelationshipType,
    SpdxNoAssertion,
    SpdxNone,
    Version,
)
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document
from spdx_tools.spdx.writer.json import json_writer
from spdx_tools.spdx.writer.tagvalue import tagvalue_writer

from auditor.errors import AuditError

if TYPE_CHECKING:
    from auditor.auditing import Audit

REF = re.compile(r"LicenseRef-[A-Za-z0-9.-]+")


def render(audit: "Audit", form: str) -> str:
    """Return the document as JSON or tag-value; AuditError where spdx-tools' validator finds a fault in it."""
    document = document_of(audit)
    faults = validate_full_spdx_document(document)
    if faults:
        raise AuditError(
            f"the SPDX document of {audit.folder} is not valid ({faults[0].validation_message}): please report it."
        )
    out: TextIO = io.StringIO()
    if form == "spdx-json":
        json_writer.write_document_to_stream(document, out, validate=False)
    else:
        tagvalue_writer.write_document(document, out)
    return out.getvalue() if isinstance(out, io.StringIO) else ""


def document_of(audit: "Audit") -> Document:
    """Return the SPDX document of an audit."""
    info = audit.info
    groups = list(_groups(audit))
    whole = info["dataset"]["conclusion"]
    dataset = _package(
        "SPDXRef-Dataset", info["target"], whole["license_concluded"], whole["license_declared"], whole["reason"]
    )
    packages, related = [dataset], [Relationship("SPDXRef-DOCUMENT", RelationshipType.DESCRIBES, "SPDXRef-Dataset")]
    for number, (concluded, declared, verdict, items) in enumerate(groups):
        name = f"{info['target']}: {items} items, {concluded}"
        packages.append(
            _package(f"SPDXRef-Items-{number}", name, concluded, declared, f"verdict under {info['policy']}: {verdict}")
        )
        related.append(Relationship("SPDXRef-Dataset", RelationshipType.CONTAINS, f"SPDXRef-Items-{number}"))
    used = {r for p in packages for e in (p.license_concluded, p.license_declared) for r in REF.findall(str(e))}
    return Document(
        _creation(info),
        packages=packages,
        relationships=related,
        extracted_licensing_info=[_extracted(r) for r in sorted(used)],
    )


def _creation(info: dict[str, Any]) -> CreationInfo:
    mark = hashlib.sha256(f"{info['target']} {info['digest']} {info['finished']}".encode()).hexdigest()[:32]
    return CreationInfo(
        spdx_version="SPDX-2.3",
        spdx_id="SPDXRef-DOCUMENT",
        name=f"Licences of {info['target']}",
        document_namespace=f"urn:auditor:{mark}",
        creators=[Actor(ActorType.TOOL, f"auditor-{info['auditor']}")],
        created=datetime.fromisoformat(info["finished"]).replace(tzinfo=None),
        license_list_version=Version(*(int(v) for v in info["spdx_list"].split(".")[:2])),
    )


def _groups(audit: "Audit") -> Iterator[tuple[str, str, str, int]]:
    table = audit.findings.to_table(columns=["license_concluded", "license_declared", "verdict"])
    counted = table.group_by(["license_concluded", "license_declared", "verdict"]).aggregate([([], "count_all")])
    rows = [tuple(row.values()) for row in counted.to_pylist()]
    yield from sorted(((c, d, v, n) for c, d, v, n in rows), key=lambda r: (-r[3], r))


def _package(ref: str, name: str, concluded: str, declared: str, comment: str) -> Package:
    return Package(
        spdx_id=ref,
        name=name,
        download_location=SpdxNoAssertion(),
        files_analyzed=False,
        license_concluded=_expression(concluded),
        license_declared=_expression(declared),
        license_comment=comment,
        copyright_text=SpdxNoAssertion(),
    )


def _expression(said: str) -> "LicenseExpression | SpdxNone | SpdxNoAssertion":
    """Return an expression as spdx-tools takes it; ids newer than its list become references with their own text."""
    if said == "NONE":
        return SpdxNone()
    if said == "NOASSERTION":
        return SpdxNoAssertion()
    licensing = get_spdx_licensing()
    unknown = licensing.unknown_license_keys(said)
    for key in (k for k in unknown if not REF.fullmatch(k)):
        said = re.sub(rf"(?<![\w.-]){re.escape(key)}(?![\w.-])", f"LicenseRef-{key.replace('+', 'plus')}", said)
    said = re.sub(r"(LicenseRef-[\w.-]*)\+", r"\1plus", said)
    return licensing.parse(said)


def _extracted(ref: str) -> ExtractedLicensingInfo:
    from auditor.policy import terms

    name = ref.removeprefix("LicenseRef-")
    known = terms(ref)
    words = known.words or f"Known as {name}; its text was not read."
    return ExtractedLicensingInfo(license_id=ref, extracted_text=words, license_name=name)
