"""What asking would take is said before anything is asked; what is known of hosts names what was read."""

from collections.abc import Callable
from itertools import chain, repeat
from pathlib import Path

import msgspec
import pytest

from auditor.fetch import Get, limits, plan
from auditor.fetch.plan import Estimate, amount, estimates, lasts, text
from tests.conftest import Run


def of(source: str, *keys: str, times: int = 1) -> list[Estimate]:
    """Return the estimates for so many times these origins, in batches as following asks for them."""
    batches = [[*keys][at : at + 2_000] for at in range(0, len(keys), 2_000)]
    return estimates(source, chain.from_iterable(repeat(batches, times)), times * len(keys), Get(Path("nowhere")))


@pytest.mark.parametrize(("key", "host"), [("", "www.flickr.com"), ("x", "api.flickr.com")])
def test_millions_of_photos_are_months_and_another_way_is_named(
    key: str, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLICKR_API_KEY", key)
    monkeypatch.setattr(plan, "SAMPLE", 10_000)
    (one,) = of("flickr", *(f"flickr:photo:{i}" for i in range(1, 7_001)), times=1000)
    assert (one.host, one.origins, one.requests) == (host, 7_000_000, 14_000_000)
    assert one.seconds == 14_000_000 and one.pace.startswith("3,600 an hour")
    said = text([one])
    assert "5.3 months" in said and "too long?" in said and "Nothing was asked" in said
    assert ("FLICKR_API_KEY is missing" in said) == (not key)


def test_requests_are_counted_as_the_sources_make_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches, several hosts of one source, what is asked without a key, one answer for all."""
    monkeypatch.delenv("FREESOUND_API_KEY", raising=False)

    def counted(source: str, *keys: str) -> list[tuple[str, int, int]]:
        return sorted((e.host, e.origins, e.requests) for e in of(source, *keys))

    wikis = [f"commons:file:{i}.jpg" for i in range(101)] + [f"wikipedia:fr:file:{i}.jpg" for i in range(10)]
    assert counted("commons", *wikis) == [("commons.wikimedia.org", 101, 3), ("fr.wikipedia.org", 10, 1)]
    nature = [f"inaturalist:{kind}:{i}" for kind in ("photo", "observation") for i in range(300)]
    assert counted("inaturalist", *nature) == [("api.inaturalist.org", 300, 2), ("www.inaturalist.org", 300, 300)]
    sounds = [f"freesound:sound:{i}" for i in range(250)]
    assert counted("freesound", *sounds) == [("freesound.org", 250, 250)]
    monkeypatch.setenv("FREESOUND_API_KEY", "x")
    assert counted("freesound", *sounds) == [("freesound.org", 250, 3)]
    assert counted("simple_icons", *(f"simple-icons:icon:{i}" for i in range(9))) == [
        ("raw.githubusercontent.com", 9, 1)
    ]
    assert counted("internet_archive", "internet-archive:item:a") == [("archive.org", 1, 1)]
    pages = [f"web:https://h{i % 3}.example/{i}" for i in range(30)] + ["web:http://["]
    assert counted("webpage", *pages) == [
        ("addresses that are not asked", 1, 1),
        *((f"h{i}.example", 10, 10) for i in range(3)),
    ]


def test_an_endpoint_is_asked_as_fast_as_it_answers(tmp_path: Path) -> None:
    get = Get(tmp_path, endpoints={"gbif": "http://127.0.0.1:8/x"})
    (one,) = estimates("gbif", [["gbif:occurrence:1"]], 1, get)
    assert (one.host, one.pace) == ("127.0.0.1:8", "as fast as it answers, 20 at once")


def test_the_limits_of_an_api_are_those_of_the_hosts_below_and_of_its_own_path() -> None:
    commons = limits.of("commons")
    assert limits.of_host("fr.wikipedia.org") is limits.of_host("commons.wikimedia.org") is commons
    assert limits.of_host("wikipedia.org.example") is limits.of_host("notwikipedia.org") is limits.POLITE
    assert commons.exempt("/w/api.php?action=query") and not commons.exempt("/wiki/File:A.jpg")
    assert not limits.POLITE.exempt("/w/api.php")


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.2, "1 seconds"),
        (119, "119 seconds"),
        (3600, "60 minutes"),
        (86_400 * 30, "30 days"),
        (86_400 * 365 * 30, "30 years"),
    ],
)
def test_durations_are_in_the_unit_that_one_would_use(seconds: float, said: str) -> None:
    assert lasts(seconds) == said


def test_amounts() -> None:
    assert [amount(n) for n in (999, 20_000, 14e6, 10.5e9, 2.34e12)] == [
        "999 bytes",
        "20 kB",
        "14 MB",
        "10 GB",
        "2.3 TB",
    ]


def test_dry_run_asks_nobody(tmp_path: Path, auditor: Callable[..., Run], monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def no(*_: object) -> None:
        raise AssertionError("connected")

    monkeypatch.setattr(socket.socket, "connect", no)
    rows = [f"{i},https://farm1.staticflickr.com/65/42000{i}_abcdef0123.jpg," for i in range(10, 40)]
    monkeypatch.delenv("FLICKR_API_KEY", raising=False)
    (tmp_path / "list.csv").write_text("id,url,license\n" + "\n".join(rows) + "\n")
    run = auditor("audit", tmp_path / "list.csv", "-o", tmp_path / "a", "--follow", "--dry-run")
    assert run.code == 0 and "60 requests to 1 host" in run.out and "www.flickr.com" in run.out
    (tmp_path / "own.csv").write_text("id,license\n1,MIT\n")
    run = auditor("audit", tmp_path / "own.csv", "-o", tmp_path / "b", "--dry-run")
    assert run.code == 0 and run.out.startswith("Nothing would be asked")


@pytest.mark.parametrize("name", limits.names())
def test_what_is_known_of_a_host_names_what_was_read(name: str) -> None:
    known, plain = limits.of(name), limits.POLITE
    read = {e.field for e in known.evidence}
    assert all(e.quote and e.url for e in known.evidence) and known.hosts and known.requests > 0
    stated = {f for f in ("requests", "batch", "bulk", "key") if getattr(known, f) != getattr(plain, f)}
    assert stated <= read, f"{stated - read} of {name} rests on nothing"
    assert read <= set(msgspec.structs.asdict(known)), read
