"""SPDX 3.0.1 as JSON-LD through spdx-python-model: the dataset as a DatasetPackage, and one for each group of items under one licence.

Each has exactly one concluded and one declared licence, as the Dataset profile asks
(https://spdx.github.io/spdx-spec/v3.0.1/model/Dataset/Dataset/), and the properties that it asks of a DatasetPackage
(https://spdx.github.io/spdx-spec/v3.0.1/model/Dataset/Classes/DatasetPackage). An audit knows neither when a dataset was built and
released nor, often, by whom and where it can be had: a comment says so where something has to stand.
"""

import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from spdx_python_model import v3_0_1 as spdx

from auditor.export import _said as said
from auditor.report.section import counted

if TYPE_CHECKING:
    from auditor.auditing import Audit

FILES = 1_000  # evidence named one by one; the rest is counted
KINDS = {"image": "image", "photo": "image", "sound": "audio", "audio": "audio", "video": "video", "article": "text"}
UNKNOWN = "When the dataset was built and released is not known to the audit: its own time stands there, as SPDX 3.0.1 asks for one."


def render(audit: "Audit", form: str, root: str) -> str:
    """Return the document as JSON-LD; the model refuses what lacks a property that SPDX requires."""
    out = io.BytesIO()
    spdx.JSONLDSerializer().write(_Document(audit).whole(), out, force_at_graph=True, indent=1, ensure_ascii=False)
    return out.getvalue().decode() + "\n"


@dataclass
class _Document:
    """The elements of one document, each made once."""

    audit: "Audit"
    elements: list[Any] = field(default_factory=list)
    licenses: dict[str, Any] = field(default_factory=dict)

    def whole(self) -> Any:
        """Return the set of all objects."""
        self.info = info = self.audit.info
        self.base = said.urn(info)
        self.when = datetime.fromisoformat(info["finished"]).astimezone(UTC)
        self.created = spdx.CreationInfo(specVersion="3.0.1", created=self.when)
        agent = self.make("SoftwareAgent", "Auditor", name=f"auditor-{info['auditor']}")
        self.created.createdBy = [agent]
        self.maker = self.make("Agent", "Maker", name="not known to the audit")
        groups, types = said.groups(self.audit), self._types()
        conclusion = info["dataset"]["conclusion"]
        dataset = self.package("Dataset", self.audit.title, conclusion, conclusion["reason"], types, info["rows"])
        for number, group in enumerate(groups):
            stated = {"license_concluded": group.concluded, "license_declared": group.declared}
            why = f"Verdict under the policy {info['policy']}: {group.verdict}; category {group.category}."
            name = f"{self.audit.title}: {counted(group.items)}, {group.concluded}"
            part = self.package(f"Items-{number}", name, stated, why, types, group.items)
            self.relate("contains", dataset, [part], f"Items-{number}-of")
        self._evidence(dataset)
        document = self.make("SpdxDocument", "Document", name=f"Licences of {self.audit.title}", rootElement=[dataset])
        document.profileConformance = [
            getattr(spdx.ProfileIdentifierType, p) for p in ("core", "software", "simpleLicensing", "dataset")
        ]
        document.element = [e for e in self.elements if e is not document]
        return spdx.SHACLObjectSet([document, *document.element])

    def make(self, kind: str, place: str, **values: Any) -> Any:
        """Return a new element, with its place in the document's namespace."""
        one = getattr(spdx, kind)(spdxId=f"{self.base}#{place}", creationInfo=self.created, **values)
        self.elements.append(one)
        return one

    def relate(self, kind: str, start: Any, ends: list[Any], name: str) -> None:
        """Relate an element to others."""
        how = getattr(spdx.RelationshipType, kind)
        self.make("Relationship", name, from_=start, to=ends, relationshipType=how)

    def package(self, name: str, title: str, stated: dict[str, Any], why: str, types: list[str], size: int) -> Any:
        """Return a DatasetPackage with its one concluded and one declared licence."""
        where = said.url(self.info)
        unknown = (
            UNKNOWN
            if where
            else f"{UNKNOWN} It was audited as {self.info['target']}; where it can be had is not known."
        )
        made = self.make("dataset_DatasetPackage", name, name=title, comment=f"{why} {unknown}")
        made.dataset_datasetType = [getattr(spdx.dataset_DatasetType, t) for t in types]
        made.dataset_datasetSize = size
        made.software_primaryPurpose = spdx.software_SoftwarePurpose.data
        made.software_downloadLocation = where or "https://spdx.org/rdf/3.0.1/terms/Core/NoAssertionElement"
        made.originatedBy, made.builtTime, made.releaseTime = [self.maker], self.when, self.when
        for kind, word in (("hasConcludedLicense", "license_concluded"), ("hasDeclaredLicense", "license_declared")):
            self.relate(kind, made, [self.license(stated[word])], f"{name}-{kind}")
        return made

    def license(self, expression: str) -> Any:
        """Return the element of a licence expression, or the individual that stands for none or no assertion."""
        individual = {"NONE": "NoneLicense", "NOASSERTION": "NoAssertionLicense"}.get(expression)
        if individual:
            return f"https://spdx.org/rdf/3.0.1/terms/ExpandedLicensing/{individual}"
        if expression not in self.licenses:
            made = self.make(
                "simplelicensing_LicenseExpression",
                f"License-{len(self.licenses)}",
                simplelicensing_licenseExpression=expression,
                simplelicensing_licenseListVersion=self.info["spdx_list"],
            )
            made.simplelicensing_customIdToUri = [
                spdx.DictionaryEntry(key=ref, value=self._text(ref)) for ref in said.references([expression])
            ]
            self.licenses[expression] = made
        return self.licenses[expression]

    def _text(self, ref: str) -> str:
        """Return the id of the element that has the words of a LicenseRef-."""
        if ref not in self.licenses:
            text = {"simplelicensing_licenseText": said.words(ref)}
            self.licenses[ref] = self.make("simplelicensing_SimpleLicensingText", ref, name=ref, **text)
        return f"{self.base}#{ref}"

    def _types(self) -> list[str]:
        kinds: Iterable[str] = self.audit.findings.to_table(columns=["kind"])["kind"].unique().to_pylist()
        return sorted({KINDS.get(k, "noAssertion") for k in kinds}) or ["noAssertion"]

    def _evidence(self, dataset: Any) -> None:
        """Name the files and answers that the findings rest on, each with its hash."""
        every = said.evidence(self.audit)
        files = []
        for number, one in enumerate(every[:FILES]):
            sha256 = spdx.Hash(algorithm=spdx.HashAlgorithm.sha256, hashValue=one.sha256)
            files.append(self.make("software_File", f"Evidence-{number}", name=one.locator, verifiedUsing=[sha256]))
        if files:
            self.relate("hasEvidence", dataset, files, "Evidence")
        if len(every) > FILES:
            dataset.comment += f" {len(every) - FILES} more files are evidence; the audit lists them."
