"""Faulty channels: each ends in time, is named, and leaves no poison in the cache."""

import json
import ssl
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from envbench.engine.channel_faults import FAULT_SIGNS, classify_fault, describe_fault
from envbench.engine.engine_settings import EngineSettings
from envbench.engine.errors import ChannelFaultError, FaultKind, HostileRecordError
from envbench.engine.solver.client import SolverProcess
from envbench.model.errors import ExitCode
from envbench.model.plan import Plan
from tests.engine.solver.asking import make_request, write_channel
from tests.engine.solver.faulty_server import FaultyServer

FAULTS = [
    ("404", FaultKind.NOT_FOUND),
    ("500", FaultKind.SERVER_ERROR),
    ("503", FaultKind.SERVER_ERROR),
    ("429", FaultKind.RATE_LIMITED),
    ("401", FaultKind.UNAUTHORIZED),
    ("403", FaultKind.FORBIDDEN),
    ("truncated", FaultKind.TRUNCATED),
    ("html", FaultKind.NOT_REPODATA),
    ("htmlindex", FaultKind.NOT_REPODATA),
    ("badzst", FaultKind.NOT_REPODATA),
    ("redirect", FaultKind.REDIRECT_LOOP),
    ("reset", FaultKind.UNREACHABLE),
    ("hang", FaultKind.TIMEOUT),
    ("drip", FaultKind.TIMEOUT),
    ("huge", FaultKind.TOO_LARGE),
]


def test_hostile_row_22_a_faulty_channel_is_named_and_may_heal(settings, tmp_path):
    """All faults side by side: nearly all of their time is waiting."""

    def check(case: tuple[str, FaultKind]) -> tuple[str, object]:
        mode, fault = case
        own = replace(settings, repodata_dir=str(tmp_path / mode))
        return mode, (*ask_faulty(own, mode), fault)

    with ThreadPoolExecutor(5) as pool:
        outcomes = dict(pool.map(check, FAULTS))
    assert outcomes == {mode: (fault, ["foo-1.0-0"], fault) for mode, fault in FAULTS}


def ask_faulty(settings: EngineSettings, mode: str) -> tuple[FaultKind, list[str]]:
    """What a faulty channel is said to do, and the plan once it has healed."""
    settings = replace(
        settings,
        max_retries=0 if mode in {"500", "503"} else 1,
        read_timeout_s=1.0 if mode in {"hang", "drip"} else 30.0,
        max_repodata_bytes=2_000_000,
    )
    with FaultyServer(mode) as server, SolverProcess(settings) as solver:
        request = make_request(["foo"], {"mine": server.url})
        began = time.monotonic()
        with pytest.raises(ChannelFaultError) as caught:
            solver.solve(request)
        assert time.monotonic() - began < 45
        error = caught.value
        assert (error.channel, error.exit_code) == ("mine", ExitCode.PREVENTED)
        assert "channel mine" in error.what and error.where == server.url and error.hint
        server.mode = "fine"
        plan = solver.solve(request)
        return error.fault, [package.dist_name for package in plan.packages]


def test_a_server_that_recovers_is_asked_again(solver):
    with FaultyServer("flaky") as server:
        server.failures_left = 1
        assert isinstance(solver.solve(make_request(["foo"], {"mine": server.url})), Plan)


def test_a_mirror_that_refuses_shards_is_still_used(solver):
    with FaultyServer("noshards") as server:
        assert isinstance(solver.solve(make_request(["foo"], {"mine": server.url})), Plan)


def test_the_right_one_of_several_channels_is_named(solver, tmp_path):
    good = write_channel(tmp_path / "c", [("foo", "1")])
    with FaultyServer("403") as server:
        channels = {"good": good, "group": [good + "/../c", server.url], "other": good}
        with pytest.raises(ChannelFaultError) as caught:
            solver.solve(make_request(["foo"], channels))
    assert (caught.value.channel, caught.value.where) == ("group", server.url)


def test_nobody_listening(solver):
    with FaultyServer() as server:
        url = server.url
    with pytest.raises(ChannelFaultError) as caught:
        solver.solve(make_request(["foo"], {"mine": url}))
    assert caught.value.fault is FaultKind.UNREACHABLE


def test_offline_uses_the_cache_and_says_when_there_is_none(settings):
    with FaultyServer() as server, SolverProcess(settings) as solver:
        request = make_request(["foo"], {"mine": server.url})
        with pytest.raises(ChannelFaultError) as caught:
            solver.solve(replace(request, offline=True))
        assert caught.value.fault is FaultKind.NOT_CACHED
        assert not server.seen
        solver.solve(request)
        asked = len(server.seen)
    # The server is gone and the process is another one: only the cache is left.
    with SolverProcess(replace(settings, offline=True)) as solver:
        assert isinstance(solver.solve(request), Plan)
    assert len(server.seen) == asked


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "does not exist"),
        ("{", "no index"),
        ("[]", "no index"),
        ("null", "no index"),
        ("[" * 100_000, "no index"),
        ('{"packages": []}', "no index"),
        ("\x1b[2J", "no index"),
    ],
)
def test_hostile_row_22_local_channels_without_a_readable_index(solver, tmp_path, content, words):
    for subdir in ("linux-64", "noarch"):
        (tmp_path / "c" / subdir).mkdir(parents=True)
        if content is not None:
            (tmp_path / "c" / subdir / "repodata.json").write_text(content)
    with pytest.raises(ChannelFaultError, match=words) as caught:
        solver.solve(make_request(["foo"], {"mine": f"file://{tmp_path}/c"}))
    assert "\x1b" not in str(caught.value)


def test_hostile_row_22_a_local_index_beyond_the_limit_is_not_read(settings, tmp_path):
    url = write_channel(tmp_path / "c", [("foo", str(n)) for n in range(100)])
    settings = replace(settings, max_repodata_bytes=1000)
    with SolverProcess(settings) as solver, pytest.raises(ChannelFaultError) as caught:
        solver.solve(make_request(["foo"], {"mine": url}))
    assert caught.value.fault is FaultKind.TOO_LARGE


def test_a_broken_record_is_charged_to_its_channel(solver, tmp_path):
    good = write_channel(tmp_path / "good", [("foo", "1", ["bar"])])
    bad = write_channel(tmp_path / "bad", [("bar", "1", [], {"version": "\x1b[2J"})])
    with pytest.raises(ChannelFaultError, match="channel bad") as caught:
        solver.solve(make_request(["foo"], {"good": good, "bad": bad}))
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize(
    "fields", [{"build": "../../x"}, {"build": "\x1b]0;x\x07"}, {"subdir": "../x"}]
)
def test_hostile_row_19_a_record_with_odd_parts_is_refused(solver, tmp_path, fields):
    url = write_channel(tmp_path / "c", [("foo", "1", [], fields)])
    index = tmp_path / "c" / "noarch" / "repodata.json"
    document = json.loads(index.read_text())
    (record,) = document["packages.conda"].values()
    index.write_text(json.dumps(document | {"packages.conda": {"foo-1-0.conda": record}}))
    with pytest.raises(HostileRecordError) as caught:
        solver.solve(make_request(["foo"], {"mine": url}))
    assert "\x1b" not in str(caught.value) and "foo" in caught.value.what


def test_credentials_come_from_the_auth_file_and_go_nowhere(settings, tmp_path):
    auth = tmp_path / "auth.json"
    login = {"BasicHTTP": {"username": "user", "password": "s3cret-pass"}}
    auth.write_text(json.dumps({"127.0.0.1": login}))
    auth.chmod(0o600)
    settings = replace(settings, auth_file=str(auth))
    with FaultyServer("login") as server, SolverProcess(settings) as solver:
        plan = solver.solve(make_request(["foo"], {"mine": server.url}))
    assert "s3cret" not in repr(plan)
    for path in Path(settings.repodata_dir).rglob("*"):
        assert path.is_dir() or b"s3cret" not in path.read_bytes()


def test_secrets_in_an_index_go_nowhere(solver, tmp_path):
    url = write_channel(
        tmp_path / "c", [("foo", "1")], base_url="https://me:hunter22@evil/t/tok-1/x"
    )
    plan = solver.solve(make_request(["foo"], {"mine": url}))
    assert "hunter22" not in repr(plan) and "tok-1" not in repr(plan)


def test_the_proxy_of_the_settings_is_used(settings):
    with FaultyServer() as proxy:
        proxy.path = ""
        settings = replace(settings, proxies={"http": proxy.url})
        with SolverProcess(settings) as solver:
            url = "http://channel.example/chan"
            assert isinstance(solver.solve(make_request(["foo"], {"mine": url})), Plan)
        assert any(path.startswith("http://channel.example/") for _, path in proxy.seen)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A self-signed certificate for 127.0.0.1, made by openssl."""
    root = tmp_path_factory.mktemp("tls")
    # CA:FALSE, or the library refuses a certificate that is its own authority.
    (root / "openssl.cnf").write_text(
        "[req]\ndistinguished_name=dn\nx509_extensions=v3\nprompt=no\n[dn]\nCN=127.0.0.1\n"
        "[v3]\nsubjectAltName=IP:127.0.0.1\nbasicConstraints=critical,CA:FALSE\n"
    )
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-config", str(root / "openssl.cnf")]
    command += ["-keyout", str(root / "key.pem"), "-out", str(root / "cert.pem")]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no openssl to make a certificate with")
    return root


@pytest.mark.parametrize("trust", ["nothing", "file", "everything"])
def test_certificates(settings, certificate, trust):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    if trust == "file":
        settings = replace(settings, ca_file=str(certificate / "cert.pem"))
    settings = replace(settings, ssl_verify=trust != "everything")
    with FaultyServer() as server, SolverProcess(settings) as solver:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        request = make_request(["foo"], {"mine": server.url.replace("http:", "https:")})
        if trust == "nothing":
            with pytest.raises(ChannelFaultError) as caught:
                solver.solve(request)
            assert caught.value.fault is FaultKind.TLS
        else:
            assert isinstance(solver.solve(request), Plan)


def test_every_fault_has_words():
    assert {sign.kind for sign in FAULT_SIGNS} | {FaultKind.OTHER} == set(FaultKind)
    assert classify_fault("something new") is None
    error = describe_fault("something new\x1b[2J", channel="c\x1b[1m", url="https://u:hunter22@h/x")
    assert (error.fault, error.what) == (FaultKind.OTHER, "channel c cannot be used")
    assert "hunter22" not in str(error) and "\x1b" not in str(error)
