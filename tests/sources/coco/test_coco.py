"""COCO-format files made up here in the form of each exporter, and what must be said of their images."""

import gzip
import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import auditor as package
from auditor.errors import BadInput
from auditor.fetch import Get
from auditor.schema import Page
from auditor.sources import _repository_whole as whole
from auditor.sources import coco
from auditor.target import Target
from tests.conftest import Run

COCO = [
    {
        "id": 1,
        "name": "Attribution-NonCommercial-ShareAlike License",
        "url": "http://creativecommons.org/licenses/by-nc-sa/2.0/",
    },
    {"id": 4, "name": "Attribution License", "url": "http://creativecommons.org/licenses/by/2.0/"},
]
INAT = [
    {
        "id": 1,
        "name": "Attribution-NonCommercial-NoDerivatives License",
        "url": "http://creativecommons.org/licenses/by-nc-nd/4.0/",
    },
    {"id": 4, "name": "Attribution-NoDerivatives License", "url": "http://creativecommons.org/licenses/by-nd/4.0/"},
]
CATEGORIES = [{"id": 3, "name": "kite"}, {"id": 7, "name": "boat"}]


def image(number: int, part: str = "val2017", **more: Any) -> dict[str, Any]:
    name = f"{number:012d}.jpg"
    return {
        "license": 4,
        "file_name": name,
        "coco_url": f"http://images.cocodataset.org/{part}/{name}",
        "date_captured": "2013-11-14 17:02:52",
        "flickr_url": f"http://farm7.staticflickr.com/6116/99{number}_da26cf2c9e_z.jpg",
        "id": number,
    } | more


def write(path: Path, images: Any, licenses: Any = COCO, **more: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    said = {"info": {"description": "made up"}, "licenses": licenses, "images": images} | more
    path.write_text(json.dumps({k: v for k, v in said.items() if v is not ...}), encoding="utf-8")
    return path


def pages(path: Path, told: Callable[[str], None] = lambda _: None) -> list[Page]:
    target = Target(str(path), path, told=told)
    assert coco.knows(target) > 0.5
    return list(coco.fetch(target, Get(path)))


def claims(path: Path) -> list[dict[str, Any]]:
    return [r for p in pages(path) if p.level == "items" for b in coco.parse(p) for r in b.to_pylist()]


def said(path: Path) -> list[tuple[str | None, str | None]]:
    return [(r["license_text"], r["license_url"]) for r in claims(path)]


def test_everything_said_of_an_image(tmp_path: Path) -> None:
    notes = [{"image_id": 5, "category_id": 7}, {"image_id": 5, "category_id": 3}, {"image_id": 5, "category_id": 7}]
    path = write(tmp_path / "instances_val2017.json", [image(5), image(6)], annotations=notes, categories=CATEGORIES)
    first, second = claims(path)
    assert {k: v for k, v in first.items() if v is not None} == {
        "item_id": "coco:val2017:5",
        "row": 0,
        "item_url": "http://images.cocodataset.org/val2017/000000000005.jpg",
        "title": "000000000005.jpg",
        "kind": "image",
        "license_text": "Attribution License",
        "license_url": "http://creativecommons.org/licenses/by/2.0/",
        "vocabulary": "coco",
        "scope": "media",
        "authority": "aggregator",
        "split": "val",
        "label": "kite; boat",
        "was_derived_from": ["flickr:photo:995"],
    }
    assert (second["item_id"], second["row"], second["label"]) == ("coco:val2017:6", 1, None)


def test_an_id_means_what_the_table_of_its_own_file_says(tmp_path: Path) -> None:
    images = [{"id": 9, "file_name": "a/b.jpg", "license": 4, "rights_holder": "Ann Other"}]
    (other,) = claims(write(tmp_path / "val2019.json", images, INAT))
    (own,) = claims(write(tmp_path / "instances_val2017.json", [image(1)], COCO))
    assert own["license_url"] == "http://creativecommons.org/licenses/by/2.0/"
    assert other["license_url"] == "http://creativecommons.org/licenses/by-nd/4.0/"
    assert (other["item_id"], other["creator"], other["split"]) == ("val2019:9", "Ann Other", "val")


NC = ("NC", "https://creativecommons.org/licenses/by-nc/4.0/")
BY = ("Attribution License", "http://creativecommons.org/licenses/by/2.0/")
NO_ID, NO_TABLE = "this file's table of licenses has no such id", "this file has no table of licenses"


@pytest.mark.parametrize(
    ("table", "value", "expected"),
    [
        pytest.param([{"id": 0, "name": "", "url": ""}], 0, [(None, None)], id="CVAT: an empty licence"),
        pytest.param([{"id": 0, "name": None, "url": None}], 0, [(None, None)], id="labelme: a null licence"),
        pytest.param([{"id": 1, "name": "NC", "url": NC[1]}], 1, [NC], id="Roboflow: stamped by the exporter"),
        pytest.param([{"id": "1", "name": "NC", "url": NC[1]}], 1, [NC], id="the table's id is a string"),
        pytest.param([{"id": 1, "name": "NC", "url": NC[1]}], "1", [NC], id="the image's id is a string"),
        pytest.param([{"id": "", "name": "NC", "url": NC[1]}], "", [(None, None)], id="empty ids"),
        pytest.param([{"id": "nc", "name": "NC", "url": NC[1]}], "nc", [NC], id="a word as id"),
        pytest.param(COCO, 9, [(f"license 9: {NO_ID}", None)], id="an id the table has not"),
        pytest.param(COCO, 0, [(f"license 0: {NO_ID}", None)], id="zero is no position"),
        pytest.param(COCO, True, [(f"license true: {NO_ID}", None)], id="true is not 1"),
        pytest.param(COCO, 4.5, [(f"license 4.5: {NO_ID}", None)], id="4.5 is not 4"),
        pytest.param(COCO, 4.0, [BY], id="4.0 is 4"),
        pytest.param([], 4, [(f"license 4: {NO_TABLE}", None)], id="an empty table"),
        pytest.param(None, 4, [(f"license 4: {NO_TABLE}", None)], id="a null table"),
        pytest.param(..., "4", [(f"license 4: {NO_TABLE}", None)], id="no table at all"),
        pytest.param({"id": 4}, 4, [(f"license 4: {NO_TABLE}", None)], id="a table that is no list"),
        pytest.param(["CC BY", 4], 4, [(f"license 4: {NO_TABLE}", None)], id="a table of words"),
        pytest.param(COCO, None, [(None, None)], id="null"),
        pytest.param(COCO, ..., [(None, None)], id="missing"),
        pytest.param(COCO, "CC BY-NC 3.0", [("CC BY-NC 3.0", None)], id="words of its own"),
        pytest.param(COCO, NC[1], [(None, NC[1])], id="a URL of its own"),
        pytest.param([], {"name": "NC", "url": NC[1]}, [NC], id="an object of its own"),
        pytest.param([], {"image": 1}, [('{"image":1}', None)], id="an object of another kind"),
        pytest.param(COCO, [4, 9], [BY, (f"license 9: {NO_ID}", None)], id="several"),
        pytest.param(
            [*COCO, {"id": 4, "name": "NC", "url": NC[1]}], 4, [BY, NC], id="two entries of one id: both, so a conflict"
        ),
    ],
)
def test_what_a_license_says(tmp_path: Path, table: Any, value: Any, expected: list[Any]) -> None:
    one = image(5)
    one.pop("license")
    path = write(tmp_path / "x.json", [one | ({} if value is ... else {"license": value}), image(6, license=1)], table)
    rows = claims(path)
    assert [(r["license_text"], r["license_url"]) for r in rows if r["row"] == 0] == expected
    assert {r["item_id"] for r in rows if r["row"] == 0} == {"coco:val2017:5"}
    assert [r["item_id"] for r in rows if r["row"] == 1] == ["coco:val2017:6"]


def test_words_of_the_image_stand_beside_its_id(tmp_path: Path) -> None:
    images = [image(5, license_name="CC BY-NC", license_url=NC[1]), image(6), image(7, license=None, licence="MIT")]
    assert said(write(tmp_path / "x.json", images)) == [BY, ("CC BY-NC", NC[1]), BY, ("MIT", None)]


def test_what_is_not_resolved_is_never_free(tmp_path: Path) -> None:
    ids = [0, 9, None, "", "4 or 5", True, [], {}, "?", [4, 1], {"id": 2}]
    path = write(tmp_path / "x.json", [image(n, license=v) for n, v in enumerate(ids)], [*COCO, {"id": 0, "name": ""}])
    found = package.audit(str(path), tmp_path / "a").findings.to_table()
    assert found.num_rows == len(ids)
    assert "free" not in found.column("verdict").to_pylist()
    assert set(found.column("license_declared").to_pylist()) == {"NONE", "NOASSERTION"}


FORMS: dict[str, tuple[dict[str, Any], list[tuple[str, str | None]]]] = {
    "captions": ({"annotations": [{"image_id": 5, "id": 1, "caption": "a kite"}]}, [("coco:val2017:5", None)]),
    "person_keypoints": (
        {"annotations": [{"image_id": 5, "keypoints": [0, 0, 0], "category_id": 3}], "categories": CATEGORIES},
        [("coco:val2017:5", "kite")],
    ),
    "panoptic": (
        {
            "annotations": [
                {
                    "image_id": 5,
                    "file_name": "5.png",
                    "segments_info": [{"id": 1, "category_id": 7}, {"id": 2, "category_id": 9}],
                }
            ],
            "categories": CATEGORIES,
        },
        [("coco:val2017:5", "boat")],
    ),
    "image_info": ({"categories": CATEGORIES}, [("coco:val2017:5", None)]),
    "instances": (
        {
            "annotations": [{"image_id": "5", "category_id": "3"}, {"image_id": None, "category_id": 3}],
            "categories": CATEGORIES,
        },
        [("coco:val2017:5", "kite")],
    ),
}


@pytest.mark.parametrize("kind", FORMS)
def test_every_kind_of_annotation_lists_the_same_images(tmp_path: Path, kind: str) -> None:
    more, expected = FORMS[kind]
    rows = claims(write(tmp_path / "annotations" / f"{kind}_val2017.json", [image(5)], **more))
    assert [(r["item_id"], r["label"]) for r in rows] == expected


def test_lvis_gives_images_by_their_coco_url(tmp_path: Path) -> None:
    lvis = {k: v for k, v in image(5, "train2017", not_exhaustive_category_ids=[3]).items() if k != "file_name"}
    (row,) = claims(write(tmp_path / "lvis_v1_val.json", [lvis]))
    assert (row["item_id"], row["split"], row["title"]) == ("coco:train2017:5", "val", None)


def test_older_urls_and_file_names_give_the_same_id(tmp_path: Path) -> None:
    name = "COCO_val2014_000000000005.jpg"
    forms = [
        image(5, "val2014", file_name=name, coco_url=f"http://images.cocodataset.org/val2014/{name}"),
        image(5, file_name=name, coco_url="http://mscoco.org/images/5"),
        image(5, file_name=name, coco_url=None),
        image(1, file_name="a.jpg", coco_url=f"https://images.cocodataset.org/val2014/{name}"),
    ]
    ids = [claims(write(tmp_path / "x.json", [f]))[0]["item_id"] for f in forms]
    assert ids == ["coco:val2014:5"] * 4


def test_a_file_stripped_of_urls_still_lists_cocos_images(tmp_path: Path) -> None:
    bare = {"id": 5, "file_name": "000000000005.jpg"}
    assert claims(write(tmp_path / "captions_val2017.json", [bare]))[0]["item_id"] == "coco:val2017:5"
    assert claims(write(tmp_path / "mine_val.json", [bare]))[0]["item_id"] == "mine_val:5"


@pytest.mark.parametrize(
    "order", list(itertools.permutations(["info", "licenses", "images", "annotations", "categories"]))
)
def test_keys_in_any_order(tmp_path: Path, order: tuple[str, ...]) -> None:
    notes = [{"segmentation": [[float(n)] * 9], "image_id": 5, "category_id": 3, "id": n} for n in range(3000)]
    whole = {"info": {}, "licenses": COCO, "images": [image(5)], "annotations": notes, "categories": CATEGORIES}
    path = tmp_path / "instances_val2017.json"
    path.write_text(json.dumps({k: whole[k] for k in order}, indent=1))
    assert coco.knows(Target(str(path), path)) > 0.9
    assert [(r["item_id"], r["label"], r["license_url"]) for r in claims(path)] == [("coco:val2017:5", "kite", BY[1])]


def test_ids_are_never_shared_within_a_file_and_never_missing(tmp_path: Path) -> None:
    images = [{"id": "a", "file_name": "1.jpg"}, {"id": "a", "file_name": "2.jpg"}, {"id": "a~2", "file_name": "3.jpg"}]
    images += [{"id": 1, "file_name": "4.jpg"}, {"file_name": "5.jpg"}, {"height": 3}, {"id": 1.5}, {"id": ["x"]}]
    rows = claims(write(tmp_path / "sub" / "labels.json", images))
    assert [r["item_id"] for r in rows] == [
        *(
            "images:a",
            "images:a~2",
            "images:a~2~2",
            "images:1",
            "images:5.jpg",
            "labels.json#5",
            "images:1.5",
            "images:x",
        ),
    ]


def test_files_on_the_same_images_are_one_audit_with_each_image_once(tmp_path: Path) -> None:
    folder = tmp_path / "set" / "annotations"
    notes = {"annotations": [{"image_id": 5, "category_id": 3}], "categories": CATEGORIES}
    write(folder / "instances_val2017.json", [image(5), image(6, license=1)], **notes)
    write(
        folder / "captions_val2017.json", [image(6, license=1), image(5)], annotations=[{"image_id": 5, "caption": "x"}]
    )
    write(folder / "instances_train2017.json", [image(7, "train2017")])
    (folder / "notes.json").write_text('{"a": [1]}')
    found = package.audit(str(tmp_path / "set"), tmp_path / "a").findings.to_table().sort_by("item_id")
    assert found.select(["item_id", "split", "label", "license_concluded"]).to_pylist() == [
        {"item_id": "coco:train2017:7", "split": "train", "label": None, "license_concluded": "CC-BY-2.0"},
        {"item_id": "coco:val2017:5", "split": "val", "label": "kite", "license_concluded": "CC-BY-2.0"},
        {"item_id": "coco:val2017:6", "split": "val", "label": None, "license_concluded": "CC-BY-NC-SA-2.0"},
    ]


def test_files_that_disagree_on_an_image_conflict(tmp_path: Path) -> None:
    write(tmp_path / "set" / "instances_val2017.json", [image(5, license=4)])
    write(tmp_path / "set" / "captions_val2017.json", [image(5, license=1)])
    (row,) = package.audit(str(tmp_path / "set"), tmp_path / "a").findings.to_table().to_pylist()
    assert (row["license_concluded"], row["category"]) == ("NOASSERTION", "non-commercial")
    assert "by/2.0" in row["conflict"] and "by-nc-sa/2.0" in row["conflict"]


def test_the_same_id_in_another_split_or_set_is_another_image(tmp_path: Path) -> None:
    places = ["a/train", "a/valid", "b/train"]
    for place in places:
        write(tmp_path / "set" / place / "_annotations.coco.json", [{"id": 0, "file_name": "0.jpg", "license": 4}])
    rows = [r for p in pages(tmp_path / "set") for b in coco.parse(p) for r in b.to_pylist()]
    assert [(r["item_id"], r["split"]) for r in rows] == [
        ("a/train:0", "train"),
        ("a/valid:0", "val"),
        ("b/train:0", "train"),
    ]


def test_who_says_it(tmp_path: Path) -> None:
    images = [
        {"id": 0, "file_name": "0.jpg", "license": 4},
        image(5),
        {"id": 2, "file_name": "b", "rights_holder": "Ann"},
    ]
    rows = claims(write(tmp_path / "x.json", images))
    assert [r["authority"] for r in rows] == ["uploader", "aggregator", "aggregator"]


def test_what_the_file_says_of_itself_speaks_of_its_annotations(tmp_path: Path) -> None:
    info = {"license": {"name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"}, "year": 2020}
    info |= {"rights": "(c) Ann", "description": "boats, licensed to nobody", "contributor": "Ben"}
    path = write(tmp_path / "x.json", [image(5)], info=info)
    first, second = pages(path)
    assert (first.level, second.level) == ("dataset", "items")
    rows = [r for b in coco.parse(first) for r in b.to_pylist()]
    assert {(r["scope"], r["authority"]) for r in rows} == {("annotations", "dataset")}
    assert [(r["license_text"], r["license_url"]) for r in rows] == [
        ("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/"),
        ("(c) Ann", None),
        ("boats, licensed to nobody", None),
    ]


def test_what_looks_like_a_statement_and_is_not_used_is_said(tmp_path: Path) -> None:
    told: list[str] = []
    pages(write(tmp_path / "x.json", [{"id": 1, "file_name": "a", "copyright_note": "(c)"}]), told.append)
    pages(write(tmp_path / "y.json", [{"id": 1, "file_name": "a"}]), told.append)
    pages(
        write(tmp_path / "z.json", [{"id": 1, "file_name": "a", "license": ""}], [{"id": "", "name": "MIT"}]),
        told.append,
    )
    pages(write(tmp_path / "fine.json", [{"id": 1, "file_name": "a"}], [{"id": 0, "name": "", "url": ""}]), told.append)
    assert told == [
        "x.json: `copyright_note` of its images looks like a licence statement and was not used",
        "y.json: it has a table of licences, but its first image refers to none of them",
        "z.json: it has a table of licences, but its first image refers to none of them",
    ]


ENCODED: dict[str, Callable[[str], str | bytes]] = {
    "a byte order mark": lambda s: s.encode("utf-8-sig"),
    "UTF-16": lambda s: s.encode("utf-16"),
    "windows-1252": lambda s: s.replace("made up", "fait à la main").encode("windows-1252"),
    "a stray byte": lambda s: s.encode().replace(b"made up", b"made \xff up", 1),
    "half a character": lambda s: s.replace("made up", "made \\ud83d up"),
    "half a character at the end": lambda s: s.replace("made up", "made up \\ud83d"),
    "NaN": lambda s: s.replace('"area": 1', '"area": NaN, "bbox": [-Infinity, Infinity]'),
    "escaped slashes": lambda s: s.replace("/", "\\/"),
    "gzip": lambda s: gzip.compress(s.encode()),
}


@pytest.mark.parametrize("how", ENCODED)
def test_odd_encodings(tmp_path: Path, how: str) -> None:
    notes = [{"image_id": 5, "category_id": 3, "area": 1, "caption": 'NaN, "NaN" is \\ no number'}]
    images = [image(5, rights_holder="made up, -Infinity")]
    path = write(tmp_path / "val2017.json", images, annotations=notes, categories=CATEGORIES)
    plain = claims(path)
    coded = ENCODED[how](path.read_text())
    path = tmp_path / ("val2017.json.gz" if how == "gzip" else "val2017.json")
    path.write_bytes(coded if isinstance(coded, bytes) else coded.encode())
    got = claims(path)
    assert [r | {"creator": None} for r in got] == [r | {"creator": None} for r in plain]
    assert got[0]["creator"].endswith(", -Infinity")


def test_entries_that_cannot_be_read_keep_their_places(tmp_path: Path) -> None:
    notes: list[Any] = [3, {"image_id": 5, "category_id": 3}, {"image_id": 6, "segments_info": "x"}]
    rows = claims(
        write(tmp_path / "val2017.json", [None, image(5), "a.jpg", [1]], annotations=notes, categories=CATEGORIES)
    )
    assert [(r["row"], r["item_id"], r["label"]) for r in rows] == [
        (0, "val2017.json#0", None),
        (1, "coco:val2017:5", "kite"),
        (2, "val2017.json#2", None),
        (3, "val2017.json#3", None),
    ]
    assert [r["error"] for r in rows] == [
        "this entry of `images` is no object: null",
        None,
        'this entry of `images` is no object: "a.jpg"',
        "this entry of `images` is no object: [1]",
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"info": {}, "images": [{"id": 1, "file_name": "a"}, {"id": 2', "ends in the middle of its JSON"),
        ('{"info": {}, "images": [{"id": 1, "file_name": "a"}], "licenses": [}', "is no valid JSON"),
        ('{"info": {}, "images": [{"id": 1, "file_name": "a"}]} {"info": 1}', "is no valid JSON"),
        ('{"info": {}, "licenses": [], "annotations": [], "images": []}', "lists no images"),
        ('[{"image_id": 1, "caption": "a kite"}, {"image_id": 2, "caption": "a boat"}]', "holds COCO results"),
        ('[{"image_id": 1, "category_id": 3, "bbox": [1, 2, 3, 4], "score": 0.2}]', "holds COCO results"),
    ],
)
def test_what_cannot_be_audited_is_said_in_one_sentence(
    tmp_path: Path, auditor: Callable[..., Run], text: str, sentence: str
) -> None:
    path = tmp_path / "some.json"
    path.write_text(text)
    run = auditor("audit", path, "-o", tmp_path / "a")
    assert (run.code, run.out) == (2, "")
    assert str(path) in run.err and sentence in run.err
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "not JSON",
        '{"images": []}',
        '{"images": ["a.jpg", "b.jpg"], "id": 3}',
        '{"images": [{"title": "a", "license": "CC0", "url": "https://x.example/a.jpg", "width": 3}]}',
        '{"images": [{"id": 3, "src": "a"}], "name": "page"}',
        '{"license": {"name": "CC BY"}, "annotations": [{"question_id": 1, "image_id": 2, "answers": []}]}',
        '{"annotations": [{"image_id": 2, "category_id": 1}], "categories": [{"id": 1, "name": "kite"}]}',
        '[{"image_id": 1, "caption": "a kite", "license": "CC0"}]',
        '[{"id": 1, "file_name": "a.jpg", "license": "CC0"}]',
        '{"type": "FeatureCollection", "features": []}',
    ],
)
def test_other_json_is_left_to_others(tmp_path: Path, text: str) -> None:
    path = tmp_path / "some.json"
    path.write_text(text)
    assert coco.knows(Target(str(path), path)) == 0
    with pytest.raises(BadInput, match=r"some\.json"):
        list(coco.fetch(Target(str(path), path), Get(tmp_path)))


def test_a_folder_without_such_files_is_left_to_others(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}")
    assert coco.knows(Target(str(tmp_path), tmp_path)) == 0


def test_a_url_that_is_called_as_coco_calls_its_files(tmp_path: Path) -> None:
    class Answer(Get):
        def file(self, url: str, source: str) -> Page:
            return Page.of_file(source, write(tmp_path / "captions_val2017.json", [image(5)]), url)

    url = "https://data.example/annotations/captions_val2017.json"
    assert coco.knows(Target(url)) > 0.5 > coco.knows(Target("https://data.example/things.json"))
    (page,) = coco.fetch(Target(url), Answer(tmp_path))
    assert page.locator == url
    assert [r["item_id"] for b in coco.parse(page) for r in b.to_pylist()] == ["coco:val2017:5"]


ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | st.sampled_from([1, "4", 4.0]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "name", "url", "image"]), inner, max_size=3)
    ),
    max_leaves=4,
)
FIELDS = ["id", "license", "file_name", "coco_url", "flickr_url", "url", "rights_holder", "license_url", "license_id"]
ENTRY = st.dictionaries(st.sampled_from(FIELDS), ANY) | ANY


@settings(deadline=None)
@given(
    images=st.lists(ENTRY, min_size=1, max_size=6),
    table=ANY | st.lists(ANY, max_size=3),
    notes=ANY | st.lists(ANY, max_size=3),
)
def test_whatever_stands_in_it_every_entry_comes_out_once(
    tmp_path_factory: pytest.TempPathFactory, images: list[Any], table: Any, notes: Any
) -> None:
    text = json.dumps({"licenses": table, "images": images, "annotations": notes, "categories": table})
    context = {"place": "x.json", "part": "", "split": None, "namespace": None, "manifest": None}
    page = Page("coco", "x.json", body=text.encode(), context=context)
    rows = [r for b in coco.parse(page) for r in b.to_pylist()]
    assert [r for r, _ in itertools.groupby(r["row"] for r in rows)] == list(range(len(images)))
    ids = {r["row"]: r["item_id"] for r in rows}
    assert len(set(ids.values())) == len(images) and None not in ids.values()
    assert all((r["error"] is not None) == (not isinstance(images[r["row"]], dict)) for r in rows)


def test_files_of_an_unknown_set_side_by_side_list_each_image_once(tmp_path: Path) -> None:
    """Also among other files, where each is read by the source that knows it best."""
    mine = [{"id": n, "file_name": f"{n}.png", "license": 1} for n in (1, 2)]
    other = [{"id": 1, "file_name": "another.png", "license": 2}]
    for folder, csv in (("alone", False), ("mixed", True)):
        top = tmp_path / folder
        for place, images in {"a/instances_train.json": mine, "a/captions_train.json": mine[::-1]}.items():
            write(top / place, images, categories=CATEGORIES)
        write(top / "b/instances_train.json", other)
        write(top / "a/labels_train.json", [{"id": 2, "file_name": "not the same.png"}])
        if csv:
            (top / "t.csv").write_text("id,license\nx,MIT\nx,CC0-1.0\ntrain:1/1.png,MIT\n")
        done = package.audit(str(top), tmp_path / f"{folder}.out")
        assert done.info["source"] == ("folder" if csv else "coco")
        rows = done.findings.to_table().to_pylist()
        images = [r for r in rows if r["kind"] == "image"]
        assert sorted(r["title"] for r in images) == ["1.png", "2.png", "another.png", "not the same.png"]
        assert len({r["item_id"] for r in rows}) == len(rows) == len(images) + 3 * csv


FREE = [{"id": 1, "name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"}]


@pytest.mark.parametrize(
    ("name", "words", "expected"),
    [
        ("README.dataset.txt", "Provided by a Roboflow user\nLicense: CC BY-NC-SA 4.0\n", "undetermined"),
        ("README.dataset.txt", "Provided by a Roboflow user\nLicense: CC BY 4.0\n", "free"),
        ("README.dataset.txt", "Provided by a Roboflow user\nLicense: see there\n", "free"),
        ("README.md", "# Birds\n## License\nFor non-commercial research only.\n", "undetermined"),
        ("LICENSE.txt", "All rights reserved.\n", "undetermined"),
        ("data.yaml", "names: [bird]\nroboflow:\n  project: birds\n  license: CC BY-NC 4.0\n", "undetermined"),
        ("data.yaml", "names: [bird]\nlicense: Research only\n", "undetermined"),
        ("data.yaml", "names: [bird]\nroboflow:\n  license: CC BY 4.0\n", "free"),
        ("data.yaml", "names: [bird\n", "free"),
    ],
)
@pytest.mark.parametrize("given", ["", "train", "train/_annotations.coco.json", "train/*.json"])
def test_what_the_publisher_forbids_beside_the_file_contradicts_it(
    tmp_path: Path, name: str, words: str, expected: str, given: str
) -> None:
    """Of the set, of one part of it, and of a file alone."""
    own = {"id": 1, "file_name": "a.jpg", "license": 1}
    write(tmp_path / "set" / "train" / "_annotations.coco.json", [own], FREE)
    (tmp_path / "set" / name).write_text(words)
    (row,) = package.audit(str(tmp_path / "set" / given), tmp_path / "a").findings.to_table().to_pylist()
    assert row["verdict"] == expected
    assert (row["conflict"] is None) == (expected == "free")


def test_what_stands_in_the_folder_of_a_part_or_in_the_files_own_words_is_heard(tmp_path: Path) -> None:
    own = {"id": 1, "file_name": "a.jpg", "license": 1}
    said = {
        "train/README.md": "## License\nFor non-commercial research only.\n",
        "train/LICENSE": "All rights reserved.\n",
        "other/LICENSE": "All rights reserved.\n",  # no COCO file lies there
    }
    for number, (name, words) in enumerate(said.items()):
        folder = tmp_path / f"set{number}"
        write(folder / "train" / "_annotations.coco.json", [own], FREE)
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(words)
        (row,) = package.audit(str(folder), tmp_path / f"out{number}").findings.to_table().to_pylist()
        assert row["verdict"] == ("free" if name.startswith("other") else "undetermined"), name
    info = {"description": "Birds. For non-commercial use only, do not redistribute."}
    write(tmp_path / "described.json", [own], FREE, info=info)
    (row,) = package.audit(str(tmp_path / "described.json"), tmp_path / "out").findings.to_table().to_pylist()
    assert row["verdict"] == "undetermined"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("info.txt", "This set may not be used commercially.\nAll rights reserved.\n"),
        ("license.txt", "Non-commercial use only.\n"),
        ("a.jpg.license", "SPDX-License-Identifier: CC-BY-NC-4.0\n"),
        ("a.json.license", "SPDX-License-Identifier: CC-BY-ND-4.0\n"),
    ],
)
def test_notes_and_what_reuse_says_beside_a_file_can_only_restrict(tmp_path: Path, name: str, words: str) -> None:
    write(tmp_path / "set" / "a.json", [{"id": 1, "file_name": "a.jpg", "license": 1}], FREE)
    (tmp_path / "set" / "a.jpg").write_bytes(b"\xff\xd8\xff")
    free = package.audit(str(tmp_path / "set"), tmp_path / "before").findings.to_table()["verdict"].to_pylist()
    (tmp_path / "set" / name).write_text(words)
    for number, chosen in enumerate(("", "a.json")):
        found = package.audit(str(tmp_path / "set" / chosen), tmp_path / f"out{number}").findings.to_table()
        assert (free, found["verdict"].to_pylist()) == (["free"], ["undetermined"]), chosen


def test_what_lies_beside_a_file_alone_never_makes_anything_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "set" / "a.json", [{"id": 1, "file_name": "a.jpg"}], [])
    (tmp_path / "set" / "LICENSE").write_text("CC0 1.0 Universal\nhttps://creativecommons.org/publicdomain/zero/1.0/\n")
    audit = package.audit(str(tmp_path / "set" / "a.json"), tmp_path / "a")
    (row,) = audit.findings.to_table().to_pylist()
    assert (row["verdict"], row["license_concluded"]) == ("undetermined", "NOASSERTION")
    assert audit.info["dataset"]["conclusion"]["verdict"] == "undetermined"
    monkeypatch.chdir(tmp_path / "set")
    pages = list(whole.around(Target("a.json", Path("a.json"))))
    assert [(p.locator, p.context["authority"]) for p in pages] == [("LICENSE", "mention")]
    assert audit.verify()


def test_terms_beside_an_images_licence_can_only_restrict(tmp_path: Path) -> None:
    terms: list[dict[str, Any]] = [
        {"copyright": "All rights reserved"},
        {"rights": "Non-commercial use only"},
        {"usage_terms": ["for research only"]},
        {"copyright": "(c) 2019 Ada"},
        {"rights": "CC0", "license": None},
    ]
    own = {"file_name": "a.jpg", "license": 1}
    path = write(tmp_path / "x.json", [own | {"id": n} | said for n, said in enumerate(terms)], FREE)
    found = package.audit(str(path), tmp_path / "a").findings.to_table().sort_by("item_id").to_pylist()
    assert [r["verdict"] for r in found] == [*["undetermined"] * 3, "free", "undetermined"]
    assert found[3]["copyright_text"] == "(c) 2019 Ada"
