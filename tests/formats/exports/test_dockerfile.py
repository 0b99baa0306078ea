"""Images: accepted by Docker's parser and by hadolint, never root, never without a token."""

import hashlib
import json
import platform
import subprocess
from dataclasses import replace

import pytest

from envbench.formats.exports import dockerfile as exports
from envbench.model.errors import UsageError
from envbench.model.export_options import ExportOptions
from envbench.model.lock import PipPackage
from tests.formats.exports.gpu_environment import CPU, FROM_REPOSITORY, GPU
from tests.formats.exports.judges import lint_dockerfile

LOCKS = {"gpu": GPU, "repository": FROM_REPOSITORY, "cpu": CPU}
BASES = ("micromamba", "pixi")


def write(lock, **options):
    return {file.path: file.text for file in exports.write((lock,), ExportOptions(**options))}


def instructions(text):
    parser = pytest.importorskip("dockerfile")
    return parser.parse_string(text)


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("name", LOCKS)
@pytest.mark.parametrize("jupyter", [False, True])
def test_hadolint_has_nothing_to_say(name, base, jupyter):
    if jupyter and name == "cpu":
        pytest.skip("there is no JupyterLab in it")
    assert lint_dockerfile(write(LOCKS[name], base=base, jupyter=jupyter)["Dockerfile"]) == []


def test_hadolint_would_say_something():
    text = write(GPU)["Dockerfile"].replace("USER 57439:57439", "USER 0")
    assert [found.partition(" ")[0] for found in lint_dockerfile(text)] == ["DL3002"]


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("name", LOCKS)
def test_docker_s_parser_finds_a_user_who_is_not_root_and_files_that_are_there(name, base):
    files = write(LOCKS[name], base=base)
    found = instructions(files["Dockerfile"])
    assert [i.value[0] for i in found if i.cmd.lower() == "user"][-1] in {
        "57439:57439",
        "1000:1000",
    }
    copied = {
        source
        for i in found
        if i.cmd.lower() == "copy" and not any("--from" in flag for flag in i.flags)
        for source in i.value[:-1]
    }
    assert copied == set(files) - {"Dockerfile", ".dockerignore"}
    assert {line[1:] for line in files[".dockerignore"].splitlines() if line[0] == "!"} == copied
    assert all(":" in i.value[0] for i in found if i.cmd.lower() == "from")


@pytest.mark.parametrize("base", BASES)
def test_the_label_is_the_digest_of_the_file_that_it_names(base):
    files = write(GPU, base=base)
    label = next(i for i in instructions(files["Dockerfile"]) if i.cmd.lower() == "label")
    labels = {k: v.strip('"') for k, v in zip(label.value[0::2], label.value[1::2], strict=True)}
    locked = files[labels["envbench.lock.file"]]
    assert labels["envbench.lock.sha256"] == hashlib.sha256(locked.encode()).hexdigest()
    assert labels["org.opencontainers.image.title"] == "gpu-lab"


def test_hashes_are_checked_and_dependencies_are_not_added():
    runs = " ".join(write(GPU)["Dockerfile"].replace("\\\n", " ").split())
    assert "python -m pip install --no-deps --require-hashes --no-cache-dir" in runs
    assert "USER 0" not in runs
    files = write(FROM_REPOSITORY)
    assert files["requirements.txt"].count("--hash=sha256:") == 3
    assert (
        "lab-tools @ git+https://github.com/example/lab-tools@0a0a"
        in files["requirements-unhashed.txt"]
    )
    without = " ".join(files["Dockerfile"].replace("\\\n", " ").split())
    assert "-m pip" not in without
    assert without.count("uv pip install --python /opt/conda/bin/python --no-deps") == 2


def test_a_change_of_the_pip_part_repeats_neither_the_conda_part_nor_the_system_s():
    found = instructions(write(FROM_REPOSITORY)["Dockerfile"])
    steps = [f"{i.cmd.lower()} {' '.join(i.value)}" for i in found]
    order = ("apt-get install", "copy explicit.txt", "micromamba install", "copy requirements.txt")
    places = [next(n for n, step in enumerate(steps) if what in step) for what in order]
    assert places == sorted(places)
    assert not any("requirements" in step for step in steps[: places[-1]])


def test_only_what_uses_gpus_asks_for_the_driver():
    for base in BASES:
        assert 'NVIDIA_VISIBLE_DEVICES="all"' in write(GPU, base=base)["Dockerfile"]
        assert "NVIDIA" not in write(CPU, base=base)["Dockerfile"]
        own = replace(GPU, variables=(("NVIDIA_VISIBLE_DEVICES", "0"),))
        assert 'NVIDIA_VISIBLE_DEVICES="all"' not in write(own, base=base)["Dockerfile"]
    # Nothing is solved on micromamba; pixi asks whether this machine has a driver.
    assert "CONDA_OVERRIDE_CUDA" not in write(GPU)["Dockerfile"]
    build, _, final = write(GPU, base="pixi")["Dockerfile"].partition("FROM ubuntu")
    assert 'ENV CONDA_OVERRIDE_CUDA="12.6"' in build
    assert "CONDA_OVERRIDE_CUDA" not in final


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize(("token", "starts"), [(None, False), ("", False), ("a long secret", True)])
def test_jupyter_does_not_start_without_a_token(tmp_path, base, token, starts):
    text = write(GPU, base=base, jupyter=True)["Dockerfile"]
    assert "--allow-root" not in text
    assert "token=" not in text.lower().replace('jupyter_token="$(openssl', "")
    command = json.loads(text.splitlines()[-1].removeprefix("CMD "))
    (tmp_path / "jupyter").write_text('#!/bin/sh\necho "started $*"\n')
    (tmp_path / "jupyter").chmod(0o755)
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin"} | (
        {} if token is None else {"JUPYTER_TOKEN": token}
    )
    run = subprocess.run(command, env=env, capture_output=True, text=True)
    if starts:
        assert run.stdout == "started lab --ip=0.0.0.0 --port=8888 --no-browser\n"
    else:
        assert run.returncode != 0
        assert run.stdout == ""
        assert "JUPYTER_TOKEN" in run.stderr


@pytest.mark.skipif(platform.machine() != "x86_64", reason="it is about this machine's processor")
def test_a_build_on_another_processor_is_stopped_with_a_reason():
    other = replace(
        CPU,
        platform="linux-aarch64",
        packages=tuple(p for p in CPU.packages if p.subdir == "noarch"),
    )
    for lock, wanted in ((CPU, 0), (other, 1)):
        guard = next(i for i in instructions(write(lock)["Dockerfile"]) if "uname" in i.original)
        run = subprocess.run(["sh", "-c", guard.value[0]], capture_output=True, text=True)
        assert run.returncode == wanted
        assert ("linux-aarch64" in run.stderr) == bool(wanted)


@pytest.mark.parametrize(
    ("lock", "options", "message"),
    [
        (replace(GPU, platform="osx-arm64"), {}, "osx-arm64"),
        (replace(GPU, platform="win-64"), {}, "linux-64"),
        (replace(GPU, packages=()), {}, "Python"),
        (replace(GPU, packages=()), {"base": "pixi"}, "Python"),
        (GPU, {"base": "alpine"}, "micromamba, pixi"),
        (CPU, {"jupyter": True}, "no jupyterlab"),
        (replace(CPU, platform="linux-ppc64le"), {"base": "pixi"}, "linux-ppc64le"),
        (replace(GPU, packages=(replace(GPU.packages[0], url="file:///c/linux-64/a-1-0.conda"),), pip=()), {}, "_libgcc_mutex"),
        (replace(GPU, pip=(PipPackage(name="mine", version="1", direct_url="file:///src", editable=True),)), {}, "mine"),
        (replace(GPU, pip=(PipPackage(name="w", version="1", direct_url="file:///w.whl"),)), {}, "file://"),
    ],
)  # fmt: skip
def test_what_no_image_can_hold_is_refused_with_a_reason(lock, options, message):
    with pytest.raises(UsageError) as refusal:
        write(lock, **options)
    assert message in str(refusal.value)
    assert refusal.value.hint


def test_secrets_and_what_has_no_form_are_left_out_and_told():
    variables = (
        ("HF_TOKEN", "hf_planted"), ("PUBLIC_KEY", "pk"), ("TWO", "a\nb"), ("A B", "x"), ("Q", '"$x\\y')
    )  # fmt: skip
    lock = replace(GPU, variables=variables)
    for base in BASES:
        text = write(lock, base=base)["Dockerfile"]
        assert "planted" not in text
        assert 'ENV PUBLIC_KEY="pk" \\\n    Q="\\"\\$x\\\\y"' in text
        # (A value that ends with a backslash is fine for Docker, and beyond hadolint 2.15.)
        assert lint_dockerfile(text) == []
    told = {loss.what: loss.packages for loss in exports.find_losses(lock)}
    assert told == {"variables that look secret": ("HF_TOKEN",), "variables": ("A B", "TWO")}
    assert exports.find_losses(GPU) == ()
    assert [loss.packages for loss in exports.find_losses(FROM_REPOSITORY)] == [("lab-tools",)]


@pytest.mark.parametrize("base", BASES)
def test_an_environment_without_a_name_gets_one(base):
    text = write(replace(GPU, name=""), base=base)["Dockerfile"]
    assert text.startswith("# An environment for linux/amd64")
    assert 'org.opencontainers.image.title="environment"' in text
    assert "--tag environment ." in text
