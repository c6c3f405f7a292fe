"""`auditor explain`: one statement for a lawyer, and the JSON stream."""

import io
import json

import pytest

from auditor.errors import BadInput
from auditor.explain import explain_lines, explain_text


def test_a_statement_is_explained_in_words() -> None:
    said = explain_text("Code: MIT; Data: CC BY-NC 4.0")
    lines = said.splitlines()
    assert lines[:10] == [
        "Statement:    Code: MIT; Data: CC BY-NC 4.0",
        "Licence:      CC-BY-NC-4.0 AND MIT",
        "Category:     non-commercial",
        "Restrictions: attribution, non-commercial",
        "Rule:         several:and",
        "Read by:      Several licences are named: bare words that offer a choice make OR, what holds together AND.",
        "Rests on:     MIT | CC BY-NC 4.0",
        "Not used:     Code: … ; Data:",
        "Of the code:  MIT",
        "Of the data:  CC-BY-NC-4.0",
    ]
    assert [line.split(" — ")[0] for line in lines[10:]] == [
        "It asks:      CC-BY-NC-4.0: attribution, non-commercial",
        "It asks:      MIT: attribution",
    ]


@pytest.mark.parametrize(
    ("text", "vocabulary", "said"),
    [
        (
            "For research purposes only",
            None,
            "use is for research, teaching or study only” (licenses/phrases.tsv, line ",
        ),
        (
            "https://www.usa.gov/government-works/",
            None,
            "usa.gov/government-works (licenses/links.tsv; read in real-data",
        ),
        (
            "https://opensource.org/licenses/bsd-3-clause.html",
            None,
            "A URL of opensource.org, read by its path (licenses/urls.tsv;",
        ),
        ("4", "flickr", "A spelling of “Flickr: numbers and names"),
        ("CC BY 4.0 in Japan", None, "Every word near a free licence is to be accounted for (licenses/beside.tsv)"),
        ("Public domain", None, "or it has run out” (licenses/public_domain.tsv)"),
        ("MIT", None, "an id of the SPDX License List 3."),
    ],
)
def test_the_line_that_decided_and_what_was_read_for_it_are_named(text: str, vocabulary: str | None, said: str) -> None:
    assert said in explain_text(text, vocabulary=vocabulary)


def test_every_rule_that_a_reading_gives_is_explained() -> None:
    for text in (
        "CC0",
        "GPLv3",
        "x",
        "CC BY 5.0",
        "MIT and CC BY-NC 4.0",
        "MIT OR GPL-2.0-only",
        "CC",
        "MIT, no commercial use",
        "{{Cc-zero}}",
    ):
        assert "Read by:" in explain_text(text), text


def test_a_contradiction_says_why() -> None:
    said = explain_text("MIT License, non-commercial use only")
    assert "Licence:      NOASSERTION" in said
    assert "Why:          It names MIT, but also says “non-commercial use only”." in said or "Why:" in said


def answers(lines: str) -> list[dict[str, object]]:
    out = io.BytesIO()
    explain_lines(io.BytesIO(lines.encode()), out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_each_line_gets_one_answer_in_order() -> None:
    asked = '{"text": "4", "vocabulary": "flickr"}\n\n{"text": null}\n{"text": "cc0", "unknown": 1}\n'
    assert [(a["license"], a["category"]) for a in answers(asked)] == [
        ("CC-BY-2.0", "free"),
        ("NONE", "unknown"),
        ("CC0-1.0", "free"),
    ]


@pytest.mark.parametrize("line", ["not json", '["text"]', '{"text": 4}'])
def test_a_broken_line_is_one_sentence(line: str) -> None:
    with pytest.raises(BadInput, match="Line 2 is not a JSON object"):
        answers('{"text": "mit"}\n' + line + "\n")
