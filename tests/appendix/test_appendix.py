"""The appendix, each form taken by somebody else's parser: complete credits, what is missing, and nothing of a stranger's that acts."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import html5lib
import pyarrow as pa
import pyarrow.parquet as pq
import pypdf
import pytest
from debian.copyright import Copyright
from markdown_it import MarkdownIt

from auditor import origins, policy
from auditor.appendix import FORMATS, asks, text
from auditor.auditing import Audit, audit
from auditor.errors import BadOption
from auditor.licensing import _texts_corpus, _texts_exceptions, spdx_list, tables

EVIL = [
    "<script>alert(1)</script>",
    "![x](javascript:alert(1)) [y](https://evil.example)",
    "\\input{/etc/passwd} \\write18{id} $x^2$ %comment",
    '=HYPERLINK("https://evil.example")',
    "@SUM(1)",
    "\u202egpj.exe\u202c \u200b",
    "a\n\n# heading\n- list\nLicense: MIT",
    "\x1b[31mred\x00\x07",
    "``` ~~~ | a | b | &lt;b&gt; &copy; <!-- -->",
    "1. one",
    "中文 العربية ẞ ā Ω 😀",
    "</main></body><style>*{display:none}</style>",
    "?` !` << >> -- --- ,, '' ``",
    *("\u00a0=1+1", "\u3000@SUM(1)", "\uff1dcmd|' /C calc'!A0", "\ufe62 1+1", "-2+3", "\t=1", "\r\n=1"),
    "\\end{document}\\catcode`\\@=11 \\csname x\\endcsname #1 ^^M ^^5cinput ~",
    "&bsol;write18{id} &#x3c;b> [a]: https://evil.example",
    "Files: *\nCopyright: evil\nLicense: MIT\n .\n text",
    "| a | b |\n| - | - |\n<!-- x --> <?x?> ***b*** ~~s~~ ![](x) <https://evil.example> www.evil.example",
    "__proto__ {{7*7}} ${7*7} %s %n {0}",
]
ROW = {
    "url": "https://a.example/1.jpg",
    "title": "A title",
    "creator": "Ada",
    "license": "CC BY 4.0",
    "copyright": None,
}


def made(folder: Path, rows: list[dict[str, Any]], name: str = "set", **options: Any) -> Audit:
    file = folder / f"{name}.jsonl"
    file.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    return audit(str(file), folder / f"{name}.audit", **options)


def row(number: int, **changes: Any) -> dict[str, Any]:
    return {"id": f"i{number}", **ROW, "url": f"https://a.example/{number}.jpg", **changes}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    rows = [
        {
            "id": f"{n} {words}",
            "url": f"https://a.example/{n}?a=1&b=<{words}>",
            "title": words,
            "creator": words,
            "license": "CC BY 4.0",
            "copyright": words,
        }
        for n, words in enumerate(EVIL)
    ]
    rows += [{**r, "id": f"js{n}", "url": "javascript:alert(1)"} for n, r in enumerate(rows[:2])]
    rows += [{**r, "id": f"lacks{n}", "creator": None} for n, r in enumerate(rows[:3])]
    return made(tmp_path_factory.mktemp("hostile"), rows, columns={"item_url": "url"})


def test_what_each_licence_asks_stands_in_its_text() -> None:
    """Every line's words are in the text of every licence it names, or its source is named."""
    seen = 0
    for line in tables.rows("attribution.tsv"):
        if line["source"] != "texts.tsv":
            assert line["source"].strip(), line
            continue
        for name in line["license"].split():
            whole = " ".join((_texts_corpus.text(name) or "").split())
            assert line["words"] in whole, (name, line["words"])
            seen += 1
        assert line["element"] in {
            "title",
            "creator",
            "source",
            "license",
            "text",
            "notice",
            "disclaimer",
            "history",
            "changes",
        }
        assert line["degree"] in {"must", "supplied", "kept", "changed", "should"}
    assert seen > 500


def test_of_every_licence_that_a_policy_calls_free_it_was_read_what_it_asks() -> None:
    free = {
        line["id"]
        for name in policy.names()
        for line in tables.rows(f"policies/{name}.tsv")
        if line["verdict"] == "free"
    }
    assert len(free) > 200
    assert not [name for name in sorted(free) if asks.asked(name) is None]


@pytest.mark.parametrize(
    "name",
    [
        "Apache-2.0 WITH LLVM-exception",
        "GPL-2.0-only WITH Classpath-exception-2.0",
        "GPL-3.0-or-later WITH GCC-exception-3.1",
    ],
)
def test_of_a_licence_with_an_exception_both_texts_are_printed(tmp_path: Path, name: str) -> None:
    done = made(tmp_path, [row(1, license=name, copyright="© Ada")])
    license_, _, exception = name.partition(" WITH ")
    texts = [_texts_corpus.text(license_) or "", _texts_exceptions.text(exception) or ""]
    for form in FORMATS:
        found = done.appendix(form=form)
        assert (found.complete, found.missing) == (1, {}), form
        if form in ("notice", "dep5"):
            said = " ".join((found.text or "").replace("\n .\n", "\n").split())
            for one in texts:
                assert len(one) > 500
                assert said.count(" ".join(one.split())) == 1, form


def test_exceptions_without_a_text_are_said_to_lack_it() -> None:
    listed = [name for name, one in spdx_list.load().items() if one.kind == "exception"]
    without = [name for name in listed if not _texts_exceptions.text(name)]
    assert len(without) < 10
    assert asks.needs(f"GPL-2.0-only WITH {without[0]}")[1] == (f"the text of GPL-2.0-only WITH {without[0]}",)


@pytest.mark.parametrize(
    ("license_", "lacking"),
    [
        ("CC BY 4.0", {"creator": "creator", "url": "source", "title": ""}),
        ("CC BY-SA 3.0", {"creator": "creator", "url": "source", "title": "title"}),
        ("CC BY-SA 4.0", {"creator": "creator", "url": "source", "title": ""}),
        ("CC0 1.0", {"creator": "", "url": "", "title": ""}),
        ("MIT", {"creator": "copyright notice", "url": "copyright notice", "title": "copyright notice"}),
    ],
)
def test_a_credit_is_complete_only_with_all_that_its_licence_asks_for(
    tmp_path: Path, license_: str, lacking: dict[str, str]
) -> None:
    rows = [row(n, license=license_, **{field: None}) for n, field in enumerate(lacking)]
    found = made(tmp_path, [*rows, row(9, license=license_, copyright="© Ada")]).appendix(form="csv")
    table = {r["item_id"]: r for r in csv.DictReader(io.StringIO(found.text or ""))}
    assert [table[f"i{n}"]["missing"] for n in range(len(lacking))] == list(lacking.values())
    whole = table["i9"]
    assert whole["missing"] == ""
    for asked in ("“A title” by Ada", "https://a.example/9.jpg", "© Ada", whole["license_name"], whole["license_url"]):
        assert asked in whole["attribution_text"]


def test_an_origin_that_is_known_by_its_number_is_a_source(tmp_path: Path) -> None:
    """Sounds of a set that names Freesound's ids; each page leads back to its key."""
    rows = [row(n, url=None, sound=str(100 + n)) for n in range(2)] + [row(9, url=None, sound="")]
    done = made(tmp_path, rows, columns={"was_derived_from": "freesound:sound:{sound}"})
    table = {r["item_id"]: r for r in csv.DictReader(io.StringIO(done.appendix(form="csv").text or ""))}
    assert [table[f"i{n}"]["source"] for n in range(2)] == [f"https://freesound.org/s/{100 + n}/" for n in range(2)]
    assert [table[f"i{n}"]["missing"] for n in (0, 1, 9)] == ["", "", "source"]


@pytest.mark.parametrize("prefix", origins.PAGES)
def test_every_origins_page_leads_back_to_it(prefix: str) -> None:
    name = "A_b.jpg" if "file" in prefix else "0a1b2c3d-0000-4000-8000-0123456789ab" if "openverse" in prefix else "123"
    assert origins.canonical(origins.PAGES[prefix].format(name)) == prefix + name


def test_databases_and_governments_ask_for_their_source() -> None:
    for name in ("ODbL-1.0", "ODC-By-1.0", "OGL-UK-3.0", "DL-DE-BY-2.0"):
        assert "source" in asks.needs(name)[0], name
    assert asks.needs("LicenseRef-CC-BY-2.1-JP") == (
        frozenset(),
        ("what LicenseRef-CC-BY-2.1-JP asks for was not read",),
    )


def test_the_numbers_add_up_and_what_does_not_pass_is_not_listed(tmp_path: Path) -> None:
    rows = [
        row(1),
        row(2, creator=None),
        row(3, license="CC BY-NC 4.0"),
        row(4, license=None),
        row(5, license="GPL-2.0 OR CC BY 4.0"),
    ]
    done = made(tmp_path, rows)
    found = done.appendix(form="csv")
    passing = done.filter().items
    assert (found.of, found.complete + found.incomplete, found.incomplete) == (5, passing, 1)
    assert [r["item_id"] for r in csv.DictReader(io.StringIO(found.text or ""))] == ["i1", "i5", "i2"]
    either = list(csv.DictReader(io.StringIO(found.text or "")))[1]
    assert either["license_used"] == "CC-BY-4.0"
    assert "GPL" in either["license"]
    assert "GPL" in either["attribution_text"]
    for form in FORMATS:
        said = done.appendix(form=form).text or ""
        assert "i3" not in said
        assert "a.example/3.jpg" not in said


@pytest.mark.parametrize("by", ["license", "item"])
def test_markdown_stays_text(hostile: Audit, by: str) -> None:
    said = hostile.appendix(form="md", by=by).text or ""
    tokens = MarkdownIt("gfm-like", {"html": True, "linkify": False}).parse(said)
    inline = [t for token in tokens for t in (token.children or [])]
    assert not [t for t in [*tokens, *inline] if t.type.startswith("html") or t.type == "image"]
    targets = {str(t.attrs["href"]) for t in inline if t.type == "link_open"}
    assert {re.sub(r"^(https://[^/]+).*", r"\1", t) for t in targets} == {
        "https://a.example",
        "https://creativecommons.org",
    }
    shown = "\n".join("".join(t.content for t in token.children or []) for token in tokens)
    for words in EVIL:
        assert text.safe(words) in shown
    heads = [tokens[i + 1].content for i, t in enumerate(tokens) if t.type == "heading_open"]
    assert not [h for h in heads if h.startswith("heading")]
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e]", said)


@pytest.mark.parametrize("by", ["license", "item"])
def test_html_is_whole_and_holds_nothing_that_acts(hostile: Audit, by: str) -> None:
    said = hostile.appendix(form="html", by=by).text or ""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    tree = parser.parse(said)
    assert not parser.errors
    assert not list(tree.iter("script"))
    assert len(list(tree.iter("style"))) == 1
    assert {e.get("href", "https://")[:8] for e in tree.iter("a")} == {"https://"}
    assert not [e for e in tree.iter() if any(str(a).startswith("on") or a == "src" for a in e.attrib)]
    shown = "".join(tree.itertext())
    for words in EVIL:
        assert text.safe(words) in shown


ENGINES = {
    "pdflatex": "texlive-latex-base",
    "lualatex": "texlive-luatex texlive-latex-recommended lmodern",
    "xelatex": "texlive-xetex texlive-fonts-recommended lmodern",
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("engine", "by"),
    [("pdflatex", "license"), ("pdflatex", "item"), *((e, "item") for e in ENGINES if e != "pdflatex")],
)
def test_latex_sets_it(hostile: Audit, tmp_path: Path, engine: str, by: str) -> None:
    if not shutil.which(engine):
        if os.environ.get("CI") and engine == "pdflatex":
            pytest.fail(f"{engine} is missing: apt-get install {ENGINES[engine]}")
        pytest.skip(f"needs {engine}: apt-get install {ENGINES[engine]}")
    letters = ["".join(map(chr, range(n, n + 64))) for n in range(0x20, 0x2100, 64)]
    own = [row(n, title=said, creator=said, id=f"{n} {said}") for n, said in enumerate(letters)]
    for name, done in (("hostile", hostile), ("letters", made(tmp_path, own))):
        done.appendix(tmp_path / f"{name}.tex", form="tex", by=by)
        command = [engine, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", f"{name}.tex"]
        ran = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=240, check=False)
        assert ran.returncode == 0, [
            line for line in ran.stdout.decode("utf-8", "replace").splitlines() if line.startswith(("!", "l."))
        ]
        pages = pypdf.PdfReader(tmp_path / f"{name}.pdf").pages
        said = "".join(page.extract_text() for page in pages)
        assert "Credits and licences of" in said
        assert "root:" not in said  # \\input was printed, not done
        assert name != "hostile" or "passwd" in said


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_items(tmp_path: Path) -> None:
    count = 600_000
    said = ["CC BY 4.0", "CC BY-SA 3.0", "CC0 1.0"]
    table = pa.table(
        {
            "id": [f"i{n}" for n in range(count)],
            "url": [f"https://a.example/{n}" for n in range(count)],
            "title": [f"Made-up picture {n}" for n in range(count)],
            "creator": [f"Author {n * 7919 % 100_000}" for n in range(count)],
            "license": [said[n % 3] for n in range(count)],
        }
    )
    pq.write_table(table, tmp_path / "many.parquet", row_group_size=100_000)
    audit(str(tmp_path / "many.parquet"), tmp_path / "a")
    (tmp_path / "run.py").write_text(
        "import re, resource, sys\nfrom pathlib import Path\nfrom auditor.auditing import Audit\n"
        "found = Audit(Path(sys.argv[1])).appendix(sys.argv[2], form='md')\n"
        # Not ru_maxrss where there is another number: on Linux it begins with that of the process that started this one.
        "peak, status = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, Path('/proc/self/status')\n"
        "peak = int(re.search(r'VmHWM:\\s*(\\d+)', status.read_text())[1]) if status.exists() else peak\n"
        "print(found.complete, peak // 1024)\n"
    )
    words = [sys.executable, str(tmp_path / "run.py"), str(tmp_path / "a"), str(tmp_path / "many.md")]
    ran = subprocess.run(words, capture_output=True, text=True, timeout=300, check=True)
    complete, peak = map(int, ran.stdout.split())
    assert complete == count
    assert 100 < peak < 750  # MB: three million items take 580, one million 555


def test_csv_has_no_formula(hostile: Audit) -> None:
    rows = list(csv.reader(io.StringIO(hostile.appendix(form="csv").text or "")))
    assert {len(r) for r in rows} == {len(rows[0])}
    assert len(rows) == 1 + len(EVIL) + 5
    assert not [cell for r in rows for cell in r if re.match("\\s*[=+\\-@＝＋－＠﹢]|[\t\r\n\0]", cell)]


def test_dep5_is_taken_by_python_debian_and_each_pattern_names_its_item(hostile: Audit, tmp_path: Path) -> None:
    odd = ["a b", "a_b", "a*b", "a\\b", "a?b", "ab", "#x", "x/y.jpg"]
    rows = [row(n, id=i, license="CC0-1.0" if n % 2 else "CC BY-SA 4.0") for n, i in enumerate(odd)]
    done = made(tmp_path, rows)
    said = done.appendix(form="dep5").text or ""
    parsed = Copyright(io.StringIO(said), strict=True)
    for item, own in zip(odd, rows, strict=True):
        found = parsed.find_files_paragraph(item)
        assert found is not None, item
        assert found.license.synopsis == ("CC0-1.0" if own["license"] == "CC0-1.0" else "CC-BY-SA-4.0"), item
        assert found.copyright == "Ada"
    texts = {p.license.synopsis: p.license.text for p in parsed.all_license_paragraphs()}
    assert set(texts) == {"CC0-1.0", "CC-BY-SA-4.0"}
    for name, printed in texts.items():
        assert " ".join(printed.replace("\n.\n", "\n").split()) == " ".join((_texts_corpus.text(name) or "").split())
    evil = Copyright(io.StringIO(hostile.appendix(form="dep5").text or ""), strict=True)
    assert {p.license.synopsis for p in evil.all_files_paragraphs()} == {"CC-BY-4.0"}
    for stored in hostile.findings.to_table(columns=["item_id"]).column(0).to_pylist():
        assert evil.find_files_paragraph(stored) is not None, stored


def test_dep5_reads_back_to_the_same_licences(tmp_path: Path) -> None:
    said = [
        "CC BY 4.0",
        "CC0-1.0",
        "CC-BY-SA-3.0 OR GFDL-1.2-no-invariants-or-later",
        "GPL-2.0-or-later",
        "MIT AND CC-BY-4.0",
    ]
    done = made(tmp_path, [row(n, license=one, copyright="© Ada") for n, one in enumerate(said)])
    done.appendix(tmp_path / "set.copyright", form="dep5")
    again = audit(str(tmp_path / "set.copyright"), tmp_path / "again").findings.to_table().to_pylist()
    assert sorted({r["license_concluded"] for r in again}) == sorted(
        set(done.findings.to_table().column("license_concluded").to_pylist())
    )


def test_a_wikis_page_is_credited_by_its_history_and_a_file_by_nobody(tmp_path: Path) -> None:
    page = (
        "<page><title>{title}</title><ns>{ns}</ns><id>{n}</id><revision><id>7{n}</id><timestamp>2020-01-01T00:00:00Z</timestamp>"
        "<contributor><username>Ada</username></contributor><text>{text}</text></revision></page>"
    )
    (tmp_path / "enwiki-20240101-pages-articles.xml").write_text(
        '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11" xml:lang="en"><siteinfo><sitename>Wikipedia</sitename>'
        "<dbname>enwiki</dbname><base>https://en.wikipedia.org/wiki/Main_Page</base><namespaces><namespace key='0'/>"
        "<namespace key='6'>File</namespace></namespaces></siteinfo>"
        + page.format(title="Dog", ns=0, n=1, text="woof")
        + page.format(title="File:Dog.jpg", ns=6, n=2, text="{{self|cc-by-sa-4.0}}")
        + "</mediawiki>"
    )
    done = audit(str(tmp_path / "enwiki-20240101-pages-articles.xml"), tmp_path / "a")
    rows = {r["title"]: r for r in csv.DictReader(io.StringIO(done.appendix(form="csv").text or ""))}
    text_ = rows["Dog"]
    assert text_["missing"] == ""
    assert text_["source"] == "https://en.wikipedia.org/w/index.php?oldid=71"
    assert text_["history"] == "https://en.wikipedia.org/w/index.php?curid=1&action=history"
    assert "last contributor: Ada" in text_["attribution_text"]
    assert text_["history"] in text_["attribution_text"]
    assert rows["File:Dog.jpg"]["missing"] == "creator"
    assert "Ada" not in rows["File:Dog.jpg"]["attribution_text"]
    assert "contributors" not in rows["File:Dog.jpg"]["attribution_text"]
    said = done.appendix(form="md").text or ""
    assert f"(<{text_['history']}>)" in said
    assert "hyperlink (where possible) or URL to the page" in said
    assert "GNU Free Documentation License (GFDL) and the Creative Commons Attribution-Share-Alike 3.0 License" in said


def test_written_whole_or_not_at_all_and_bad_options_are_said(
    tmp_path: Path, auditor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = made(tmp_path, [row(1), row(2, creator=None)])
    ran = auditor(
        "appendix", done.folder, "--format", "notice", "-o", tmp_path / "NOTICE", "--changes", "cut to 256 px"
    )
    assert ran.code == 0
    assert ran.out.splitlines()[0] == "2 of 2 items pass; the credits of 1 are complete."
    assert "cut to 256 px" in (tmp_path / "NOTICE").read_text(encoding="utf-8")
    shown = auditor("appendix", done.folder, "--format", "notice", "--changes", "cut to 256 px")
    assert shown.out == (tmp_path / "NOTICE").read_text(encoding="utf-8")
    for option in (["--format", "pdf"], ["--by", "year"], ["--route", "sea"]):
        assert auditor("appendix", done.folder, *option).code == 2
    with pytest.raises(BadOption, match="pdf"):
        done.appendix(form="pdf")
    monkeypatch.setattr("auditor.appendix.notice.words.plain", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        done.appendix(tmp_path / "other", form="notice")
    assert not list(tmp_path.glob("other*"))


def test_every_licences_text_is_printed_once(tmp_path: Path) -> None:
    done = made(tmp_path, [row(1), row(2), row(3, license="CC0-1.0"), row(4, license="public domain")])
    for form in ("md", "html", "notice"):
        said = done.appendix(form=form).text or ""
        assert (
            said.count("Creative Commons Corporation (“Creative Commons”) is not a law firm")
            + said.count('Creative Commons Corporation ("Creative Commons") is not a law firm')
            == 1
        )
        assert said.count("Somebody says that the work is in the public domain") == 1
    assert asks.license_of("LicenseRef-public-domain").definition


REAL = {
    "freesound/FSD50K": (6, 9),
    "openverse/openverse-catalog/loader_tsv": (81, 85),
    "bioregistry/licenses.jsonl": None,
    "coco/COCO-MINI": None,
}


@pytest.mark.parametrize("target", REAL)
def test_real_collections_add_up_in_every_form(real_data: Path, tmp_path: Path, target: str) -> None:
    done = audit(str(real_data / target), tmp_path / "a")
    passing = done.filter(under="open-definition")
    for form in FORMATS:
        found = done.appendix(tmp_path / form, form=form, under="open-definition")
        assert found.complete + found.incomplete == passing.items
    with (tmp_path / "csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == passing.items
    parsed = Copyright((tmp_path / "dep5").read_text(encoding="utf-8").splitlines(keepends=True), strict=True)
    assert sum(len(p.files) for p in parsed.all_files_paragraphs()) == passing.items
    html5lib.HTMLParser(strict=True).parse((tmp_path / "html").read_text(encoding="utf-8"))
    for r in rows:
        if not r["missing"] and "CC-BY" in r["license_used"]:
            assert r["creator"] and r["source"]
