"""Every file of the real data of the three kinds is audited, and compared with an independent reading of it (`tests/kinds`)."""

from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest

import auditor
from auditor.errors import AuditError

FOLDERS = (
    *("imagenet", "coco", "inaturalist", "wikimedia", "freesound", "esc50", "openverse", "gutenberg", "svg_rdf"),
    *("yfcc100m", "common_voice", "icons"),
)


def licences(path: Path, out: Path) -> Counter[str]:
    """How many findings of which licence an audit of the file gives; none where it is refused, in one sentence."""
    try:
        done = auditor.audit(str(path), out, offline=True)
    except AuditError as error:
        assert "\n" not in str(error) and "Traceback" not in str(error)
        return Counter()
    report = done.report()
    assert report.items == sum(report.verdicts.values()) == done.findings.count_rows()
    return Counter(done.findings.to_table(columns=["license_concluded"]).column(0).to_pylist())


@pytest.mark.slow
@pytest.mark.parametrize("folder", FOLDERS)
def test_every_file_has_the_items_and_licences_of_an_independent_reading(
    folder: str, real_data: Path, tmp_path: Path
) -> None:
    reading = import_module(f"tests.kinds.{folder}").reading
    unlike, items = {}, 0
    files = [p for p in sorted((real_data / folder).rglob("*")) if p.is_file() and p.stat().st_size]
    for number, path in enumerate(files):
        found, wanted = licences(path, tmp_path / str(number)), reading(path) or Counter()
        items += found.total()
        if found != wanted:
            unlike[str(path.relative_to(real_data))] = {"too many": found - wanted, "missing": wanted - found}
    assert unlike == {} and items


@pytest.mark.parametrize("name", ["validated_sentences.tsv", "test.tsv", "reported.tsv"])
@pytest.mark.parametrize("manifest", [None, "common-voice"])
def test_common_voice_is_not_plainly_free(name: str, manifest: str | None, real_data: Path, tmp_path: Path) -> None:
    """Its CC0 speaks of the whole; the `source` column names books, sites and other corpora."""
    done = auditor.audit(str(real_data / "common_voice/ur_tsv" / name), tmp_path / "out", manifest=manifest)
    assert set(done.findings.to_table().column("verdict").to_pylist()) == {"undetermined"}
