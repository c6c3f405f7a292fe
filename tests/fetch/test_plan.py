"""What asking would take is said before anything is asked; what is known of hosts names what was read."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from auditor.fetch import Get, limits
from auditor.fetch.plan import amount, estimates, lasts, text
from tests.conftest import Run


def test_millions_of_photos_are_months_and_another_way_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FLICKR_API_KEY", raising=False)
    (one,) = estimates("flickr", (f"flickr:photo:{i}" for i in range(7_000_000)), Get(tmp_path))
    assert (one.host, one.origins, one.requests) == ("api.flickr.com", 7_000_000, 14_000_000)
    assert one.seconds == 14_000_000 and one.pace.startswith("3,600 an hour")
    said = text([one])
    assert (
        "5.3 months" in said
        and "FLICKR_API_KEY is missing" in said
        and "too long?" in said
        and "Nothing was asked" in said
    )
    monkeypatch.setenv("FLICKR_API_KEY", "x")
    assert "missing" not in text(estimates("flickr", ["flickr:photo:1"], Get(tmp_path)))


def test_batches_and_hosts_are_counted(tmp_path: Path) -> None:
    (one,) = estimates("commons", (f"commons:file:{i}.jpg" for i in range(101)), Get(tmp_path))
    assert one.requests == 3
    pages = [f"web:https://h{i % 3}.example/{i}" for i in range(30)] + ["web:http://["]
    assert sorted((e.host, e.requests) for e in estimates("webpage", pages, Get(tmp_path))) == [
        ("addresses that are not asked", 1),
        *((f"h{i}.example", 10) for i in range(3)),
    ]


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
    (tmp_path / "list.csv").write_text("id,url,license\n" + "\n".join(rows) + "\n")
    run = auditor("audit", tmp_path / "list.csv", "-o", tmp_path / "a", "--follow", "--dry-run")
    assert run.code == 0 and "60 requests to 1 host" in run.out and "api.flickr.com" in run.out
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
