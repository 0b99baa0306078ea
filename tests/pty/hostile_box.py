"""A box on which everything that can hold text from outside holds hostile text.

What is planted here comes from nobody in particular: names of files, texts of specs, records of
environments and jobs, logs, indexes of channels, settings, themes, variables. `FOOTPRINTS` are
files that only appear when something of it was executed.
"""

import json
import os
import random
import re
import shlex
import subprocess
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from envbench.jobs import layout
from envbench.jobs.submitting import write_job
from envbench.model.job import JobRequest

OSC52 = "\x1b]52;c;T1dORUQ=\x07"
SEQUENCES = (
    f"{OSC52}\x1b[2J\x1b]0;owned\x07\x1b]8;;http://evil/\x07\x1b]9;note\x07\x1bPq\x1b\\\x1b_apc\x1b\\"
    "\x1b[6n\x1b[c\x1b[5i\x1bc\x9b31m\x9d0;c1\x9c\x90dcs\x9c"
)
INVISIBLE = "\u202eevil\u2066\u200b\u200d\ufeff\u00ad\u3164\U000e0041\u2028\u0085"
MARKUP = "[/oops][@click=app.bell]click[/][bold red]x[/"
BAD = f"x{SEQUENCES}{INVISIBLE}{MARKUP}\x05\x07\x0e\x7f\t\\"
"""Everything at once, as text."""
RAW_LINE = b"raw \x9b31m \x9d52;c;QQ==\x9c \xff\xfe\x00 \x1b]52;c;QQ==\x07end"
"""A line of a log that is no UTF-8."""
FOOTPRINT = "executed"
NAMES = (
    f"environment-{OSC52}.yml",
    "environment-\x1b[2J\x1b]0;owned\x07.yml",
    "environment-\u202elmy.exe\u2066.yml",
    "environment-\nline\r.yml",
    os.fsdecode(b"environment-\xff\xfe\x9b31m.yml"),
    "environment-[@click=app.bell]x[].yml",
    "environment-[oops.yml",
    "environment-$(touch executed)`touch executed`;touch executed.yml",
)
"""Of files."""


def plant(home: Path) -> Mapping[str, str]:
    """Make the box below a folder; give the variables to start the screen with."""
    plant_folder(home / "project", home)
    plant_environments(home / "envs", home)
    plant_jobs(home / "state" / "jobs")
    plant_settings(home / "config")
    return variables(home)


def variables(home: Path) -> dict[str, str]:
    """Give hostile values of variables that programs read of themselves."""
    odd = os.fsdecode(b"/nowhere/\xff\x1b]52;c;T1dORUQ=\x07/bin/conda")
    return {
        "TERM_PROGRAM": BAD,
        "TERM_PROGRAM_VERSION": BAD,
        "USER": BAD,
        "LOGNAME": BAD,
        "LC_TIME": BAD,
        "LANGUAGE": BAD,
        "EDITOR": f"{home / 'an editor'} --name '{SEQUENCES}'",
        "VISUAL": "",
        "SHELL": f"/bin/{MARKUP}{SEQUENCES}",
        "TZ": SEQUENCES,
        "CONDA_EXE": odd,
        "CONDA_PREFIX": odd,
        "MAMBA_ROOT_PREFIX": odd,
        "CONDA_DEFAULT_ENV": BAD,
        "VIRTUAL_ENV": odd,
        "SSH_CONNECTION": BAD,
        "HTTP_PROXY": f"http://{MARKUP}@127.0.0.1:1/",
        "CUDA_VISIBLE_DEVICES": BAD,
        "ENVBENCH_LINK": BAD,
        "ENVBENCH_NOTIFY": f"both{SEQUENCES}",
        "ENVBENCH_CHANNELS": BAD,
        "COLUMNS": SEQUENCES,
        "LINES": BAD,
        "ESCDELAY": BAD,
        "TEXTUAL_FPS": BAD,
        "PS1": BAD,
        "PROMPT_COMMAND": f"touch {home / FOOTPRINT}",
        "ENV": str(home / "rc"),
        "BASH_ENV": str(home / "rc"),
    }


def write(path: Path, text: str) -> None:
    """Write a text whose lone surrogates may stand for bytes of a file name."""
    path.write_bytes(text.encode("utf-8", "surrogateescape"))


# -- The folder --


def plant_folder(folder: Path, home: Path) -> None:
    """Make a project with hostile specs, in a repository that names programs to run."""
    folder.mkdir(parents=True)
    mark = f"touch {shlex.quote(str(home / FOOTPRINT))}"
    write(home / "rc", f"{mark}\n")
    channel = plant_channel(home / "channel")
    write(folder / "environment.yml", write_spec(channel))
    write(
        folder / "conflict.yml",
        f"name: clash\nchannels:\n  - {channel}\ndependencies:\n  - app\n  - lib=1\n",
    )
    write(
        folder / "sound.yml",
        f"name: sound\nchannels:\n  - {channel}\ndependencies:\n  - lib\n  - app\n",
    )
    for name in NAMES:
        write(folder / name, write_spec(channel))
    write(folder / "environment-raw.yml", f"name: raw\x1b]52;c;T1dORUQ=\x07\n# {BAD}\n")
    (folder / "environment-latin.yml").write_bytes(b"name: caf\xe9 \x9b31m\xff\n")
    write(
        folder / "environment-line.yml",
        "name: line\ndependencies:\n  - 'x" + "\u202e[/]" * 200_000 + "'\n",
    )
    write(
        folder / "environment-object.yml",
        f"name: !!python/object/apply:os.system ['{mark}']\ndependencies: [a]\n",
    )
    # Beyond U+FFFF it is two halves in JSON, of which YAML would make lone surrogates.
    write(folder / "environment-halves.yml", f"name: {json.dumps(BAD)}\n")
    (folder / "environment-pipe.yml").symlink_to("/dev/zero")
    _plant_git(folder, mark)


def write_spec(channel: str) -> str:
    """Write a spec that is YAML and holds hostile text wherever a text can stand."""
    bad = json.dumps(BAD.replace("\U000e0041", ""))
    comment = re.sub("[\ufeff\u2028\u0085]", "", INVISIBLE)  # no YAML, or line ends to YAML
    return f"""\
# {comment} {MARKUP}
name: {bad}
channels:
  - {channel}
  - {bad}
  - "http://user:pass@evil/[/oops]\\e]0;x\\a"
dependencies:
  - lib
  - {bad}
  - "numpy=1.2\\e[31m*"
  - "[@click=app.bell]pkg[/]"
  - "evil::pkg\\u202e=1"
  - pip:
    - {bad}
    - "-r /etc/passwd\\e[2J"
    - "https://evil/[/oops]\\e]52;c;T1dORUQ=\\a"
variables:
  {bad}: {bad}
  LD_PRELOAD: "[/oops]\\e[2J"
{bad}: {bad}
"""


def _plant_git(folder: Path, mark: str) -> None:
    def git(*words: str) -> None:
        subprocess.run(
            ["git", "-C", str(folder), *words], check=True, capture_output=True, timeout=20
        )

    git("init", "-q", "-b", "evil-\u202e/oops]")
    git(
        "-c", "user.name=x", "-c", "user.email=x@x", "commit", "-q", "--allow-empty", "-m", BAD[:-1]
    )
    git("config", "core.fsmonitor", mark)
    git("config", "filter.evil.clean", mark)
    git("config", "core.pager", mark)
    write(folder / ".gitattributes", "*.yml filter=evil\n")
    hooks = folder / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-checkout", "post-index-change", "pre-commit"):
        write(hooks / name, f"#!/bin/sh\n{mark}\n")
        (hooks / name).chmod(0o755)


# -- The channel --


def plant_channel(directory: Path) -> str:
    """Write an index whose packages say hostile things of themselves; give its address."""
    fields = {"license": BAD, "license_family": BAD, "url": f"http://x/{BAD}", "summary": BAD}
    records = [
        {"name": "lib", "version": "1.0", "build": "h\u202e_[oops"},
        {"name": "lib", "version": "2.0", "build": "[/oops]", "track_features": BAD},
        {"name": "lib", "version": "2.1", "build": f"h{SEQUENCES}"},
        {"name": "app", "version": "1.0", "depends": ["lib >=2"]},
        {"name": "app", "version": "1.1", "depends": ["lib >=2", "gone[/oops]"]},
        {"name": "app", "version": "1.2", "depends": ["lib >=2", f"more {SEQUENCES}"]},
        {"name": "app", "version": "1.3", "depends": [BAD]},
        {"name": "libx-[@click=app.bell]x[", "version": "1.0"},
        {"name": f"liby{SEQUENCES}", "version": "1.0"},
        {"name": "libz\u202e\u2066evil", "version": "1.0", "depends": ["lib"]},
    ]
    return write_index(directory, [{**fields, **record} for record in records])


def write_index(directory: Path, records: Sequence[Mapping[str, object]]) -> str:
    """Write an index without archives; the names of the archives hold nothing hostile."""
    common = {"build": "0", "build_number": 0, "subdir": "noarch", "noarch": "generic", "size": 1000,
              "sha256": "0" * 64, "depends": []}  # fmt: skip
    packages = {f"{r['name'][:3]}-{n}-0.conda": {**common, **r} for n, r in enumerate(records)}
    for subdir in ("linux-64", "noarch"):
        (directory / subdir).mkdir(parents=True, exist_ok=True)
        document = {
            "info": {"subdir": subdir, "note": BAD},
            "packages": {},
            "packages.conda": packages if subdir == "noarch" else {},
            "repodata_version": 1,
        }
        write(directory / subdir / "repodata.json", json.dumps(document))
    return directory.as_uri()


# -- Environments --


def plant_environments(envs: Path, home: Path) -> None:
    """Make environments of other tools with hostile names and records, and damaged ones of ours."""
    mark = f"touch {shlex.quote(str(home / FOOTPRINT))}"
    names = (
        f"env{OSC52}",
        "env\x1b[2J\x1b]0;owned\x07",
        "env\u202e\u2066\u200b",
        "env\nline",
        os.fsdecode(b"env\xff\x9b31m"),
        "env[@click=app.bell]x[]",
        "env;touch executed;$(touch executed)",
    )
    for name in names:
        _plant_foreign(envs / name, mark)
    for number, fields in enumerate(({}, {"environment": BAD}, {"number": "x"}), start=1):
        _plant_generation(envs, number, fields)
    (envs / "ours").symlink_to(".generations/ours-1")
    (envs / "gone").symlink_to(".generations/gone-7")
    (envs / f"link{OSC52}").symlink_to(f"/nowhere/{OSC52}")
    venv = envs / "venv[oops\x1b[2J"
    (venv / "bin").mkdir(parents=True)
    write(venv / "pyvenv.cfg", f"version = 3.11{BAD}\nhome = {BAD}\n")
    listed = home / ".conda"
    listed.mkdir()
    lines = "\n".join([f"/nowhere/{BAD}", str(envs / names[0]), BAD])
    write(listed / "environments.txt", lines)


def _plant_foreign(prefix: Path, mark: str) -> None:
    meta = prefix / "conda-meta"
    meta.mkdir(parents=True)
    (prefix / "bin").mkdir()
    write(prefix / "bin" / "python", f"#!/bin/sh\n{mark}\n")
    (prefix / "bin" / "python").chmod(0o755)
    scripts = prefix / "etc" / "conda" / "activate.d"
    scripts.mkdir(parents=True)
    write(scripts / "evil.sh", f"{mark}\n")
    history = f"==> 2026-01-01 00:00:00 <==\n# cmd: {BAD}\n# update specs: ['{BAD}']\n"
    write(meta / "history", history)
    write(meta / "state", json.dumps({"env_vars": {"A": BAD, BAD: "x"}}))
    record = {
        "name": "python",
        "version": f"3.11{BAD}",
        "build": "0",
        "build_number": 0,
        "channel": f"http://user:pass@evil/{MARKUP}",
        "url": f"http://user:pass@evil/{BAD}",
        "subdir": "linux-64",
        "files": ["bin/python", f"../../{BAD}"],
        "license": BAD,
    }
    write(meta / "python-3.11\x1b[2J-0.json", json.dumps(record))
    write(meta / f"broken{OSC52}.json", f"{{{BAD}")
    packages = prefix / "lib" / "python3.11" / "site-packages"
    info = packages / "evil\x1b[2J-1.0.dist-info"
    info.mkdir(parents=True)
    write(info / "METADATA", f"Name: {BAD}\nVersion: 1{BAD}\n")
    write(packages / "evil.pth", f"import os; os.system('{mark}')\n")


def _plant_generation(envs: Path, number: int, fields: Mapping[str, object]) -> None:
    prefix = envs / ".generations" / f"ours-{number}"
    meta = prefix / "conda-meta"
    meta.mkdir(parents=True)
    write(meta / "history", BAD)
    write(meta / "broken.json", json.dumps({"name": BAD, "version": BAD}))
    record = {
        "schema": "envbench.generation/1",
        "environment": "ours",
        "number": number,
        "created": f"2026-01-0{number}T00:00:00Z" if number < 2 else BAD,
        "created_by": BAD,
        "reason": f"build {BAD}",
        "job_id": BAD,
        "spec_text": BAD,
        "channels": [BAD, MARKUP],
        "platform": BAD,
        "conda_packages": 1,
        "variables": [[BAD, BAD]],
        **fields,
    }
    text = json.dumps(record) if number < 3 else f"{json.dumps(record)}{BAD}"
    write(prefix / ".envbench-generation.json", text)


# -- Jobs --


def plant_jobs(jobs: Path) -> None:
    """Put jobs on record that are over, with hostile words and logs; the newest comes last."""
    jobs.mkdir(parents=True, mode=0o700)
    (jobs.parent).chmod(0o700)
    _plant_job(jobs, "binary", log=random.Random(1).randbytes(200_000) + bytes(range(256)) * 20)
    _plant_job(jobs, "bars", log=_bars())
    _plant_job(jobs, "long", log=b"")
    _write_long_line(_newest(jobs) / layout.LOG)
    _plant_damaged(jobs)
    _plant_job(jobs, "escapes", log=_escapes())


def _plant_job(jobs: Path, word: str, *, log: bytes) -> None:
    request = JobRequest(
        kind=f"build{SEQUENCES}" if word == "binary" else "build",
        title=f"build {word} {BAD}",
        argv=("/bin/true", BAD),
        environment=f"{word}{BAD}",
        env={"A": BAD},
    )
    folder = jobs / write_job(jobs, request)
    now = datetime.now(UTC).isoformat()
    result = {
        "state": "failed",
        "exit_code": 1,
        "reason": f"reason {BAD}",
        "hint": f"hint {BAD}",
        "code": 1,
        "started": now if word != "bars" else BAD,
        "ended": now,
        "payload": {"environment": BAD, "changes": [BAD]},
    }
    events = [
        {"k": "phase_started", "s": 1, "t": time.time(), "phase": f"solve{BAD}"},
        {"k": "progress", "s": 2, "t": time.time(), "phase": f"solve{BAD}", "done": 1, "total": 2,
         "unit": BAD, "item": BAD},
        {"k": "message", "s": 3, "t": time.time(), "text": BAD, "level": f"error{BAD}"},
        {"k": "message", "s": 4, "t": time.time(), "text": BAD, "level": "warning"},
        {"k": "phase_ended", "s": 5, "t": time.time(), "phase": f"solve{BAD}", "duration_s": 1.0,
         "ok": False, "detail": BAD},
        {"k": BAD, "s": 6},
    ]  # fmt: skip
    lines = [json.dumps(event).encode() for event in events]
    _write(folder / layout.WORKER_EVENTS, b"\n".join((*lines, BAD.encode(), b"\xff\x9b")) + b"\n")
    _write(folder / layout.RESULT, json.dumps(result).encode())
    _write(folder / layout.STARTED, b"")
    _write(folder / layout.LOG, log)


def _plant_damaged(jobs: Path) -> None:
    for text in (f"{{{BAD}", json.dumps({"schema": BAD, "id": "\udc80"})):
        folder = jobs / write_job(jobs, JobRequest(kind="build", title="x", argv=("/bin/true",)))
        _write(folder / layout.JOB, text.encode("utf-8", "surrogateescape"))


def _newest(jobs: Path) -> Path:
    return max(jobs.iterdir())


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    path.chmod(0o600)


def _write_long_line(path: Path) -> None:
    part = (SEQUENCES + "x" * 1000 + INVISIBLE + MARKUP).encode() * 1000
    with path.open("wb") as file:
        while file.tell() < 100_000_000:
            file.write(part)
    path.chmod(0o600)


def _bars() -> bytes:
    steps = [f"\r\x1b[2K{'#' * n}{'.' * (60 - n)} {n}%\x1b[1A{OSC52}" for n in range(60)]
    return ("".join(steps) + "\n" + "".join(f"{n}%\r" for n in range(5000)) + "done\r\r\n").encode()


def _escapes() -> bytes:
    lines = [f"12:04:{n:02d} line {n} {BAD}".encode() for n in range(50)]
    lines += [RAW_LINE, b"\x1b]52;c;" + b"A" * 100_000]
    lines += [f"ERROR {BAD}".encode(), b"\x1b[31mred\x1b[38;2;1;2;3mrgb\x1b[5mblink\x1b[8mhidden"]
    return b"\n".join(lines) + b"\n"


# -- Settings and themes --


def plant_settings(config: Path) -> None:
    """Write settings and themes with hostile keys and values."""
    themes = config / "themes"
    themes.mkdir(parents=True)
    bad = json.dumps(BAD.replace("\U000e0041", "").replace("\x7f", ""))
    write(
        config / "config.toml",
        f"{bad} = 1\ntheme = {bad}\nlink = {bad}\nchannels = [{bad}]\n\n[table.{bad}]\nx = {bad}\n",
    )
    good = '[colors]\nbackground = "#000000"\n'
    texts = {
        "evil": f'schema = "envbench.theme/1"\nname = "evil"\ntitle = {bad}\ndescription = {bad}\n'
        f"dark = true\n{bad} = {bad}\n{good}{bad} = {bad}\n",
        f"evil{OSC52}": f"name = {bad}\n",
        "evil[oops": BAD,
        os.fsdecode(b"evil\xff"): f"schema = {bad}\n",
    }
    for name, text in texts.items():
        write(themes / f"{name}.toml", text)
