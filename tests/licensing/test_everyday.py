"""Names of everyday words, a country before the version, and sentences that allow commercial use in so many words."""

import pytest

from auditor.licensing import read


@pytest.mark.parametrize(
    "text",
    [
        "All artistic works are free to view",
        "This is free art, ask the author",
        "Free art by Jane",
        "We are against DRM",
    ],
)
def test_everyday_words_are_not_a_licence(text: str) -> None:
    assert read(text).license == "NOASSERTION"


@pytest.mark.parametrize(
    ("text", "license_", "category"),
    [
        ("Released under the Artistic License.", "LicenseRef-Artistic", "free"),
        ("Released under the Free Art License", "LicenseRef-LAL", "free-sharealike"),
        ("Free Art License 1.3", "LAL-1.3", "free-sharealike"),
        ("Against DRM", "LicenseRef-Against-DRM", "free-sharealike"),
        ("Creative Commons Attribution Non-Commercial Australia 3.0", "LicenseRef-CC-BY-NC-3.0-AU", "non-commercial"),
        ("Creative Commons CC-BY Germany 2.0", "LicenseRef-CC-BY-2.0-DE", "free"),
        ("Creative Commons CC-BY 3.0 Austria 3.0", "CC-BY-3.0-AT", "free"),
        ("http://purl.org/NET/rdflicense/cc-by3.0at", "CC-BY-3.0-AT", "free"),
        (
            "distributed in accordance with the terms of the Creative Commons Attribution (CC BY 4.0) license, which permits"
            " others to distribute, remix, adapt and build upon this work, for commercial use, provided it is cited",
            "CC-BY-4.0",
            "free",
        ),
    ],
)
def test_what_is_stated_is_read(text: str, license_: str, category: str) -> None:
    found = read(text)
    assert (found.license, found.category) == (license_, category)


def test_a_country_before_the_version_must_have_that_licence() -> None:
    assert read("Creative Commons Attribution Germany 4.0").license == "NOASSERTION"


@pytest.mark.parametrize("text", ["CC BY 4.0, which permits others to copy this work, not for commercial use"])
def test_a_not_before_commercial_use_is_heard(text: str) -> None:
    assert read(text).category == "non-commercial"


@pytest.mark.parametrize(
    "text", ["CLARIN_ACA", "CLARIN ACA-NC", "CLARIN ACAdemic BY 1.0", "CLARIN.SI Licence ACA ID-BY-NC-INF-NORED 1.0"]
)
def test_clarins_academic_licences_are_academic(text: str) -> None:
    assert read(text).category == "academic-only"
