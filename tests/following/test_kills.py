"""One followed audit, killed over and over: its findings are those of an undisturbed one, and hardly anything is asked twice."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

import auditor
from auditor.fetch.limits import OWN
from tests.following.photos import BY, RESERVED, Photos, static, url_list
from tests.replica.server import Replica

KILLS = int(os.environ.get("AUDITOR_KILLS", "20"))
LICENSED = '<html><body><a rel="license" href="https://creativecommons.org/licenses/by-nc/4.0/">CC</a></body></html>'


def run(at: int, folder: Path, target: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(Path(__file__).parents[1] / "killed.py"), "audit", str(target), "-o", str(folder)]
    env = {**os.environ, "KILL_AT": str(at), "FLICKR_API_KEY": "made-up"}
    return subprocess.run([*command, "--follow", *words], capture_output=True, text=True, env=env, timeout=180)


@pytest.mark.slow
def test_killed_at_random_steps_the_audit_ends_the_same_and_asks_for_nothing_twice(tmp_path: Path) -> None:
    photos = Photos(
        {p: p % 8 for p in range(1, 400) if p % 9},
        {8: [(1253741816, RESERVED, BY), (1598990519, BY, RESERVED)]},
        {3, 33},
    )
    photos.delay = 0.02
    chance = random.Random(5)
    with Replica() as replica:
        flickr, pages = replica.host(photos), replica.host({f"/{n}": LICENSED if n % 3 else 404 for n in range(100)})
        urls = [static(1 + n % 430) for n in range(500)] + [f"{pages.url}/{n}" for n in range(100)]
        target = url_list(tmp_path / "fall11_urls.txt", urls)
        words = ("--endpoint", f"flickr={flickr.url}", "--allow-host", pages.name)
        calm = run(0, tmp_path / "calm", target, *words)
        assert calm.returncode == 0, calm.stderr
        steps, asked = int(calm.stderr.rsplit("steps:", 1)[1]), len(replica.log)
        assert asked == len({(a.host, a.path) for a in replica.log})
        died, most = 0, max(2, steps * 4 // KILLS)
        policy: tuple[str, ...] = ()  # once all is asked, another policy has all concluded again, from what is stored
        for _ in range(KILLS):
            done = run(chance.randrange(1, most), tmp_path / "killed", target, *words, *policy)
            assert done.returncode in (0, -9), done.stderr
            if done.returncode == 0:
                most = int(done.stderr.rsplit("steps:", 1)[1]) if policy else 40
                policy = ("--policy", chance.choice([p for p in ("osi", "fsf", "dfsg") if p not in policy]))
            died += done.returncode == -9
        again = run(0, tmp_path / "killed", target, *words)
        assert again.returncode == 0, again.stderr
        twice = Counter((a.host, a.path) for a in replica.log[asked:])
    assert died >= KILLS * 2 // 3
    assert sum(twice.values()) - len(twice) <= died * 2 * OWN, "more was asked twice than can have been in flight"
    assert len(twice) == asked
    ended, expected = (auditor.Audit(tmp_path / n).findings.to_table().sort_by("item_id") for n in ("killed", "calm"))
    assert ended.equals(expected)
    assert not list((tmp_path / "killed").rglob("*.tmp")) and not list((tmp_path / "killed").rglob("asked-*.jsonl"))


@pytest.mark.slow
def test_stopped_by_hand_it_ends_at_once_and_goes_on_from_there(tmp_path: Path) -> None:
    photos = Photos(dict.fromkeys(range(1, 200), 4), delay=0.1)
    target = url_list(tmp_path / "fall11_urls.txt", [static(p) for p in range(1, 200)])
    with Replica() as replica:
        words = ["--endpoint", f"flickr={replica.host(photos).url}"]
        command = [sys.executable, "-m", "auditor", "audit", str(target), "-o", str(tmp_path / "a"), "--follow", *words]
        env = {**os.environ, "FLICKR_API_KEY": "made-up"}
        with subprocess.Popen(
            command, env=env, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        ) as process:
            while len(replica.log) < 40:
                time.sleep(0.02)
            process.send_signal(signal.SIGINT)
            try:
                _, said = process.communicate(timeout=30)
            finally:
                process.kill()
        assert process.returncode == 130 and "run the same command again" in said and "Traceback" not in said
        first = len(replica.log)
        assert first < 350
        photos.delay = 0.0
        assert subprocess.run(command, env=env, capture_output=True, timeout=120).returncode == 0
        assert len(replica.log) <= 2 * 199 + OWN
