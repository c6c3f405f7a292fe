"""Quotes in TSVs: they enclose line breaks, or stand in the text as they are; what the head of a file shows is not all."""

from pathlib import Path

import pytest

import auditor

PLAIN = "".join(
    f"{n:012x}\tA sentence, number {n}, of a common kind.\tbooks\n" for n in range(30_000)
)  # over a megabyte


@pytest.mark.parametrize(
    ("tail", "more"),
    [
        (
            'z1\t"Is it?\n"\tself\nz2\t"Two\nbreaks\n"\tself\n',
            2,
        ),  # as Common Voice writes sentences that end in a break
        ('z1\t"Who is it?\tself\nz2\tNo "one\tself\n', 2),  # a quotation that goes on elsewhere
        ('z1\t"Who is it?\tself\nz2\tself\nz3\tHe "said"\tself\n', 3),  # and a line that is broken
    ],
)
def test_quotes_beyond_the_head(tail: str, more: int, tmp_path: Path) -> None:
    path = tmp_path / "sentences.tsv"
    path.write_text("sentence_id\tsentence\tsource\n" + PLAIN + tail)
    done = auditor.audit(str(path), tmp_path / "out")
    ids = done.findings.to_table(columns=["item_id"]).column(0).to_pylist()
    assert len(ids) == 30_000 + more
    assert "z1" in ids
