"""A replica, and a name service of the test's own."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from auditor.fetch import Get, manners
from tests.replica.server import Replica


@pytest.fixture
def replica() -> Iterator[Replica]:
    with Replica() as one:
        yield one


@pytest.fixture
def get(tmp_path: Path) -> Iterator[Get]:
    """A door to the replica."""
    with Get(tmp_path / "store", allow=["127.0.0.1"]) as one:
        yield one


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Repeats come at once."""
    monkeypatch.setattr(manners, "BACKOFF", 0.01)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Say which addresses names have: `names(**{"a.example": ["203.0.113.1"]})`; a list of lists is one answer after another."""
    real = socket.getaddrinfo
    asked: list[str] = []

    def put(known: dict[str, list[Any]]) -> list[str]:
        def resolve(host: str, port: int, *args: Any, **more: Any) -> Any:
            if host not in known:
                return real(host, port, *args, **more)
            said = known[host]
            if said and isinstance(said[0], list):
                said = said[min(asked.count(host), len(said) - 1)]
            asked.append(host)
            if not said:
                raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
            found = []
            for address in said:
                family = socket.AF_INET6 if ":" in address else socket.AF_INET
                rest = (port, 0, 0) if ":" in address else (port,)
                found.append((family, socket.SOCK_STREAM, 6, "", (address, *rest)))
            return found

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        return asked

    return put
