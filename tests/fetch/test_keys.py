"""A credential in the keyring is used as one in the environment is, and a keyring that cannot be opened is none."""

import threading
from collections.abc import Iterator

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from auditor.fetch import Ask, Get, keys
from auditor.fetch.guard import parsed
from tests.replica.server import Replica

API = parsed("https://api.flickr.com/services/rest/?method=flickr.photos.getInfo")


class Ring(KeyringBackend):
    """A keyring in memory; locked where it holds nothing."""

    priority = 1

    def __init__(self, held: dict[tuple[str, str], str] | None) -> None:
        super().__init__()
        self.held = held

    def get_password(self, service: str, username: str) -> str | None:
        if self.held is None:
            raise KeyringLocked
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError


@pytest.fixture(autouse=True)
def _no_key(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("FLICKR_API_KEY", raising=False)
    before = keyring.get_keyring()
    keys._ring.cache_clear()
    yield
    keyring.set_keyring(before)
    keys._ring.cache_clear()


def test_a_credential_of_the_keyring_goes_to_its_own_host_and_into_no_text() -> None:
    keyring.set_keyring(Ring({("auditor", "FLICKR_API_KEY"): " s3cretkey\n"}))
    assert keys.signed("flickr", API, {})[0] == f"{API.target}&api_key=s3cretkey"
    assert keys.signed("flickr", parsed("https://flickr.example/services/rest/"), {}) == ("/services/rest/", {})
    assert keys.hide("flickr", "no such key: s3cretkey") == "no such key: ***"


def test_the_environment_goes_before_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    keyring.set_keyring(Ring({("auditor", "FLICKR_API_KEY"): "of the ring"}))
    monkeypatch.setenv("FLICKR_API_KEY", "of the environment")
    assert keys.value("flickr") == "of the environment"


@pytest.mark.parametrize("held", [{}, None, {("another", "FLICKR_API_KEY"): "x"}])
def test_a_keyring_that_is_locked_or_holds_no_such_key_is_none(held: dict[tuple[str, str], str] | None) -> None:
    keyring.set_keyring(Ring(held))
    assert keys.value("flickr") is None
    assert keys.signed("flickr", API, {}) == (API.target, {})


def test_a_keyring_that_asks_its_owner_holds_nobody_up(replica: Replica, get: Get) -> None:
    """It is asked in the thread of who asks, never in that of the connections."""
    asked: list[str] = []

    class Slow(Ring):
        def get_password(self, service: str, username: str) -> str | None:
            asked.append(threading.current_thread().name)
            return None

    keyring.set_keyring(Slow({}))
    host = replica.host({"/a": b"in"})
    assert get.one(Ask(f"{host.url}/a", "flickr")).status == 200
    assert asked and "wire" not in asked
