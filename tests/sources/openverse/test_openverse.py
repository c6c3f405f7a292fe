"""Made-up works in the form of Openverse's API."""

from pathlib import Path

from auditor.sources import openverse
from tests.sources.following import follow, license_of

IMAGE = "0aff3595-8168-440b-83ff-7a80b65dea42"
WORK = {
    "id": IMAGE,
    "title": "A kettle",
    "foreign_landing_url": "https://www.flickr.com/photos/ann/11",
    "creator": "Ann",
    "license": "by-nc",
    "license_version": "2.0",
    "license_url": "https://creativecommons.org/licenses/by-nc/2.0/",
}


def test_a_work_is_read_as_an_aggregators_word(tmp_path: Path) -> None:
    keys = [f"openverse:image:{IMAGE}", f"openverse:audio:{IMAGE}"]
    found = follow(openverse, keys, {f"/v1/images/{IMAGE}/": WORK}, tmp_path)
    (row,), (gone,) = found.of(keys[0]), found.of(keys[1])
    assert (license_of(row), row["authority"], row["was_derived_from"]) == (
        "CC-BY-NC-2.0",
        "aggregator",
        ["https://www.flickr.com/photos/ann/11"],
    )
    assert gone["error"].startswith("gone: ")
