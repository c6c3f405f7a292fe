"""The lines of `licenses/`: every one is used, names what was read, and no two say different things of one spelling."""

import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor import data, policy
from auditor.licensing import cc, marks, names, read, spdx_list, tables, urls, vocabularies

FOLDER = data.folder("licenses")
VOCABULARIES = sorted(p.stem for p in (FOLDER / "vocabularies").glob("*.tsv") if p.stem != "commons")
TABLES = ["names.tsv", "ours.tsv", "families.tsv", "exceptions.tsv", "licenseref.tsv", "links.tsv", "urls.tsv", "phrases.tsv",
          "public_domain.tsv", "alone.tsv", "everyday.tsv", "around.tsv", "holds.tsv", "fillers.tsv", "cc/words.tsv", "cc/tools.tsv", "cc/jurisdictions.tsv",
          "cc/anchors.tsv", "cc/native.tsv"]  # fmt: skip


def exists(license_: str) -> bool:
    ours = {row["id"] for row in tables.rows("licenseref.tsv")} | {
        row["license"] for row in tables.rows("cc/tools.tsv")
    }
    atoms = re.findall(r"[A-Za-z0-9.+-]+", re.sub(r"\b(AND|OR|WITH)\b", " ", license_))
    return all(
        a in ("NONE", "NOASSERTION")
        or a in spdx_list.load()
        or a in ours
        or re.fullmatch(r"LicenseRef-CC-(BY|NC|ND|SA|-)+", a)
        for a in atoms
    )


@pytest.mark.parametrize("name", [*TABLES, *(f"vocabularies/{v}.tsv" for v in VOCABULARIES)])
def test_every_line_is_whole_and_names_what_was_read(name: str) -> None:
    lines = [x for x in (FOLDER / name).read_text(encoding="utf-8").splitlines() if x and not x.startswith("#")]
    width = len(lines[0].split("\t"))
    assert "source" in lines[0].split("\t")
    for line in lines[1:]:
        assert len(line.split("\t")) == width, line
    for row in tables.rows(name):
        assert len(row["source"]) > 8, row
        assert not re.search(r"(?<![\w.:/])/(?:home|root|tmp|usr|work)/", row["source"]), row  # no path of a machine


@pytest.mark.parametrize(
    "name",
    [
        "names.tsv",
        "ours.tsv",
        "families.tsv",
        "links.tsv",
        "cc/tools.tsv",
        *(f"vocabularies/{v}.tsv" for v in VOCABULARIES),
    ],
)
def test_every_licence_named_exists(name: str) -> None:
    assert [row["license"] for row in tables.rows(name) if not exists(row["license"])] == []


@pytest.mark.parametrize("name", VOCABULARIES)
def test_every_alias_is_read_and_none_stands_twice(name: str) -> None:
    folded = Counter(vocabularies.key(row["alias"]) for row in tables.rows(f"vocabularies/{name}.tsv"))
    assert [a for a, n in folded.items() if n > 1] == []
    for row in tables.rows(f"vocabularies/{name}.tsv"):
        assert read(row["alias"], vocabulary=name).license == row["license"], row
    assert name in vocabularies.settings()


def test_lists_that_need_no_context_agree_with_each_other_and_with_the_rules() -> None:
    general = [v for v, about in vocabularies.settings().items() if about.get("general")]
    for name in general:
        for row in tables.rows(f"vocabularies/{name}.tsv"):
            got = read(row["alias"]).license
            same = got == row["license"] or policy.agree(got, row["license"]) or "NOASSERTION" in (got, row["license"])
            assert same, (name, row["alias"], row["license"], got)


@pytest.mark.parametrize("name", ["names.tsv", "ours.tsv"])
def test_every_name_is_read_as_its_line_says(name: str) -> None:
    wrong = []
    for row in tables.rows(name):
        got = read(f"License: {row['name']}").license
        if got not in (row["license"], "NOASSERTION") and not policy.agree(got, row["license"]):
            wrong.append((row["name"], row["license"], got))
    assert wrong == []


def test_every_tool_of_creative_commons_is_read_by_url_and_by_name() -> None:
    for row in tables.rows("cc/tools.tsv"):
        if row["tool"] in ("certification", "publicdomain", "mark", "zero"):
            continue
        path = "/".join(x for x in (row["tool"], row["version"], row["jurisdiction"]) if x)
        assert read(f"http://creativecommons.org/licenses/{path}/").license == row["license"], path
        assert read(f"CC {row['tool']} {row['version']} {row['jurisdiction']}").license == row["license"], path


def test_every_deed_and_legal_code_of_every_tool_is_read_in_every_language() -> None:
    """A language behind the dot is the same licence; only a jurisdiction in the path is another one."""
    languages = {x for row in tables.rows("cc/words.tsv") for x in row["languages"].split()}
    tags = sorted(x.replace("@latin", "_Latn") for x in languages - {"cc"})
    wrong = []
    for n, row in enumerate(tables.rows("cc/tools.tsv")):
        folder = "publicdomain" if row["tool"] in ("mark", "zero") else "licenses"
        path = "/".join(x for x in (folder, row["tool"], row["version"], row["jurisdiction"]) if x)
        urls_ = [
            f"https://creativecommons.org/{path}{x}" for x in ("", "/", "/deed", "/legalcode", "/legalcode.txt", "/rdf")
        ]
        some = tags if n % 50 == 0 else tags[n % 7 :: 7]
        urls_ += [f"//www.creativecommons.org/{path}/{file}.{tag}" for file in ("deed", "legalcode") for tag in some]
        wrong += [(u, got) for u in urls_ if (got := read(u).license) != row["license"]]
    assert wrong == []


def test_every_title_of_a_deed_is_read() -> None:
    lines = Path(__file__).with_name("deeds.tsv").read_text(encoding="utf-8").splitlines()[2:]
    wrong = []
    for language, tool, title in (line.split("\t") for line in lines):
        for said in (f"{title} 4.0", f"CC {title} 4.0", f"Creative Commons {title} 4.0", f"{title} 4.0 International"):
            got = read(said).license
            if got != f"CC-{tool.upper()}-4.0":
                wrong.append((language, said, got))
    assert wrong == []


def test_every_word_of_an_element_is_read_in_a_title() -> None:
    for row in tables.rows("cc/words.tsv"):
        elements = row["element"].split()
        tool = cc.Tool.of(
            "-".join(elements if "by" in elements or elements[0] not in cc.ORDER else ["by", *elements]), "", ""
        )
        by = "" if "by" in elements or elements[0] not in cc.ORDER else "by "
        got = read(f"CC {by}{row['word']}")
        assert tool is not None and got.license == tool.license, (row["word"], got)


def test_every_link_and_public_domain_word_is_read() -> None:
    for row in tables.rows("links.tsv"):
        assert read(f"https://{row['link']}").license == row["license"], row
    for row in tables.rows("public_domain.tsv"):
        assert read(row["words"]).license == "LicenseRef-public-domain", row


def test_every_url_rule_has_a_host_and_a_pattern_that_compiles() -> None:
    for row in tables.rows("urls.tsv"):
        assert re.compile(row["path"])
        assert all(re.fullmatch(r"[a-z0-9.-]+\.[a-z]+", host) for host in row["host"].split())
        assert urls.split(f"https://{row['host'].split()[0]}/x")[0] == row["host"].split()[0]


@given(st.data())
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@pytest.mark.parametrize("phrase", marks._phrases(), ids=lambda p: f"{p.kind}:{p.line}")
def test_what_a_phrase_needs_is_in_all_that_it_matches(phrase: marks._Phrase, data: st.DataObject) -> None:
    """A phrase is not even tried where nothing that it needs stands: a part too narrow would hide a restriction."""
    text = data.draw(st.from_regex(phrase.pattern))
    assert all(any(needed in text for needed in group) for group in phrase.needs)


def test_our_own_ids_are_described() -> None:
    for row in tables.rows("licenseref.tsv"):
        assert re.fullmatch(r"LicenseRef-[A-Za-z0-9.+-]+", row["id"])
        assert row["definition"].endswith("."), row
        assert set(row["restrictions"].split()) <= {"none", "unknown", *policy.properties.LABEL}, row


def test_names_of_one_word_are_never_read_out_of_prose() -> None:
    for row in tables.rows("names.tsv"):
        if (
            re.fullmatch("[A-Za-z]+", row["name"])
            and not names.table().get(row["name"].lower(), {}).get("", names.Name()).versions
        ):
            assert read(f"the {row['name']} of the table shows birds").license == "NOASSERTION", row


def test_the_readme_describes_every_file_of_the_folder() -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    mine = {str(Path(t)) for t in TABLES} | {"beside.tsv", "marks.tsv", "prose.tsv", "vocabularies.toml"}
    assert [name for name in sorted(mine) if f"`{name}`" not in readme] == []
