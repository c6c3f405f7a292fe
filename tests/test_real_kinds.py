"""Every file of the real data that holds items of the three kinds is audited; of some, the licences that an independent reading gives."""

import csv
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

import auditor
from auditor.errors import AuditError
from auditor.streams import unpacked
from tests import kinds

FOLDERS = (
    *("imagenet", "coco", "inaturalist", "wikimedia", "freesound", "esc50", "openverse", "gutenberg", "svg_rdf"),
    *("yfcc100m", "common_voice", "icons"),
)
NO_ITEMS = {  # what lies there and holds no items of a dataset, and why
    r"README|\.md$|LICENSE\.txt|\.tsp$": "prose, and a route for a solver",
    r"\.(html|yml|har|sql|xsd|css)$": "pages and answers of hosts as recorded: evidence that other tests compare with",
    r"\.xml$|\.txt$": "documents of hosts that are no table",
    r"(sums|index|status|sites|multistream-index|SHA|dumpstatus|other-)": "papers of a dump",
    r"imagenet_class_index|synset_words": "words for synsets, no items",
    r"cv-corpus|sps-corpus": "numbers of a release",
    r"results/": "COCO results: predictions for images that another file lists",
    r"pyinaturalist/.*(histogram|taxon_summary|update_|create_|projects)": "numbers, a taxon, an acknowledgement, a project",
    r"\.sqlite$|invalid\.7z$|counts_all": "numbers of photos or of statements, and a file broken on purpose",
    r"openverse/|structured_data/": "parts of hosts' answers on one object, without a list of items",
    r"sql\.gz$|wdtk/": "links between pages, and entities",
}


def files(real_data: Path) -> Iterator[Path]:
    for folder in FOLDERS:
        yield from (p for p in sorted((real_data / folder).rglob("*")) if p.is_file() and p.stat().st_size)


@pytest.mark.slow
def test_every_file_that_holds_items_is_audited(real_data: Path, tmp_path: Path) -> None:
    refused, audited = [], 0
    for number, path in enumerate(files(real_data)):
        place = path.relative_to(real_data).as_posix()
        try:
            done = auditor.audit(str(path), tmp_path / str(number), offline=True)
        except AuditError as error:
            assert "Traceback" not in str(error)
            refused.append(place)
            continue
        report = done.report()
        assert report.items == sum(report.verdicts.values()) == done.findings.count_rows(), place
        if not report.items:  # some of the small dumps hold no page
            with unpacked(path) as stream:
                assert b"<mediawiki" in (text := stream.read()) and b"<page>" not in text, place
        audited += 1
    assert audited > 350
    assert [p for p in refused if not any(re.search(said, p) for said in NO_ITEMS)] == []


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
@pytest.mark.parametrize("folder", [m.name for m in iter_modules(kinds.__path__)])
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


def yfcc100m(path: Path) -> Iterator[str]:
    for line in path.read_text().splitlines()[1:]:
        tool, version = re.search(r"licenses/([a-z-]+)/([\d.]+)/", line).groups()  # type: ignore[union-attr]
        yield f"CC-{tool.upper()}-{version}"


def fsd50k(path: Path) -> Iterator[str]:
    for clip in json.loads(path.read_text()).values():
        tool, version = re.search(r"/(zero|by[a-z-]*|sampling\+)/([\d.]+)/", clip["license"]).groups()  # type: ignore[union-attr]
        warned = "DO NOT" in clip["description"]  # the description contradicts the tag
        yield "NOASSERTION" if warned else "CC0-1.0" if tool == "zero" else f"CC-{tool.upper()}-{version}"


def fsdkaggle2018(path: Path) -> Iterator[str]:
    names = {
        "Attribution": "LicenseRef-CC-BY",
        "Creative Commons 0": "CC0-1.0",
        "Attribution Noncommercial": "LicenseRef-CC-BY-NC",
    }
    with path.open(newline="") as stream:
        yield from (names[row["license"]] for row in csv.DictReader(stream))


READ: dict[str, Callable[[Path], Iterator[str]]] = {
    "yfcc100m/video_licenses.txt": yfcc100m,
    "freesound/FSD50K/eval_clips_info_FSD50K.excerpt.json": fsd50k,
    "freesound/FSDKaggle2018/train_post_competition.csv": fsdkaggle2018,
}


@pytest.mark.parametrize("place", READ)
def test_licences_of_collections(place: str, real_data: Path, tmp_path: Path) -> None:
    done = auditor.audit(str(real_data / place), tmp_path / "out")
    found = Counter(done.findings.to_table().column("license_concluded").to_pylist())
    assert found == Counter(READ[place](real_data / place))


@pytest.mark.parametrize("name", ["validated_sentences.tsv", "test.tsv", "reported.tsv"])
@pytest.mark.parametrize("manifest", [None, "common-voice"])
def test_common_voice_is_not_plainly_free(name: str, manifest: str | None, real_data: Path, tmp_path: Path) -> None:
    """Its CC0 speaks of the whole; the `source` column names books, sites and other corpora."""
    done = auditor.audit(str(real_data / "common_voice/ur_tsv" / name), tmp_path / "out", manifest=manifest)
    assert set(done.findings.to_table().column("verdict").to_pylist()) == {"undetermined"}
