"""What pages of a wiki say against their licence: words on a File: page, tags for deletion, texts whose copyright is disputed."""

from pathlib import Path

import pytest

import auditor
from auditor.licensing._wikitext_tags import tag_of, templates
from auditor.licensing.wikitext import disputes, disputing
from tests.sources.mediawiki_dump.dumps import dump, page

FILE_PAGE = """=={{{{int:filedesc}}}}==
{{{{Information
|description={description}
|source={{{{own}}}}
|author=[[User:Ann|Ann]]
|permission={permission}
}}}}
{after}
=={{{{int:license-header}}}}==
{tags}
"""


def file_page(number: int, **fields: str) -> str:
    given = {"description": "A river", "permission": "", "after": "", "tags": "{{cc-by-3.0}}"} | fields
    return page(f"File:River {number}.jpg", number, ns=6, text=FILE_PAGE.format(**given))


def verdicts(tmp_path: Path, *pages: str) -> list[tuple[str, str]]:
    """What an audit of a dump of these pages finds: verdict and licence of each."""
    path = tmp_path / "commonswiki-20260101-pages-articles.xml"
    path.write_bytes(dump(*pages, dbname="commonswiki", base="https://commons.wikimedia.org/wiki/Main_Page"))
    found = auditor.audit(str(path), tmp_path / "out").findings
    return [(r["verdict"], r["license_concluded"]) for r in found.to_table().to_pylist()]


@pytest.mark.parametrize(
    "said",
    [
        {"permission": "This picture may not be used commercially."},
        {"permission": "{{en|1=Use for educational purposes only}}"},
        {"permission": "Utilisation commerciale interdite"},
        {"description": "{{en|1=A river near [[Bern]]. The photo must not be used for commercial purposes.}}"},
        {"description": "{{de|1=Ein Fluss. Kommerzielle Nutzung ist untersagt.}}"},
        {"after": "For ''non-commercial'' use only; [[User talk:Ann|contact me]] for anything else."},
        {"after": "All rights reserved © 2010 Ann"},
        {"after": "''This file may only be used on Wikipedia.''"},
        {"after": "Any reuse requires written permission from the author."},
        {"description": "Ein Fluss. Bitte nicht ohne Genehmigung verwenden."},
        {"description": "{{ru|1=Река. Коммерческое использование запрещено.}}"},
        *(
            {"after": f"{{{{{t}}}}}"}
            for t in ("VRT pending", "OTRS pending|year=2024", "Permission pending", "npd", "db-f9")
        ),
        *(
            {"after": f"{{{{{t}}}}}"}
            for t in ("Copyvio|1=http://x.example", "delete|reason=x", "no license since|month=May")
        ),
        *(
            {"after": f"{{{{{t}}}}}"}
            for t in ("No permission since/de", "Di-no license|date=1 May 2024", "SD|F1", "ffd")
        ),
    ],
)
def test_what_a_files_page_says_against_its_licence_binds(tmp_path: Path, said: dict[str, str]) -> None:
    plain, against = verdicts(tmp_path, file_page(1), file_page(2, **said))
    assert plain == ("free", "CC-BY-3.0")
    assert against[0] != "free"


@pytest.mark.parametrize(
    "said",
    [
        {"description": "A commercial aircraft, not a military one, on a river. No. 2 may follow."},
        {"after": "Commercial use is allowed, please credit the author."},
        {"permission": "see below"},
        {"description": "A sign: Prohibido fumar. Smoking is forbidden in the museum, and cameras are verboten."},
        {"after": "<!-- {{copyvio}} not for commercial use --> <nowiki>{{delete}}</nowiki>"},
        {"after": "{{flickrreview|bot|2012}} {{personality rights}} {{trademarked}}"},
    ],
)
def test_what_takes_nothing_back_changes_nothing(tmp_path: Path, said: dict[str, str]) -> None:
    assert verdicts(tmp_path, file_page(1, **said)) == [("free", "CC-BY-3.0")]


@pytest.mark.parametrize(
    ("text", "free"),
    [
        ("A river.", True),
        (
            "A river. {{tl|copyvio}} <nowiki>{{copyvio}}</nowiki> <!-- {{Db-g12}} --> copyvio {{copyvio link}} {{Plagiostoma}}",
            True,
        ),
        ("{{Copyvio|url=http://x.example}}\nA river.", False),
        ("A river.\n== Mouth ==\n{{close_paraphrasing|date=May 2024}}", False),
        ("{{ Template:Db-g12|url=x }}", False),
        ("{{subst:foo}}{{copie à vérifier}}", False),
        ("{{Нарушение авторских прав|url=x}}", False),
        ("{{нарушение авторских прав}}", False),
        ("{{OTRS pending|year=2024}} A river.", False),
    ],
)
def test_a_text_whose_copyright_its_wiki_disputes_is_not_simply_free(tmp_path: Path, text: str, free: bool) -> None:
    (found,) = verdicts(tmp_path, page("River", 1, text=text))
    assert found == ("free", "CC-BY-SA-4.0") if free else found[0] != "free"


def test_every_template_that_disputes_a_text_is_found_in_a_dump_and_has_its_line() -> None:
    for name in templates()["disputed"]:
        spelled = (name.removesuffix("*"), name[:1].upper() + name[1:].removesuffix("*"))
        for call in (f"{{{{{n}|x}}}}" for n in spelled):
            assert disputing(call.encode(), 0, len(call.encode())), call
            assert disputes(f"a {call} b") == [call]
            assert tag_of(call[2:-4]) is not None, call
