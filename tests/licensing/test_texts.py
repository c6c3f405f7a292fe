"""Whole licence texts: word for word, or not that licence."""

from pathlib import Path

import pytest

from auditor.licensing import read

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


def test_a_licence_text_is_that_licence() -> None:
    assert (read(MIT).license, read(MIT).rule) == ("MIT", "text")
    assert read((ROOT / "LICENSE").read_text(encoding="utf-8")).license == "Apache-2.0"


@pytest.mark.parametrize(
    "changed",
    [
        MIT.replace("free of charge", "for a fee"),
        MIT.replace("sell copies", "lend copies"),
        MIT.replace("WITHOUT WARRANTY", "WITH WARRANTY"),
        MIT.replace("to permit persons", "not to permit persons"),
        MIT + "\nThe Software may be used for non-commercial purposes only.\n",
        "For academic research only.\n\n" + MIT,
        MIT + "\nYou must delete all copies when the licensor asks you to.\n",
    ],
)
def test_a_changed_text_is_never_the_original(changed: str) -> None:
    got = read(changed)
    assert got.license != "MIT", got
    assert got.category not in ("free", "free-sharealike"), got


def test_a_long_text_without_a_licence_is_read_in_bounded_time() -> None:
    assert read("the quick brown fox " * 40_000).license == "NOASSERTION"
    assert read("(" * 200_000).license == "NOASSERTION"
    assert read("creative commons " * 20_000).license == "NOASSERTION"
