"""SPDX 2.3 through spdx-tools: the dataset as a package, and one package for each group of items under one licence.

Items are not listed as files, since their bytes were not read: `filesAnalyzed` is false (SPDX 2.3, clause 7.8). Files are what the
findings rest on, where it still has the hash that the audit took of it.
"""

import hashlib
import io
import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, TextIO

from license_expression import LicenseExpression, Licensing, get_spdx_licensing
from spdx_tools.spdx.model import (
    Actor,
    ActorType,
    Checksum,
    ChecksumAlgorithm,
    CreationInfo,
    Document,
    ExtractedLicensingInfo,
    File,
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
from auditor.export import _said as said
from auditor.report.section import counted

if TYPE_CHECKING:
    from auditor.auditing import Audit

OURS = "LicenseRef-auditor-"
FILES, READ = 1_000, 1 << 30  # evidence that is listed, and bytes of it that are read for that


def render(audit: "Audit", form: str, root: str) -> str:
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
    whole = info["dataset"]["conclusion"]
    dataset = _package(
        "SPDXRef-Dataset", audit.title, whole["license_concluded"], whole["license_declared"], whole["reason"]
    )
    packages, related = [dataset], [Relationship("SPDXRef-DOCUMENT", RelationshipType.DESCRIBES, "SPDXRef-Dataset")]
    for number, group in enumerate(said.groups(audit)):
        name = f"{audit.title}: {counted(group.items)}, {group.concluded}"
        comment = f"verdict under {info['policy']}: {group.verdict}"
        packages.append(_package(f"SPDXRef-Items-{number}", name, group.concluded, group.declared, comment))
        related.append(Relationship("SPDXRef-Dataset", RelationshipType.CONTAINS, f"SPDXRef-Items-{number}"))
    files = list(_files(audit))
    for file in files:
        why = "The findings rest on it."
        related.append(Relationship(file.spdx_id, RelationshipType.OTHER, "SPDXRef-Dataset", why))
    used = said.references(str(e) for p in packages for e in (p.license_concluded, p.license_declared))
    return Document(
        _creation(info, audit.title),
        packages=packages,
        files=files,
        relationships=related,
        extracted_licensing_info=[_extracted(r) for r in used],
    )


def _creation(info: dict[str, Any], title: str) -> CreationInfo:
    return CreationInfo(
        spdx_version="SPDX-2.3",
        spdx_id="SPDXRef-DOCUMENT",
        name=f"Licences of {title}",
        document_namespace=said.urn(info),
        creators=[Actor(ActorType.TOOL, f"auditor-{info['auditor']}")],
        created=datetime.fromisoformat(info["finished"]).replace(tzinfo=None),
        license_list_version=Version(*(int(v) for v in info["spdx_list"].split(".")[:2])),
    )


def _files(audit: "Audit") -> Iterator[File]:
    """Yield the files that the findings rest on, read once more: SPDX 2.3 asks for their SHA-1 too (clause 8.4)."""
    left = READ
    for number, one in enumerate(e for e in said.evidence(audit)[:FILES] if e.path is not None and e.path.is_file()):
        assert one.path is not None
        left -= one.path.stat().st_size
        if left < 0:
            return
        sha1, sha256 = hashlib.sha1(usedforsecurity=False), hashlib.sha256()
        with one.path.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                sha1.update(chunk)
                sha256.update(chunk)
        if sha256.hexdigest() == one.sha256:
            sums = ((ChecksumAlgorithm.SHA1, sha1.hexdigest()), (ChecksumAlgorithm.SHA256, one.sha256))
            yield File(
                name=f"./{one.path.name}",
                spdx_id=f"SPDXRef-Evidence-{number}",
                checksums=[Checksum(algorithm, value) for algorithm, value in sums],
                license_concluded=SpdxNoAssertion(),
                copyright_text=SpdxNoAssertion(),
                comment=one.locator,
            )


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


def _expression(words: str) -> "LicenseExpression | SpdxNone | SpdxNoAssertion":
    """Return an expression as spdx-tools takes it; ids newer than its list become references with their own text.

    Its index takes some references for listed licences (LicenseRef-Apache for Apache-2.0): those get our name in theirs.
    """
    if words == "NONE":
        return SpdxNone()
    if words == "NOASSERTION":
        return SpdxNoAssertion()
    licensing = _licensing()
    unknown = licensing.unknown_license_keys(words)
    for key in (k for k in unknown if not said.REF.fullmatch(k)):
        words = re.sub(rf"(?<![\w.-]){re.escape(key)}(?![\w.-])", f"LicenseRef-{key.replace('+', 'plus')}", words)
    words = re.sub(r"(LicenseRef-[\w.-]*)\+", r"\1plus", words)
    return licensing.parse(
        said.REF.sub(lambda ref: ref[0] if str(licensing.parse(ref[0])) == ref[0] else _ours(ref[0]), words)
    )


def _ours(ref: str) -> str:
    return ref.replace("LicenseRef-", OURS, 1)


@cache
def _licensing() -> Licensing:
    """Return the parser of expressions, built once: that takes half a second."""
    return get_spdx_licensing()


def _extracted(ref: str) -> ExtractedLicensingInfo:
    known = ref.replace(OURS, "LicenseRef-", 1)
    name = known.removeprefix("LicenseRef-")
    return ExtractedLicensingInfo(license_id=ref, extracted_text=said.words(known), license_name=name)
