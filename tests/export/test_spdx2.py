"""What is exported is taken by spdx-tools' own parser and validator, and reads back to the same licences."""

import collections
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

import auditor as library
from tests.conftest import Run

SAID = [
    "CC BY 4.0",
    "CC BY",
    "CC0",
    "",
    "see the web site",
    "http://creativecommons.org/licenses/by/2.1/jp/",
    "MIT AND CC-BY-SA-4.0",
    "GPL-2.0+",
]


# spdx-tools' tag-value parser leaves a file of its own open.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(("form", "suffix"), [("spdx-json", ".spdx.json"), ("spdx-tv", ".spdx")])
def test_read_back(form: str, suffix: str, tmp_path: Path, auditor: Callable[..., Run]) -> None:
    (tmp_path / "t.csv").write_text("id,license\n" + "".join(f"i{i},{SAID[i % 8]}\n" for i in range(40)))
    assert auditor("audit", tmp_path / "t.csv", "-o", tmp_path / "a").code == 0
    out = tmp_path / f"doc{suffix}"
    run = auditor("export", tmp_path / "a", "--format", form, "-o", out)
    assert run.code == 0, run.err
    document = parse_file(str(out))
    assert validate_full_spdx_document(document) == []
    found = collections.Counter(library.Audit(tmp_path / "a").findings.to_table()["license_concluded"].to_pylist())
    totals: collections.Counter[str] = collections.Counter()
    for package in document.packages[1:]:
        totals[str(package.license_concluded)] += int(package.name.rsplit(": ", 1)[1].split()[0])
    assert totals == found
    assert all(p.files_analyzed is False for p in document.packages)
    (file,) = document.files
    body = (tmp_path / "t.csv").read_bytes()
    assert {c.value for c in file.checksums} == {hashlib.sha1(body).hexdigest(), hashlib.sha256(body).hexdigest()}
    assert file.name == "./t.csv" and file.comment == str(tmp_path / "t.csv")
    (tmp_path / "t.csv").write_text("id,license\n")
    assert auditor("export", tmp_path / "a", "--format", form, "-o", out).code == 0
    assert parse_file(str(out)).files == [], "only what has the hash that the audit took of it"


def test_a_reference_is_never_taken_for_a_listed_licence(tmp_path: Path, auditor: Callable[..., Run]) -> None:
    """As license-expression's index takes LicenseRef-Apache for Apache-2.0: no version is guessed (rule 2)."""
    (tmp_path / "t.csv").write_text("id,license\na,Apache License\nb,Apache License OR MIT\nc,Apache-2.0\n")
    assert auditor("audit", tmp_path / "t.csv", "-o", tmp_path / "a").code == 0
    found = set(library.Audit(tmp_path / "a").findings.to_table()["license_concluded"].to_pylist())
    assert "LicenseRef-Apache" in found
    out = tmp_path / "doc.spdx.json"
    assert auditor("export", tmp_path / "a", "--format", "spdx-json", "-o", out).code == 0
    read = {str(p.license_concluded) for p in parse_file(str(out)).packages[1:]}
    assert {r.replace("LicenseRef-auditor-", "LicenseRef-") for r in read} == found
    assert read - {"Apache-2.0"} == {r for r in read if "LicenseRef-auditor-Apache" in r}


def test_an_unknown_format_is_one_sentence(tmp_path: Path, auditor: Callable[..., Run]) -> None:
    run = auditor("export", tmp_path, "--format", "docx")
    assert run.code == 2 and "spdx-json" in run.err
