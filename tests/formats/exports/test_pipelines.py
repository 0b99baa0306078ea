"""GitHub Actions and GitLab CI: accepted by their schemas, every text a text in every YAML."""

import io
import re
from dataclasses import replace

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from envbench.formats.exports import github_actions, gitlab_ci
from envbench.formats.lock_formats import export_lock
from envbench.model.errors import UsageError
from envbench.model.export_options import ExportOptions
from tests.formats.exports.gpu_environment import CPU, FROM_REPOSITORY, GPU
from tests.formats.exports.judges import check_schema

LOCKS = {"gpu": GPU, "repository": FROM_REPOSITORY, "cpu": CPU}
BASES = ("micromamba", "pixi")
MODULES = {"vendor.github-workflows": github_actions, "vendor.gitlab-ci": gitlab_ci}
ODD = (
    ("A", "yes"),
    ("B", "3.10"),
    ("C", "${{ github.token }}"),
    ("D", "$HOME"),
    ("E", 'a: "b" # c'),
)


def write(module, lock, **options):
    return module.write((lock,), ExportOptions(**options))


def read(text):
    """Read a file by YAML 1.1 and by 1.2; the two must agree."""
    found = yaml.safe_load(text)
    ruamel = pytest.importorskip("ruamel.yaml")
    assert ruamel.YAML(typ="safe", pure=True).load(io.StringIO(text)) == found
    return found


@pytest.mark.parametrize("schema", MODULES)
def test_the_schema_accepts_every_file_and_would_refuse_another(tmp_path, schema):
    odd = replace(GPU, name="a: 'b' \"c\"", variables=ODD)
    paths = []
    for name, lock in (*LOCKS.items(), ("odd", odd)):
        for base in BASES:
            paths.append(tmp_path / f"{name}-{base}.yml")
            paths[-1].write_text(write(MODULES[schema], lock, base=base)[0].text)
    assert check_schema(schema, *paths) == ""
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(
        paths[0].read_text().replace("script:", "scripts:").replace("runs-on", "run-on")
    )
    assert "wrong.yml" in check_schema(schema, wrong)


@pytest.mark.parametrize("base", BASES)
def test_a_workflow_means_the_same_in_every_yaml(base):
    workflow = read(write(github_actions, GPU, base=base)[0].text)
    assert set(workflow["on"]) == {"push", "pull_request", "workflow_dispatch"}
    assert workflow["permissions"] == {"contents": "read"}
    (job,) = workflow["jobs"].values()
    assert job["env"] == dict(GPU.variables)
    for step in job["steps"]:
        assert all(isinstance(step[key], str) for key in {"run", "uses"} & set(step))
        assert "@" in step.get("uses", "@")
    runs = "\n".join(step.get("run", "") for step in job["steps"])
    assert "envbench verify" in runs
    assert runs.endswith("python -m pytest")


@pytest.mark.parametrize("module", MODULES.values())
@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("name", LOCKS)
def test_every_file_that_is_read_is_written(module, base, name):
    text, *files = write(module, LOCKS[name], base=base)
    for file in files:
        # pixi finds its manifest by itself.
        assert file.path in text.text or file.path == "pixi.toml"
    named = {"explicit.txt", "requirements.txt", "requirements-unhashed.txt", "pixi.lock"}
    assert {n for n in named if n in text.text} == {f.path for f in files} & named


def test_the_cache_follows_the_lock():
    for lock in LOCKS.values():
        (job,) = read(write(github_actions, lock)[0].text)["jobs"].values()
        key = job["steps"][1]["with"]["cache-environment-key"]
        names = [file.path for file in write(github_actions, lock)[1:]]
        assert key == f"environment-${{{{ hashFiles({', '.join(map(repr, names))}) }}}}"
        files = read(write(gitlab_ci, lock)[0].text)["build-environment"]["cache"]["key"]["files"]
        assert 1 <= len(files) <= 2
        # The lock of the pip part names the digest of the conda part's.
        assert "explicit.txt" in files or "requirements.txt" in files
    assert "envbench-conda-lock: explicit.txt sha256:" in write(gitlab_ci, GPU)[2].text


@pytest.mark.parametrize("name", ["dockerfile", "devcontainer", "github-actions", "gitlab-ci"])
def test_the_order_of_channels_is_lost_where_only_addresses_are_written(name):
    lost = {
        base: {loss.what for loss in export_lock(GPU, name, ExportOptions(base=base)).lost}
        for base in BASES
    }
    assert lost == {"micromamba": {"channel order"}, "pixi": set()}


@pytest.mark.parametrize("base", BASES)
def test_images_without_git_get_one_before_a_repository_is_cloned(base):
    script = read(write(gitlab_ci, FROM_REPOSITORY, base=base)[0].text)["build-environment"][
        "script"
    ]
    cloning = "unhashed" if base == "micromamba" else "pixi install"
    brought = next(
        n for n, line in enumerate(script) if re.search(r"(install|create) .*\bgit\b", line)
    )
    assert brought < next(n for n, line in enumerate(script) if cloning in line)
    assert " git" not in "".join(write(gitlab_ci, GPU, base=base)[0].text.partition("script:")[2])


def test_a_pip_part_in_two_files_is_not_held_against_either():
    for module in MODULES.values():
        assert "verify requirements.txt" in write(module, GPU)[0].text
        assert "verify requirements" not in write(module, FROM_REPOSITORY)[0].text


values = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20) | st.sampled_from(
    ("${{ secrets.X }}", "$${{x", "$VAR", "$$", "on", "1e3", "'", "#")
)


@settings(max_examples=20)
@given(st.dictionaries(st.from_regex(r"V_[A-Z]{1,5}", fullmatch=True), values, max_size=3))
def test_variables_reach_the_job_unchanged(variables):
    lock = replace(CPU, variables=tuple(variables.items()))
    (job,) = yaml.safe_load(write(github_actions, lock)[0].text)["jobs"].values()
    assert {k: evaluate(v) for k, v in job.get("env", {}).items()} == variables
    found = yaml.safe_load(write(gitlab_ci, lock)[0].text).get("variables", {})
    for name, value in variables.items():
        if "$" in value:
            assert found[name] == {"value": value, "expand": False}
        else:
            assert found[name] == value


def evaluate(text: str) -> str:
    """Replace expressions by their value; only that of a literal text may be there."""
    parts = text.split("${{ '${{' }}")
    assert all("${{" not in part for part in parts)
    return "${{".join(parts)


def test_platforms():
    mac = replace(
        CPU,
        platform="osx-arm64",
        packages=tuple(p for p in CPU.packages if p.subdir == "noarch"),
    )
    (job,) = read(write(github_actions, mac)[0].text)["jobs"].values()
    assert job["runs-on"] == "macos-15"
    with pytest.raises(UsageError, match="osx-arm64"):
        write(gitlab_ci, mac)
    with pytest.raises(UsageError, match="linux-ppc64le"):
        write(github_actions, replace(CPU, platform="linux-ppc64le"))


def test_secrets_are_left_out_and_told():
    lock = replace(GPU, variables=(("AWS_SECRET_ACCESS_KEY", "planted"),))
    for module in MODULES.values():
        assert "planted" not in write(module, lock)[0].text
        assert [loss.packages for loss in module.find_losses(lock)] == [("AWS_SECRET_ACCESS_KEY",)]
        assert module.find_losses(GPU) == ()
