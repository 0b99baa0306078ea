"""Credentials in one private file, understood by the real library."""

import base64
import json
import os
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from envbench.model import redaction
from envbench.model.errors import PreventedError
from envbench.model.redaction import redact
from envbench.settings.credentials import Credential, read_credentials, store_credentials

REPODATA = json.dumps({"info": {"subdir": "noarch"}, "packages": {}, "packages.conda": {}}).encode()


def test_entries_of_other_hosts_stay(tmp_path):
    path = tmp_path / "state" / "credentials.json"
    store_credentials(path, [Credential("a", "u", "hunter22"), Credential("b", conda_token="t1")])
    store_credentials(path, [Credential("b", conda_token="t2"), Credential("c", bearer_token="x")])
    assert read_credentials(path) == {
        "a": {"BasicHTTP": {"username": "u", "password": "hunter22"}},
        "b": {"CondaToken": "t2"},
        "c": {"BearerToken": "x"},
    }
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_file_that_others_may_read_is_closed(tmp_path):
    path = tmp_path / "s" / "credentials.json"
    path.parent.mkdir(mode=0o700)
    path.write_text("{}")
    path.chmod(0o644)
    store_credentials(path, [Credential("a", "u", "pass")])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_users_own_file_is_kept_in_mind(tmp_path):
    base = tmp_path / "base.json"
    base.write_text(
        '{"a": {"CondaToken": "theirs-1"}, "b": {"BearerToken": "theirs-2"}, "c": {"New": 1}, "d": 3}'
    )
    path = store_credentials(
        tmp_path / "s/c.json", [Credential("a", "u", "mine")], base_files=[base]
    )
    assert set(read_credentials(path)) == {"a", "b"}
    assert "BasicHTTP" in read_credentials(path)["a"]
    assert "theirs-2" not in redact("theirs-2")


def test_the_users_own_file_is_found(desk):
    assert desk.load().user_auth_file is None
    assert str(desk.load(RATTLER_AUTH_FILE="/theirs.json").user_auth_file) == "/theirs.json"
    ours = desk.load().paths.credentials_file
    assert desk.load(RATTLER_AUTH_FILE=str(ours)).user_auth_file is None


def test_stored_secrets_are_redacted_in_every_process_that_loads_the_settings(desk, monkeypatch):
    path = desk.load().paths.credentials_file
    store_credentials(path, [Credential("h", conda_token="tk-secret")])
    monkeypatch.setattr(redaction, "_REGISTRY", redaction._SecretRegistry())
    desk.load()
    assert redact("tk-secret") == "***"
    path.write_text("[")
    assert desk.load().problems == ()


@pytest.mark.parametrize("text", ["[]", "{", "\x00", "[" * 100_000], ids=range(4))
def test_what_is_no_such_file_is_left_alone(tmp_path, text):
    path = tmp_path / "s" / "credentials.json"
    path.parent.mkdir(mode=0o700)
    path.write_text(text)
    with pytest.raises(PreventedError, match="credentials"):
        store_credentials(path, [Credential("a", "u", "pass")])
    assert path.read_text() == text


def test_nothing_is_lost_when_many_write_at_once(tmp_path):
    path = tmp_path / "s" / "credentials.json"
    path.parent.mkdir(mode=0o700)
    with ThreadPoolExecutor(8) as pool:
        jobs = [
            pool.submit(store_credentials, path, [Credential(f"h{i}", "u", "p")]) for i in range(40)
        ]
        for job in jobs:
            job.result()
    assert len(read_credentials(path)) == 40


def test_hostile_row_24_a_link_in_the_place_of_the_lock(tmp_path):
    path = tmp_path / "s" / "credentials.json"
    path.parent.mkdir(mode=0o700)
    (path.parent / ".credentials.json.lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PreventedError, match="lock"):
        store_credentials(path, [Credential("a", "u", "pass")])
    assert not (tmp_path / "elsewhere").exists()


class _Guarded(BaseHTTPRequestHandler):
    """A channel `basic/` that asks for a password, and one that answers below `/t/TOKEN/` only."""

    def do_GET(self):
        basic = "Basic " + base64.b64encode(b"me:hunter22").decode()
        allowed = (
            self.path.startswith("/basic/") and self.headers.get("Authorization") == basic
        ) or self.path.startswith("/t/tk-4711/token/")
        self.server.seen.append((self.path, allowed))
        ready = allowed and self.path.endswith("/repodata.json")
        self.send_response(200 if ready else 404 if allowed else 401)
        self.end_headers()
        if ready:
            self.wfile.write(REPODATA)

    def log_message(self, *_):
        pass


@pytest.fixture
def guarded():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Guarded)
    server.seen = []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


ASK = """
import asyncio, os, sys
from rattler import Channel, Gateway, MatchSpec
from rattler.networking import Client
async def ask():
    # A gateway without a client of its own sends no credentials at all.
    gateway = Gateway(cache_dir=sys.argv[1], client=Client.default_client())
    await gateway.query([Channel(sys.argv[2])], ["noarch"], [MatchSpec("x")])
code = 0
try:
    asyncio.run(ask())
except BaseException as fault:
    print(type(fault), fault)
    code = 1
sys.stdout.flush()
os._exit(code)
"""


@pytest.mark.parametrize(
    ("channel", "userinfo", "prefix"),
    [("basic", "me:hunter22@", ""), ("token", "", "/t/tk-4711"), ("basic", "me:wrong1@", "")],
    ids=["basic", "token", "wrong password"],
)
def test_hostile_row_14_the_library_sends_what_was_taken_out(
    desk, guarded, tmp_path, channel, userinfo, prefix
):
    port = guarded.server_port
    settings = desk.load()
    found = settings.channels.resolve([f"http://{userinfo}127.0.0.1:{port}{prefix}/{channel}"])
    (url,) = found.groups[0].urls
    assert url == f"http://127.0.0.1:{port}/{channel}"
    path = store_credentials(settings.paths.credentials_file, found.credentials)
    answer = subprocess.run(
        [sys.executable, "-c", ASK, str(tmp_path / "cache"), url],
        env={**os.environ, "RATTLER_AUTH_FILE": str(path), "HOME": str(desk.home)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    right = "wrong" not in userinfo
    assert (answer.returncode == 0) is right, answer.stdout + answer.stderr
    assert any(allowed for _, allowed in guarded.seen) is right
    cached = b"".join(p.read_bytes() for p in (tmp_path / "cache").rglob("*") if p.is_file())
    assert b"hunter22" not in cached
    if channel == "token":
        assert guarded.seen[0][0].startswith("/t/tk-4711/token/")
