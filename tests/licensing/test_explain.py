"""`auditor explain`: one statement for a lawyer, and the JSON stream."""

import io
import json

import pytest

from auditor.errors import BadInput
from auditor.explain import explain_lines, explain_text


def test_a_statement_is_explained_in_words() -> None:
    said = explain_text("Code: MIT; Data: CC BY-NC 4.0")
    assert said.splitlines() == [
        "Statement:    Code: MIT; Data: CC BY-NC 4.0",
        "Licence:      CC-BY-NC-4.0 AND MIT",
        "Category:     non-commercial",
        "Restrictions: attribution, non-commercial",
        "Rule:         several:and",
        "Rests on:     MIT | CC BY-NC 4.0",
        "Not used:     Code: … ; Data:",
        "Of the code:  MIT",
        "Of the data:  CC-BY-NC-4.0",
    ]


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
