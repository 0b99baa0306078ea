"""Secrets are used and never shown: planted everywhere, looked for in all that was written."""

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from envbench.formats.lock_formats import LOCK_FORMATS
from envbench.model.redaction import secret_forms
from tests.channels import index_channel, make_package
from tests.workbench.conftest import Box
from tests.workbench.failing import GatedServer, serving, settle
from tests.workbench.wheels import make_index, make_wheel

USER = "ada"
TOKENS = {
    "channel": "pl4nted-channel-7Qx/z@1",
    "path": "pl4nted-path-8Ry",
    "index": "pl4nted-index-9Sz/y@2",
    "proxy": "pl4nted-proxy-1Ta",
    "condarc": "pl4nted-condarc-2Ub",
}
FORMS = {f for token in TOKENS.values() for f in (*secret_forms(token, username=USER),)}
LIMIT_S = 120


def quoted(name: str) -> str:
    return TOKENS[name].replace("/", "%2F").replace("@", "%40")


@dataclass
class Planted:
    """A box whose channels and index want secrets, which are in the spec and in variables."""

    box: Box
    spec: Path
    environ: dict[str, str]
    servers: tuple[GatedServer, ...] = ()
    said: list[str] = field(default_factory=list)
    """Everything that the commands printed."""

    def run(self, *arguments: str | Path, code: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "envbench", *map(str, arguments)],
            capture_output=True, text=True, env=self.environ, cwd=self.box.root, check=False,
            stdin=subprocess.DEVNULL, timeout=LIMIT_S,
        )  # fmt: skip
        self.said += [done.stdout, done.stderr]
        assert done.returncode == code, (arguments, done.stdout, done.stderr)
        return done.stdout


@pytest.fixture
def planted(box: Box, python_channel: Path) -> Iterator[Planted]:
    second, index = box.root / "second", box.root / "index"
    make_package(second / "chan", "extra", files={"share/extra.txt": "extra\n"})
    index_channel(second / "chan")
    make_index(index, make_wheel(box.root / "made", "private"))
    with (
        serving(box.channel) as first,
        serving(second, "127.0.0.2") as other,
        serving(index) as packages,
    ):
        first.credentials = f"{USER}:{TOKENS['channel']}"
        other.token = TOKENS["path"]
        packages.credentials = f"{USER}:{TOKENS['index']}"
        spec = box.root / "env.yml"
        address = first.url.replace("//", f"//{USER}:{quoted('channel')}@")
        spec.write_text(
            f"# from {address}, with {TOKENS['channel']}\n"
            "name: env\nchannels:\n"
            f"  - {address}\n  - {other.url}/t/{TOKENS['path']}/chan\n"
            f"  - {python_channel.as_uri()}\n"
            "dependencies:\n  - python\n  - pip\n  - app\n  - extra\n  - pip:\n    - private\n"
        )
        condarc = f"custom_channels:\n  lab: http://{USER}:{TOKENS['condarc']}@127.0.0.9/\n"
        (box.root / "home" / ".condarc").write_text(condarc)
        environ = dict(os.environ) | {
            "PIP_INDEX_URL": packages.url.replace("//", f"//{USER}:{quoted('index')}@"),
            "HTTPS_PROXY": f"http://{USER}:{TOKENS['proxy']}@127.0.0.9:3128",
            "UV_HTTP_RETRIES": "0",
        }
        yield Planted(box, spec, environ, (first, other, packages))


@contextlib.contextmanager
def watching_arguments() -> Iterator[set[bytes]]:
    """Collect the command lines of all processes that come by: everybody can read them."""
    seen: set[bytes] = set()
    stop = threading.Event()

    def watch() -> None:
        while not stop.is_set():
            for entry in os.scandir("/proc"):
                if entry.name.isdigit():
                    with contextlib.suppress(OSError):
                        seen.add(Path(entry.path, "cmdline").read_bytes())
            time.sleep(0.02)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()


def find_tokens(text: bytes) -> list[str]:
    return [form for form in FORMS if form.encode() in text]


def test_hostile_row_14_planted_secrets_open_every_door_and_are_written_nowhere(planted: Planted):
    box, spec = planted.box, planted.spec
    with watching_arguments() as arguments:
        planted.run("check", spec)
        planted.run("build", spec)
        built = json.loads(planted.run("build", spec, "--json"))
        locks = []
        for form in (each for each in LOCK_FORMATS if each.is_lock):
            (box.root / f"lock-{form.name}").mkdir()
            locks.append(["lock", "env", "--format", form.name, "-o", f"lock-{form.name}/"])
        for name in ("conda-lock", "pylock"):
            (box.root / f"planned-{name}").mkdir()
            locks.append(["lock", spec, "--format", name, "-o", f"planned-{name}/"])
        verbs = [
            ["check", spec, "--json"],
            ["solve", spec],
            ["solve", spec, "--json", "--against", "env"],
            *locks,
            ["lock", "env", "--format", "explicit"],
            ["lock", "env", "--format", "environment-lock", "--json"],
            ["verify", "env"],
            ["envs"],
            ["envs", "--json"],
            ["diff", "env@1", "env@2", "--json"],
            ["jobs"],
            ["jobs", "--json"],
            ["logs", built["job"]],
            ["config"],
            ["config", "--json"],
        ]
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda verb: planted.run(*verb), verbs))
        planted.run("verify", "lock-environment-lock/environment.lock.yml", "env", "--json")
        settle(box)

    for server in planted.servers:
        assert any(path.endswith((".conda", ".whl")) for path in server.served), server.url
    assert (box.path() / "bin" / "app").exists()
    assert (box.path() / "share" / "extra.txt").exists()
    assert list(box.path().glob("lib/python*/site-packages/private/__init__.py"))
    said = "".join(planted.said)
    assert "the job does not get HTTPS_PROXY, because its address holds a password" in said
    assert "proxy_servers of your condarc" in said

    lines = [line for text in planted.said for line in text.splitlines()]
    assert [line for line in lines if find_tokens(line.encode())] == []
    assert any(b"envbench.workers.build" in line for line in arguments)
    assert any(b"/uv" in line for line in arguments)
    assert [line for line in arguments if find_tokens(line)] == []
    assert find_files_with_tokens(planted) == []


def find_files_with_tokens(planted: Planted) -> list[str]:
    """Search everything but what the test planted, and the private files for the purpose."""
    box = planted.box
    private = [
        box.settings.paths.credentials_file, box.settings.paths.index_credentials_file,
    ]  # fmt: skip
    for path in private:
        assert path.stat().st_mode & 0o777 == 0o600, path
        assert path.parent.stat().st_mode & 0o777 == 0o700, path
        assert find_tokens(json.dumps(json.loads(path.read_bytes())).encode()), path
    planted_here = {*private, planted.spec, box.root / "home" / ".condarc"}
    searched = [p for p in box.root.rglob("*") if p.is_file() and not p.is_symlink()]
    assert len(searched) > 1000
    return [
        f"{path}: {found}"
        for path in searched
        if path not in planted_here and (found := find_tokens(path.read_bytes()))
    ]


def test_a_proxy_of_condarc_serves_conda_and_pip_of_a_detached_build(
    box: Box, python_channel: Path
):
    hosts = box.root / "hosts"
    make_package(hosts / "channel.invalid" / "chan", "extra", files={"share/extra.txt": "extra\n"})
    index_channel(hosts / "channel.invalid" / "chan")
    make_index(hosts / "index.invalid", make_wheel(box.root / "made", "private"))
    spec = box.write_spec(
        "python", "pip", "extra", pip=("private",), channel="http://channel.invalid/chan"
    )
    channels = f"channels:\n  - {python_channel.as_uri()}\n"
    spec.write_text(spec.read_text().replace("channels:\n", channels))
    with serving(hosts) as proxy, watching_arguments() as arguments:
        proxy.is_proxy = True
        proxy.credentials = f"{USER}:{TOKENS['proxy']}"
        address = proxy.url.replace("//", f"//{USER}:{TOKENS['proxy']}@")
        (box.root / "home" / ".condarc").write_text(f"proxy_servers:\n  http: {address}\n")
        environ = dict(os.environ) | {
            "PIP_INDEX_URL": "http://index.invalid",
            "UV_HTTP_RETRIES": "0",
        }
        planted = Planted(box, spec, environ)
        planted.run("build", spec)
        planted.run("config", "--json")
        settle(box)
    assert any("extra-1.0" in path for path in proxy.served)
    assert any(path.endswith(".whl") for path in proxy.served)
    lines = [line for text in planted.said for line in text.splitlines()]
    assert [line for line in lines if find_tokens(line.encode())] == []
    assert [line for line in arguments if find_tokens(line)] == []
    condarc = box.root / "home" / ".condarc"
    written = [p for p in box.root.rglob("*") if p.is_file() and not p.is_symlink()]
    assert [p for p in written if find_tokens(p.read_bytes())] == [condarc]


def test_a_wrong_password_is_asked_for_by_channel_and_not_repeated(planted: Planted):
    box, spec = planted.box, planted.spec
    spec.write_text(spec.read_text().replace(quoted("channel"), "wr0ng-password-3Vc"))
    planted.run("build", spec, code=3)
    said = "".join(planted.said)
    assert "401" in said
    assert "127.0.0.1" in said
    assert "wr0ng-password" not in said
    settle(box)
    for job in box.settings.paths.jobs_dir.iterdir():
        for path in job.iterdir():
            assert b"wr0ng-password" not in path.read_bytes(), path
