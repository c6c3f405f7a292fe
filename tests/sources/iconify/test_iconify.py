"""Icon sets in Iconify's format: icons and aliases under their set's licence, and bound by what is said where they come from."""

import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import auditor
from auditor import Audit
from auditor.errors import BadInput
from auditor.licensing import read
from tests.replica.server import Replica

HERE = Path(__file__).parent
LOGOS = "https://github.com/simple-icons/simple-icons"  # a dataset that a manifest knows
CC0 = {"title": "CC0 1.0", "spdx": "CC0-1.0", "url": f"{LOGOS}/blob/develop/LICENSE.md"}


def icon_set(prefix: str, *names: str, **more: Any) -> str:
    return json.dumps({"prefix": prefix, "icons": {n: {"body": "<path/>"} for n in names}} | more)


def block(name: str, url: str, license_: Any) -> dict[str, Any]:
    return {"name": name, "total": 2, "author": {"name": name, "url": url}, "license": license_, "palette": False}


def rows(done: Audit) -> dict[str, dict[str, Any]]:
    return {r["item_id"]: r for r in done.findings.to_table().to_pylist()}


def test_icons_and_aliases_are_items_under_their_sets_licence(tmp_path: Path) -> None:
    found = rows(auditor.audit(str(HERE / "kettles.json"), tmp_path / "out"))
    assert {i: f["kind"] for i, f in found.items()} == {
        **dict.fromkeys(("kettles:kettle", "kettles:left", "kettles:old"), "icon"),
        **dict.fromkeys(("kettles:right", "kettles:far-right", "kettles:circle"), "alias"),
    }
    assert {(f["license_concluded"], f["verdict"], f["creator"], f["label"]) for f in found.values()} == {
        ("CC-BY-4.0", "free", "Ada Made-Up", "Made-up Kettles")
    }
    assert {tuple(f["was_derived_from"]) for f in found.values()} == {("https://kettles.example/icons",)}
    assert found["kettles:far-right"]["title"] == "far-right" and {f["conflict"] for f in found.values()} == {None}


@pytest.mark.parametrize(("name", "items"), [("json/kettles.json", 6), ("collections.json", 1)])
def test_a_set_is_fetched_by_its_address(name: str, items: int, tmp_path: Path) -> None:
    told = json.loads((HERE / "kettles.json").read_text())
    answers = {"json/kettles.json": told, "collections.json": {"kettles": told["info"]}}
    with Replica() as replica:
        host = replica.host({f"/iconify/icon-sets/master/{n}": a for n, a in answers.items()})
        found = rows(auditor.audit(f"{host.url}/iconify/icon-sets/master/{name}", tmp_path / "out"))
    assert len(found) == items and {f["license_concluded"] for f in found.values()} == {"CC-BY-4.0"}


def test_the_licence_is_that_of_info_json_beside_the_icons(tmp_path: Path) -> None:
    """As in the packages @iconify-json/*; without it nothing is said."""
    (tmp_path / "icons.json").write_text(icon_set("kettles", "kettle"))
    (alone,) = rows(auditor.audit(str(tmp_path / "icons.json"), tmp_path / "alone")).values()
    assert (alone["license_declared"], alone["license_concluded"], alone["verdict"]) == (
        "NONE",
        "NOASSERTION",
        "undetermined",
    )
    said = block("Kettles", "https://kettles.example", {"title": "CC BY-NC 4.0"})
    (tmp_path / "info.json").write_text(json.dumps({"prefix": "kettles"} | said))
    (beside,) = rows(auditor.audit(str(tmp_path / "icons.json"), tmp_path / "alone")).values()
    assert (beside["license_concluded"], beside["verdict"]) == ("CC-BY-NC-4.0", "non-free")


@pytest.mark.parametrize(
    ("said", "concluded", "verdict"),
    [
        ({"title": "Open Font License", "spdx": "OFL-1.1"}, "OFL-1.1", "free"),
        ({"title": "CC BY-NC 4.0", "spdx": "CC-BY-4.0"}, "NOASSERTION", "undetermined"),
        ({"title": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by-nc/4.0/"}, "NOASSERTION", "undetermined"),
        ({"title": "Free for my friends"}, "NOASSERTION", "undetermined"),
        ("MIT", "MIT", "free"),
        ({}, "NOASSERTION", "undetermined"),
        (7, "NOASSERTION", "undetermined"),
    ],
)  # fmt: skip
def test_title_identifier_and_address_of_a_licence(said: Any, concluded: str, verdict: str, tmp_path: Path) -> None:
    """A title beside an identifier can only restrict."""
    (tmp_path / "set.json").write_text(icon_set("kettles", "a", "b", info=block("Kettles", "", said)))
    found = rows(auditor.audit(str(tmp_path / "set.json"), tmp_path / "out"))
    assert [(f["license_concluded"], f["verdict"]) for f in found.values()] == [(concluded, verdict)] * 2


def test_the_older_spelling_of_the_block(tmp_path: Path) -> None:
    info = {
        "name": "Kettles",
        "author": "Ada",
        "url": "https://kettles.example",
        "license": "CC BY",
        "licenseID": "CC-BY-4.0",
    }
    (tmp_path / "set.json").write_text(icon_set("kettles", "a", info=info))
    (found,) = rows(auditor.audit(str(tmp_path / "set.json"), tmp_path / "out")).values()
    assert (found["license_concluded"], found["creator"]) == ("CC-BY-4.0", "Ada")
    assert found["was_derived_from"] == ["https://kettles.example"]
    (tmp_path / "collections.json").write_text(json.dumps({"kettles": info, "pots": info}))
    listed = rows(auditor.audit(str(tmp_path / "collections.json"), tmp_path / "list"))
    assert {i: (f["kind"], f["license_concluded"]) for i, f in listed.items()} == dict.fromkeys(
        ("kettles", "pots"), ("icon set", "CC-BY-4.0")
    )


def test_what_is_said_where_a_set_comes_from_binds_its_icons(tmp_path: Path) -> None:
    """Simple Icons says of its CC0 that it "doesn't mean to imply that all icons within the project are also CC0"."""
    (tmp_path / "set.json").write_text(
        icon_set("simple-icons", "kettle", "pot-lid", info=block("Simple Icons", LOGOS, CC0))
    )
    found = rows(auditor.audit(str(tmp_path / "set.json"), tmp_path / "out"))
    for name in ("kettle", "pot-lid"):
        one = found[f"simple-icons:{name}"]
        assert (one["license_declared"], one["license_concluded"], one["verdict"]) == (
            "CC0-1.0",
            "NOASSERTION",
            "undetermined",
        )
        assert one["reason"].startswith("of all items of simple-icons, where it comes from, is said: ")
        assert one["was_derived_from"] == [f"simple-icons:icon:{name}"]


@pytest.mark.parametrize(
    ("url", "concluded", "verdict"),
    [
        ("https://github.com/glincker/thesvg", "NOASSERTION", "undetermined"),  # "See each icon's `license` field."
        ("https://github.com/astrit/css.gg", "MIT AND LicenseRef-non-commercial", "non-free"),
        ("https://github.com/Iconscout/unicons", "MIT AND LicenseRef-no-redistribution", "non-free"),
        ("https://github.com/hfg-gmuend/openmoji", "MIT AND CC-BY-SA-4.0", "free"),
        ("https://kettles.example", "MIT", "free"),
    ],
)
def test_a_set_is_no_freer_than_where_it_comes_from(url: str, concluded: str, verdict: str, tmp_path: Path) -> None:
    mit = block("Made up", url, {"title": "MIT", "spdx": "MIT"})
    (tmp_path / "collections.json").write_text(json.dumps({"made-up": mit, "kettles": mit | {"author": "Ada"}}))
    found = rows(auditor.audit(str(tmp_path / "collections.json"), tmp_path / "out"))
    of = {i: (f["license_concluded"], f["verdict"], bool(f["conflict"])) for i, f in found.items()}
    against = concluded not in ("MIT", "NOASSERTION")
    assert of == {"made-up": (concluded, verdict, against), "kettles": ("MIT", "free", False)}


def test_aliases_of_aliases_are_followed_in_bounded_time(tmp_path: Path) -> None:
    many = 100_000
    aliases = {f"a{n}": {"parent": f"a{n + 1}"} for n in range(many)} | {f"a{many}": {"parent": "pan"}}
    said = {"info": block("Simple Icons", LOGOS, CC0)}
    (tmp_path / "set.json").write_text(icon_set("simple-icons", "pan", **said, aliases=aliases))
    start = time.process_time()
    table = auditor.audit(str(tmp_path / "set.json"), tmp_path / "out").findings.to_table(columns=["item_url"])
    assert table.column(0).unique().to_pylist() == ["https://cdn.simpleicons.org/pan"]
    assert table.num_rows == many + 2 and time.process_time() - start < 30


def test_many_sets_and_their_list_are_read_together(tmp_path: Path) -> None:
    """Of a list beside the sets only those are items that have no file; more files than are read one by one."""
    folder = tmp_path / "icons"
    (folder / "json").mkdir(parents=True)
    sets = {
        f"set-{n}": block(f"Set {n}", "https://kettles.example", {"title": "MIT", "spdx": "MIT"}) for n in range(30)
    }
    for prefix, said in sets.items():
        (folder / "json" / f"{prefix}.json").write_text(icon_set(prefix, "a", "b", info=said))
    (folder / "json" / "empty.json").write_text(icon_set("empty", info=sets["set-0"]))
    (folder / "collections.json").write_text(json.dumps(sets | {"lost": block("Lost", "", {"title": "CC BY-NC 4.0"})}))
    found = rows(auditor.audit(str(folder), tmp_path / "out"))
    assert Counter((f["kind"], f["license_concluded"]) for f in found.values()) == {
        ("icon", "MIT"): 60,
        ("icon set", "CC-BY-NC-4.0"): 1,
    }
    assert {"set-0:a", "set-29:b", "lost"} <= set(found)


def test_a_set_is_written_anew_with_what_passes(tmp_path: Path) -> None:
    """By Simple Icons' records; an alias goes with the icon that it stands for."""
    said = {"info": block("Simple Icons", LOGOS, CC0), "width": 24}
    aliases = {
        "pot": {"parent": "kettle"},
        "far-pot": {"parent": "pot"},
        "tin": {"parent": "pan"},
        "o": {"parent": "o"},
    }
    (tmp_path / "set.json").write_text(icon_set("simple-icons", "kettle", "pan", **said, aliases=aliases))
    records = [
        {"slug": n, "license": {"type": t}} for n, t in (("kettle", "MIT"), ("pan", "CC-BY-NC-4.0"), ("o", "MIT"))
    ]
    (tmp_path / "data.json").write_text(json.dumps(records))
    given = {"simple_icons": str(tmp_path / "data.json")}
    done = auditor.audit(str(tmp_path / "set.json"), tmp_path / "out", follow=True, endpoints=given)
    done.filter(tmp_path / "free.json", form="original")
    free = json.loads((tmp_path / "free.json").read_text())
    assert (list(free["icons"]), list(free["aliases"])) == (["kettle"], ["pot", "far-pot"])
    assert {k: free[k] for k in ("prefix", "info", "width")} == {"prefix": "simple-icons", **said}
    again = auditor.audit(str(tmp_path / "free.json"), tmp_path / "again", follow=True, endpoints=given)
    assert {f["verdict"] for f in rows(again).values()} == {"free"}


def test_a_list_of_sets_is_written_anew_with_what_passes(tmp_path: Path) -> None:
    mit, nc = ({"title": t} for t in ("MIT", "CC BY-NC 4.0"))
    (tmp_path / "collections.json").write_text(json.dumps({"a": block("A", "", mit), "b": block("B", "", nc)}))
    auditor.audit(str(tmp_path / "collections.json"), tmp_path / "out").filter(tmp_path / "free.json", form="original")
    assert json.loads((tmp_path / "free.json").read_text()) == {"a": block("A", "", mit)}


@pytest.mark.parametrize("text", [icon_set("kettles", "a")[:-3], icon_set("kettles", "a", aliases={"b": "a"})])
def test_what_is_no_whole_set_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "set.json").write_text(text)
    with pytest.raises(BadInput, match="is no whole icon set"):
        auditor.audit(str(tmp_path / "set.json"), tmp_path / "out")


def test_a_real_list_of_sets(real_data: Path, tmp_path: Path) -> None:
    """Each by its own SPDX identifier, but those whose makers say otherwise (see their manifests)."""
    path = real_data / "icons" / "iconify_collections.json"
    wanted = {p: read(said["license"]["spdx"]).license for p, said in json.loads(path.read_text("utf-8")).items()}
    found = rows(auditor.audit(str(path), tmp_path / "out"))
    assert found.keys() == wanted.keys()
    assert {p: f["verdict"] for p, f in found.items() if f["license_concluded"] != wanted[p]} == {
        **dict.fromkeys(("simple-icons", "thesvg", "thesvg-color", "logos", "selfhst"), "undetermined"),
        **dict.fromkeys(("devicon", "devicon-plain", "vscode-icons"), "undetermined"),
        **dict.fromkeys(("gg", "uil", "uim", "uis", "uit"), "non-free"),
    }
