"""Hostile input through the command line: real processes, on a real terminal where it matters.

In a pipe click drops escape sequences by itself; only a terminal shows what would get through.
"""

import json
import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.channels import HOSTILE, index_channel, make_package

LIMIT_S = 60.0
OSC, CSI = "\x1b]52;c;aGk=\x07", "\x1b[2J"
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
PEN = re.compile(r"\x1b\[(?:\d*[ABCDGK]|\?25[lh])|\r")
"""How Rich redraws its bars: cursor moves, erased lines, a hidden cursor."""

SPEC = "name: env\nchannels:\n  - {channel}\ndependencies:\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("hostile")
    channel = root / "channel"
    make_package(channel, "zlib", "1.3", files={"lib/zlib.txt": "the library\n"})
    for kind in ("escape-in-license", "dotdot-path", "setuid", "wrong-sha256", "post-link"):
        HOSTILE[kind](channel)
    index_channel(channel)
    return root


def write_spec(home: Path, *dependencies: str, name: str = "spec.yml", extra: str = "") -> str:
    lines = "".join(f"  - {dependency}\n" for dependency in dependencies)
    channel = (home / "channel").as_uri()
    (home / name).write_text(SPEC.format(channel=channel) + lines + extra)
    return name


def environ_of(home: Path, **more: str) -> dict[str, str]:
    mine = ("ENVBENCH_", "CONDA_", "PIP_", "XDG_")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(mine)}
    return {
        **kept,
        "HOME": str(home),
        "ENVBENCH_STATE_DIR": str(home / "state"),
        "ENVBENCH_CACHE_DIR": str(home / "cache"),
        "ENVBENCH_ENVS_DIR": str(home / "envs"),
        "ENVBENCH_BUILD_PRIORITY": "normal",
        "PIP_CONFIG_FILE": os.devnull,
        "TERM": "xterm-256color",
        "COLUMNS": "200",
        **more,
    }


def envbench(home: Path, *arguments: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "envbench", *arguments],
        capture_output=True, text=True, check=False, cwd=home, stdin=subprocess.DEVNULL,
        env=environ_of(home, **environ), timeout=LIMIT_S,
    )  # fmt: skip


def on_terminal(home: Path, *argv: str, keys: bytes = b"") -> tuple[int, str]:
    """Run a program on a terminal of its own; return its exit code and all that it drew."""
    master, slave = pty.openpty()
    with subprocess.Popen(
        argv, stdin=slave, stdout=slave, stderr=slave, cwd=home, env=environ_of(home),
        start_new_session=True,
    ) as child:  # fmt: skip
        os.close(slave)
        os.write(master, keys)
        drawn = b"".join(_read_all(master))
        os.close(master)
        code = child.wait(LIMIT_S)
    return code, drawn.decode(errors="surrogateescape")


def _read_all(master: int) -> Sequence[bytes]:
    ends, chunks = time.monotonic() + LIMIT_S, []
    while time.monotonic() < ends:
        if not select.select([master], [], [], 1)[0]:
            continue
        try:
            chunk = os.read(master, 65536)
        except OSError:  # the last one on the other side is gone
            break
        if not chunk:
            break
        chunks.append(chunk)
    return chunks


def show(home: Path, *arguments: str, keys: bytes = b"") -> tuple[int, str]:
    """Run envbench on a terminal; nothing but its own colours may come out."""
    code, drawn = on_terminal(home, sys.executable, "-m", "envbench", *arguments, keys=keys)
    assert_plain(drawn)
    return code, COLOUR.sub("", drawn).replace("\r", "")


def assert_plain(drawn: str) -> None:
    left = PEN.sub("", COLOUR.sub("", drawn))
    odd = [c for c in left if c != "\n" and not c.isprintable()]
    assert odd == [], ascii(left)


def list_tree(*roots: Path) -> list[str]:
    return sorted(f"{p} {p.lstat().st_mtime_ns}" for root in roots for p in root.rglob("*"))


def test_hostile_row_01_sequences_of_a_spec_reach_no_terminal(home: Path):
    spec = home / f"a{OSC}\x1b[31mb.yml"
    spec.write_text(
        'name: "e\\e]0;x\\anv"\nchannels: ["\\e[2Jx"]\ndependencies:\n  - "a\\e]52;c;aGk=\\ab"\n'
        '  - "b\\e[31m\\e[8m"\n  - pip:\n    - "c\\eP1\\e\\\\"\n'
    )
    for verb in ("check", "solve", "build"):
        code, drawn = show(home, verb, spec.name)
        assert code == 1, drawn
        assert "U+001B" in drawn


def test_hostile_row_01_words_of_the_command_line_reach_no_terminal(home: Path):
    evil = f"x{OSC}{CSI}\x1b[8m"
    assert show(home, f"nonsense{evil}")[0] == 2
    assert show(home, "check", f"--{evil}")[0] == 2
    assert show(home, "check", evil)[0] == 2
    assert show(home, "remove", evil, keys=b"y\n")[0] == 2
    assert show(home, "solve", write_spec(home, "zlib"), "--priority", evil)[0] == 2
    assert show(home, "run", "nowhere", "--", evil)[0] == 2


def test_hostile_row_01_sequences_of_packages_reach_no_terminal(home: Path):
    spec = write_spec(home, "hostile-escape-in-license")
    assert show(home, "solve", spec)[0] == 0
    assert show(home, "build", spec, "--name", "licensed")[0] == 0
    assert show(home, "lock", "licensed", "--format", "explicit")[0] == 0
    found = envbench(home, "solve", spec, "--json")
    assert "\\u001b" not in found.stdout
    assert "MIT" in found.stdout


def test_hostile_row_02_c1_and_strings_reach_no_terminal(home: Path):
    spec = home / "c1.yml"
    spec.write_text('name: env\ndependencies:\n  - "a\\x9b2J"\n  - "b\\x9d0;x"\n  - "c\\x90q"\n')
    code, drawn = show(home, "check", spec.name)
    assert code == 1
    assert all(f"U+{n}" in drawn for n in ("009B", "009D", "0090"))


def test_hostile_row_02_places_of_environments_reach_no_terminal(home: Path):
    place = home / f"w\x9b2J{OSC}\x1b[8m[bold]" / "conda-meta"
    place.mkdir(parents=True)
    (place / "history").touch()
    (place / "bad\x1b[31m-1-0.json").write_text("{")
    (home / ".conda").mkdir(exist_ok=True)
    (home / ".conda" / "environments.txt").write_text(f"{place.parent}\n")
    code, drawn = show(home, "envs")
    assert code == 0
    assert "[bold]" in drawn
    code, drawn = show(home, "verify", str(place.parent))
    assert (code, "bad-1-0.json" in drawn) == (1, True), drawn


def test_hostile_row_03_logs_show_colours_and_the_last_of_each_line(home: Path):
    done = envbench(home, "build", write_spec(home, "zlib"), "--name", "logged", "--json")
    job = json.loads(done.stdout)["job"]
    (log,) = (home / "state").rglob(f"*{job}*/log")
    raw = f"10%\r20%\r99%\n\x1b[32mgreen\x1b[0m{OSC}{CSI}\n\x1b]8;;http://x\x07link\x1b]8;;\x07\n"
    raw += "x" * 1_000_000 + "\n[/oops] [bold]\n"
    with log.open("a") as stream:
        stream.write(raw)
    kept = log.read_bytes()
    code, drawn = show(home, "logs", job)
    assert code == 0
    lines = drawn.splitlines()
    assert {"99%", "green", "link", "[/oops] [bold]"} <= set(lines)
    assert max(map(len, lines)) < 10_000
    assert "(+" in next(line for line in lines if line.startswith("xxx"))
    assert log.read_bytes() == kept


def test_hostile_row_04_odd_letters_are_named(home: Path):
    spec = home / "odd.yml"
    spec.write_text(
        'name: env\ndependencies:\n  - "n\\u0443mpy"\n  - "a\\u202eb"\n  - "c\\U000e0041"\n'
        '  - "d\\u200be"\n',
        encoding="utf-8",
    )
    code, drawn = show(home, "check", spec.name)
    assert code == 1
    assert "U+0443 CYRILLIC SMALL LETTER U" in drawn
    assert all(f"U+{n}" in drawn for n in ("202E", "E0041", "200B"))
    assert not set(drawn) & {"\u202e", "\U000e0041", "\u200b"}


MARKUP = ["[/oops]", "[bold]numpy[/bold]", "numpy[@click=app.quit]", "a\\", "nump[", ":smile:"]


@pytest.mark.parametrize("text", MARKUP)
def test_hostile_row_05_and_06_markup_of_a_spec_is_shown_literally(home: Path, text: str):
    spec = home / "markup.yml"
    spec.write_text(f"name: env\nchannels: [x]\ndependencies:\n  - '{text}'\n")
    code, drawn = show(home, "check", spec.name)
    assert code == 1
    assert text in drawn


def test_hostile_row_05_markup_of_places_is_shown_literally(home: Path):
    channel = home / "[bold][oops] :smile:\\"
    make_package(channel, "zlib", "1.3", files={"lib/zlib.txt": "the library\n"})
    index_channel(channel)
    spec = home / "[bold" / "oops].yml"
    spec.parent.mkdir()
    spec.write_text(SPEC.format(channel=f"'{channel}'") + "  - zlib\n")
    code, drawn = show(home, "build", "[bold/oops].yml", "--name", "marked")
    assert code == 0, drawn
    assert "[bold/oops].yml:3" in drawn
    assert "[bold][oops] :smile:\\" in drawn
    assert "oops].yml" in show(home, "jobs")[1]


BARS = r"""
import sys
from envbench.cli import following
from envbench.model.event import Message, PhaseEnded, PhaseStarted, Progress
from envbench.model.job import JobResult, JobState
from envbench.workbench import jobs

evil = sys.argv[1]

def tell(job, draw):
    for phase in ("fetch", evil[:20]):
        draw(PhaseStarted(phase=phase))
        draw(Progress(phase=phase, done=1, total=2, unit="packages", item=evil))
        draw(Message(text=evil))
        draw(Message(text=evil, level="warning"))
        draw(PhaseEnded(phase=phase, duration_s=1.0, ok=phase == "fetch", detail=evil))
    return JobResult(state=JobState.DONE)

jobs.wait_for_result = tell
following.follow_job(None)
"""


@pytest.mark.parametrize("text", [*MARKUP, "[bold", "[red]a[/]", "a [link=http://x]y[/link] ["])
def test_hostile_row_05_and_06_bars_show_markup_literally(home: Path, text: str):
    code, drawn = on_terminal(home, sys.executable, "-c", BARS, text)
    assert code == 0, drawn
    assert_plain(drawn)
    shown = COLOUR.sub("", drawn)
    assert f"warning: {text}" in shown
    assert re.search(rf"fetch .*2/2 +{re.escape(text)}|fetch .*{re.escape(text)}", shown), shown
    assert f"failed {text}" in shown


@pytest.mark.parametrize("text", [f"a{OSC}b", f"{CSI}a", "a\x9b2Jb", "a\x1b[8mb", "a\nb\x07"])
def test_hostile_row_01_bars_let_no_sequence_through(home: Path, text: str):
    code, drawn = on_terminal(home, sys.executable, "-c", BARS, text)
    assert code == 0, drawn
    assert_plain(drawn)
    assert "\x1b[8m" not in drawn


BOMB = "".join(
    f"a{n}: &a{n} {{{', '.join(f'k{i}: *a{n - 1}' for i in range(9))}}}\n"
    if n
    else "a0: &a0 {x: y}\n"
    for n in range(9)
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(BOMB, "anchor", id="07-alias-bomb"),
        pytest.param("a: &x {b: c}\nd:\n  <<: *x\n", "anchor", id="07-merge-key"),
        pytest.param("a: &x [*x]\n", "anchor", id="07-recursive"),
        pytest.param("a: " + "[" * 3000, "deep", id="08-deep"),
        pytest.param("a:\n" + "- x\n" * 200_000, "20,000", id="08-many"),
        pytest.param("# " + "x" * 2_000_000, "larger", id="08-large"),
        pytest.param("a: !!python/object/apply:os.system ['id']\n", "tag", id="09-object"),
        pytest.param("a: !!str x\n", "tag", id="09-any-tag"),
        pytest.param("name: a\nname: b\n", "twice", id="10-duplicate"),
        pytest.param("name: a\ndependencies:\n\t- x\n", "tab", id="10-tab"),
        pytest.param("name: a\ndependencies:\n  - python: 3.10\n", "", id="10-mapping"),
        pytest.param("name: no\ndependencies: [3.10]\n", "3.1", id="10-number"),
    ],
)
def test_hostile_row_07_to_10_yaml_is_refused_with_its_line(home: Path, text: str, words: str):
    spec = home / "yaml.yml"
    spec.write_text(text)
    began = time.monotonic()
    done = envbench(home, "check", "yaml.yml")
    assert time.monotonic() - began < 20
    said = done.stdout + done.stderr
    assert done.returncode == {"larger": 2, "3.1": 0}.get(words, 1), said
    assert words in said.lower(), said
    assert re.search(r"^yaml\.yml:\d+:\d+: ", done.stdout, re.MULTILINE) or words == "larger"
    assert "Traceback" not in said


def test_hostile_row_11_files_that_are_no_specs(home: Path):
    os.mkfifo(home / "fifo.yml")
    (home / "dir.yml").mkdir()
    (home / "loop.yml").symlink_to("loop.yml")
    (home / "zero.yml").symlink_to("/dev/zero")
    (home / "wide.yml").write_bytes("name: a\n".encode("utf-16"))
    (home / "latin.yml").write_bytes(b"name: \xe9\n")
    (home / "nul.yml").write_bytes(b"name: a\0b\n")
    for name, why in {
        "fifo.yml": "a named pipe",
        "dir.yml": "a directory",
        "loop.yml": "links form a loop",
        "zero.yml": "a character device",
        "wide.yml": "UTF-16",
        "latin.yml": "line 1 is not valid UTF-8",
        "nul.yml": "NUL byte in line 1",
    }.items():
        done = envbench(home, "check", name)
        assert done.returncode == 2, (name, done.stdout, done.stderr)
        assert why in done.stderr
        assert name in done.stderr
        assert done.stdout == ""


def test_hostile_row_11_marks_and_line_ends_are_fine(home: Path):
    channel = (home / "channel").as_uri()
    text = SPEC.format(channel=channel) + "  - zlib\n"
    (home / "crlf.yml").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    done = envbench(home, "solve", "crlf.yml")
    assert done.returncode == 0, done.stderr


NAMES = ["../x", "a/b", "-n", ".", "..", "", "x" * 300, "a\nb", "base", "root", "a.", "$(id)"]


@pytest.mark.parametrize("name", NAMES)
def test_hostile_row_12_names_are_refused_and_nothing_is_touched(home: Path, name: str):
    precious = home / "x"
    precious.mkdir(exist_ok=True)
    spec = write_spec(home, "zlib", name="named.yml")
    before = list_tree(home / "envs", precious, home / "channel")
    for words in (("build", spec, f"--name={name}"), ("rollback", "--", name), ("remove", "--yes", "--", name)):  # fmt: skip
        done = envbench(home, *words)
        assert done.returncode == 2, (words, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
    assert list_tree(home / "envs", precious, home / "channel") == before


def test_hostile_row_12_a_name_in_the_spec_is_refused_too(home: Path):
    for name in ("../x", "a/b", "-n", '""', '"a\\nb"', '"a\\0b"', "base", "x" * 300):
        (home / "named.yml").write_text(f"name: {name}\nchannels: [x]\ndependencies: [zlib]\n")
        done = envbench(home, "check", "named.yml")
        assert (done.returncode, "named.yml:1:" in done.stdout) == (1, True), (name, done.stdout)
    built = envbench(home, "build", "named.yml")
    assert built.returncode == 1
    assert "named.yml:1" in built.stdout + built.stderr


def test_hostile_row_13_a_prefix_is_never_taken_from_a_spec(home: Path):
    precious = home / "precious"
    (precious / "conda-meta").mkdir(parents=True)
    (precious / "file").write_text("precious")
    (home / "through").symlink_to(precious)
    before = list_tree(precious)
    for prefix in ("/", home, precious, home / "through"):
        spec = write_spec(home, "zlib", extra=f"prefix: {prefix}\n")
        done = envbench(home, "check", spec)
        assert done.returncode == 0, done.stdout
        assert "spec.yml:6:" in done.stdout
        assert f"`prefix: {prefix}` is ignored" in done.stdout
    done = envbench(home, "build", spec, "--name", "prefixed", "--json")
    assert json.loads(done.stdout)["result"]["payload"]["prefix"] == str(home / "envs/prefixed")
    assert list_tree(precious) == before


def test_hostile_row_15_addresses_are_told_and_never_expanded(home: Path):
    spec = home / "addresses.yml"
    spec.write_text(
        "name: env\nchannels:\n  - http://conda.example/x\n  - https://$SECRET.evil.example/x\n"
        "  - http://169.254.169.254/x\n  - file:///srv/channel\ndependencies:\n  - zlib\n"
    )
    done = envbench(home, "check", "addresses.yml", SECRET="pl4nted-value")
    for line in (3, 4, 5, 6):
        assert f"addresses.yml:{line}:" in done.stdout, done.stdout
    assert "pl4nted-value" not in done.stdout + done.stderr


PIP_LINES = [
    "--index-url https://evil.example/simple", "-r other.txt", "-c other.txt", "-e ../proj",
    "--trusted-host evil.example", "--pre", "git+ssh://git@example.com/lib", "${TOKEN}",
    "https://example.com/${TOKEN}/lib-1-py3-none-any.whl", "file:///etc/lib-1-py3-none-any.whl",
    "--config-settings=x=y", '"lib\\n--index-url https://evil.example"', "lib @ ext::sh",
]  # fmt: skip


def test_hostile_row_16_pip_lines_are_refused_with_their_line(home: Path):
    lines = "".join(f"      - {line}\n" for line in PIP_LINES)
    spec = write_spec(home, "python=3.11", "pip", extra=f"  - pip:\n{lines}")
    done = envbench(home, "check", spec, TOKEN="pl4nted-value")
    assert done.returncode == 1
    refused = {
        int(n) for n in re.findall(r"^spec\.yml:(\d+):\d+: error EB", done.stdout, re.MULTILINE)
    }
    assert refused >= set(range(8, 8 + len(PIP_LINES))), done.stdout
    assert "pl4nted-value" not in done.stdout + done.stderr
    assert envbench(home, "build", spec).returncode == 1


def test_hostile_row_18_variables_are_told_and_stay_text(home: Path):
    extra = (
        "variables:\n  LD_PRELOAD: /tmp/evil.so\n  MINE: $(touch ran) `touch ran` $HOME \"' \\\n"
    )
    spec = write_spec(home, "zlib", extra=extra)
    done = envbench(home, "build", spec, "--name", "varied")
    assert done.returncode == 0, done.stderr
    assert "LD_PRELOAD" in done.stderr
    done = envbench(home, "run", "varied", "--", "sh", "-c", 'printf %s "$MINE"')
    assert done.stdout == "$(touch ran) `touch ran` $HOME \"' \\"
    hook = envbench(home, "shell", "varied", "--hook", "bash").stdout
    done = subprocess.run(
        ["bash", "-c", hook.replace("LD_PRELOAD", "NOT_PRELOADED") + '\nprintf %s "$MINE"'],
        capture_output=True, text=True, check=True, cwd=home, env=environ_of(home),
    )  # fmt: skip
    assert done.stdout == "$(touch ran) `touch ran` $HOME \"' \\"
    assert not (home / "ran").exists()
    bad = write_spec(
        home, "zlib", name="bad.yml", extra='variables:\n  "A=B; id": x\n  C: "a\\nb"\n'
    )
    done = envbench(home, "check", bad)
    assert done.returncode == 1
    assert "bad.yml:7:" in done.stdout and "bad.yml:8:" in done.stdout


@pytest.mark.parametrize("kind", ["dotdot-path", "setuid", "wrong-sha256"])
def test_hostile_row_19_packages_are_refused_by_name(home: Path, kind: str):
    done = envbench(home, "build", write_spec(home, f"hostile-{kind}"), "--name", "refused")
    assert done.returncode == 3
    assert f"hostile-{kind}-1.0-0" in done.stderr
    assert "next: " in done.stderr
    assert not os.path.lexists(home / "envs" / "refused")
    assert not list((home / "envs").glob(".generations/refused-*"))


def test_hostile_row_20_link_scripts_are_told_and_not_run(home: Path):
    done = envbench(home, "build", write_spec(home, "hostile-post-link"), "--name", "scripted")
    assert done.returncode == 0, done.stderr
    assert "not run for: hostile-post-link-1.0-0" in done.stdout
    assert not list((home / "envs").rglob("post-link-ran"))


@pytest.fixture(scope="module")
def locked(home: Path) -> list[str]:
    """The lines of an explicit lock of the environment `locked`."""
    done = envbench(home, "build", write_spec(home, "zlib"), "--name", "locked")
    assert done.returncode == 0, done.stderr
    lock = envbench(home, "lock", "locked", "--format", "explicit-sha256")
    assert lock.returncode == 0
    return lock.stdout.splitlines()


LOCKS = {
    "wrong hash": (lambda text: re.sub(r"#[^\n]*[0-9a-f]{64}$", lambda m: m[0][:-64] + "0" * 64, text, flags=re.MULTILINE), 1, "zlib"),
    "no hash": (lambda text: re.sub(r"(\.conda)#.*", r"\1", text), None, "hash"),
    "twice": (lambda text: f"{text}{text.splitlines()[-1]}\n", 1, "lock.txt"),
    "other platform": (lambda text: text.replace("linux-64", "osx-arm64"), 1, "osx-arm64"),
    "other file name": (lambda text: text.replace("zlib-1.3-0", "zlib-1.4-0"), 1, "zlib"),
    "other hash kind": (lambda text: re.sub(r"#.*$", "#crc:12", text.splitlines()[-1]).join(["@EXPLICIT\n", "\n"]), 1, "lock.txt:2"),
    "later version": (lambda _: "version: 3\nmetadata: {}\npackage: []\n", 2, "lock.txt"),
    "empty": (lambda _: "version: 1\nmetadata: {}\npackage: []\n", 1, "zlib"),
    "unknown version": (lambda _: "lock-version = '99.0'\npackages = []\n", 2, "lock.txt"),
    "nothing": (lambda _: "", 2, "lock.txt"),
}  # fmt: skip


@pytest.mark.parametrize("kind", LOCKS)
def test_hostile_row_21_locks_are_refused_or_told_line_by_line(
    home: Path, locked: list[str], kind: str
):
    spoil, code, words = LOCKS[kind]
    text = "\n".join(locked) + "\n"
    (home / "lock.txt").write_text(text)
    assert envbench(home, "verify", "lock.txt", "locked").returncode == 0
    (home / "lock.txt").write_text(spoil(text))
    done = envbench(home, "verify", "lock.txt", "locked")
    said = done.stdout + done.stderr
    assert "Traceback" not in said
    assert words in said
    if code is not None:
        assert done.returncode == code, said


def test_hostile_row_23_damaged_records_are_shown_and_lead_nowhere(home: Path):
    assert envbench(home, "build", write_spec(home, "zlib"), "--name", "broken").returncode == 0
    precious = home / "precious.txt"
    precious.write_text("precious")
    meta = home / "envs" / "broken" / "conda-meta"
    (record,) = meta.glob("zlib-*.json")
    sound = json.loads(record.read_text())
    lie = {**sound, "files": ["../../../precious.txt"], "paths_data": {"paths": []}}
    for text in ("{", "[]", json.dumps(lie)):
        record.unlink()
        record.write_text(text)
        done = envbench(home, "verify", "broken")
        assert done.returncode == 1
        assert "zlib-1.3-0.json" in done.stdout
        # A lock that quietly lacks a package would be a false one.
        locked = envbench(home, "lock", "broken", "--format", "explicit", "-o", "broken.txt")
        assert locked.returncode != 0, locked.stderr
        assert "zlib-1.3-0.json" in locked.stderr
        assert not (home / "broken.txt").exists()
    assert envbench(home, "build", write_spec(home, "zlib"), "--name", "broken").returncode == 0
    assert envbench(home, "verify", "broken").returncode == 0
    assert envbench(home, "remove", "broken", "--yes").returncode == 0
    assert precious.read_text() == "precious"
    assert not list((home / "envs" / ".generations").glob("broken-*"))


def test_hostile_row_23_links_to_nowhere_and_to_others(home: Path):
    foreign, envs = home / "foreign", home / "envs"
    (foreign / "conda-meta").mkdir(parents=True)
    (foreign / "conda-meta" / "history").write_text("")
    (envs / ".generations").mkdir(parents=True, exist_ok=True)
    (envs / "dangling").symlink_to(".generations/dangling-3")
    (envs / "elsewhere").symlink_to(foreign)
    (envs / ".generations" / "posing-1").symlink_to(foreign)
    (envs / "posing").symlink_to(".generations/posing-1")
    before = list_tree(foreign)
    shown = {line.split()[0]: line for line in envbench(home, "envs").stdout.splitlines()}
    assert "generation 3, which is missing" in shown["dangling"]
    assert "generation 1, which is missing" in shown["posing"]
    for name in ("dangling", "posing", "elsewhere"):
        assert envbench(home, "rollback", name).returncode != 0
        assert name == "elsewhere" or envbench(home, "run", name, "--", "true").returncode == 2
        done = envbench(home, "remove", name, "--yes")
        assert done.returncode == (2 if name == "elsewhere" else 0), done.stderr
    assert (envs / "elsewhere").readlink() == foreign
    assert list_tree(foreign) == before
    (envs / "elsewhere").unlink()


NOBODY = 65534


def spoil_state(state: Path, how: str, other: Path) -> None:
    if how == "link":
        other.mkdir(mode=0o700)
        state.mkdir()
        (state / "jobs").symlink_to(other)
        return
    (state / "jobs").mkdir(parents=True, mode=0o700)
    if how == "open":
        (state / "jobs").chmod(0o770)
    else:
        os.chown(state / "jobs", NOBODY, NOBODY)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("link", "symbolic link"),
        ("open", "others may write"),
        pytest.param(
            "foreign", "nobody (uid 65534)",
            marks=pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away"),
        ),
    ],
)  # fmt: skip
def test_hostile_row_24_a_state_directory_of_others_is_refused(
    home: Path, tmp_path: Path, how: str, words: str
):
    state = tmp_path / "state"
    spoil_state(state, how, tmp_path / "other")
    spec = write_spec(home, "zlib")
    for words_of_verb in (("jobs",), ("build", spec, "--name", "unsafe"), ("logs", "ff")):
        done = envbench(home, *words_of_verb, ENVBENCH_STATE_DIR=str(state))
        assert done.returncode == 3, (words_of_verb, done.stdout, done.stderr)
        assert words in done.stderr
        assert str(state) in done.stderr
    assert how != "link" or not list((tmp_path / "other").iterdir())
    assert not os.path.lexists(home / "envs" / "unsafe")


def test_hostile_row_24_what_is_written_is_private(home: Path):
    done = envbench(home, "build", write_spec(home, "zlib"), "--name", "private")
    assert done.returncode == 0, done.stderr
    for path in (home / "state").rglob("*"):
        assert path.is_symlink() or not path.stat().st_mode & 0o077, path


def test_hostile_row_25_bad_settings_are_told_and_shown_clean(home: Path, tmp_path: Path):
    (tmp_path / "config.toml").write_text(
        'keep_generations = "many"\n"od\\u001b]0;x\\u0007d" = 1\nprobe_timeout = "\\u001b[2J"\n'
    )
    (home / ".condarc").write_text("channel_priority: [\n")
    code, drawn = on_terminal(
        home, "env", f"ENVBENCH_CONFIG_DIR={tmp_path}", sys.executable, "-m", "envbench", "config"
    )
    (home / ".condarc").unlink()
    assert code == 0, drawn
    assert_plain(drawn)
    assert "keep_generations" in drawn
    assert str(tmp_path / "config.toml") in drawn
    assert ".condarc" in drawn
