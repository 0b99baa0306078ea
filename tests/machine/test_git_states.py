"""What git says of files, and that nothing of a repository is run to find out."""

import os
import shutil
import subprocess

import pytest

from envbench.machine.git_states import GitState, read_git_states

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git here")


def git(folder, *arguments):
    quiet = os.environ | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    who = ("-c", "user.name=a", "-c", "user.email=a@b")
    subprocess.run(
        ["git", *who, *arguments], cwd=folder, check=True, capture_output=True, env=quiet
    )


@pytest.fixture
def environ(tmp_path):
    return {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1"}


@pytest.fixture
def repository(tmp_path):
    folder = tmp_path / "work" / "inner [x]"
    folder.mkdir(parents=True)
    git(folder.parent, "init", "-q")
    for name in ("clean.yml", "changed.yml"):
        (folder / name).write_text("dependencies: [a]\n")
    git(folder.parent, "add", ".")
    git(folder.parent, "commit", "-qm", "first")
    return folder


def test_each_state(repository, environ):
    (repository / "changed.yml").write_text("dependencies: [b]\n")
    (repository / "new.yml").write_text("")
    (repository / "staged.yml").write_text("")
    (repository / "ignored.yml").write_text("")
    (repository / ":(top)odd*.yml").write_text("")
    (repository.parent / ".gitignore").write_text("ignored.yml\n")
    git(repository, "add", "staged.yml")
    names = [
        "clean.yml", "changed.yml", "new.yml", "staged.yml", "ignored.yml", ":(top)odd*.yml",
        os.fsdecode(b"caf\xe9.yml"),
    ]  # fmt: skip
    (repository / names[-1]).write_text("")
    assert list(read_git_states(repository, names, environ).values()) == [
        GitState.CLEAN, GitState.MODIFIED, GitState.UNTRACKED, GitState.STAGED, GitState.IGNORED,
        GitState.UNTRACKED, GitState.UNTRACKED,
    ]  # fmt: skip


def test_a_folder_that_is_ignored_or_untracked_as_a_whole(repository, environ):
    for name in ("out", "fresh"):
        (repository / name).mkdir()
        (repository / name / "x.yml").write_text("")
    (repository / ".gitignore").write_text("out/\n")
    assert read_git_states(repository / "out", ["x.yml"], environ) == {"x.yml": GitState.IGNORED}
    found = read_git_states(repository / "fresh", ["x.yml"], environ)
    assert found == {"x.yml": GitState.UNTRACKED}


def test_no_repository_no_git_no_time(tmp_path, repository, environ):
    (tmp_path / "x.yml").write_text("")
    environ["GIT_CEILING_DIRECTORIES"] = "/"
    found = read_git_states(tmp_path, ["x.yml"], environ)
    assert found == {"x.yml": GitState.NO_REPOSITORY}
    nowhere = environ | {"PATH": str(tmp_path)}
    assert read_git_states(repository, ["clean.yml"], nowhere)["clean.yml"] is GitState.UNKNOWN
    found = read_git_states(repository, ["clean.yml"], environ, timeout_s=0)
    assert found["clean.yml"] is GitState.UNKNOWN
    assert read_git_states(tmp_path / "gone", ["a"], environ) == {"a": GitState.UNKNOWN}


def test_a_git_that_hangs_is_given_up(tmp_path, repository, environ):
    slow = tmp_path / "bin"
    slow.mkdir()
    (slow / "git").write_text("#!/bin/sh\nexec sleep 60\n")
    (slow / "git").chmod(0o755)
    environ["PATH"] = f"{slow}:{environ['PATH']}"
    found = read_git_states(repository, ["clean.yml"], environ, timeout_s=0.3)
    assert found == {"clean.yml": GitState.UNKNOWN}


def test_programs_that_a_repository_names_are_not_run(tmp_path, repository, environ):
    trap = tmp_path / "sprung"
    evil = tmp_path / "evil.sh"
    evil.write_text(f"#!/bin/sh\necho $0 $* >> {trap}\ncat\n")
    evil.chmod(0o755)
    (repository.parent / ".gitattributes").write_text("*.yml filter=a.b\n")
    for key in ("core.fsmonitor", "filter.a.b.clean", "filter.a.b.process", "filter.a.b.smudge"):
        git(repository, "config", key, str(evil))
    git(repository, "config", "filter.a.b.required", "true")
    hook = repository.parent / ".git/hooks/post-index-change"
    hook.write_text(evil.read_text())
    hook.chmod(0o755)
    # As large as before and touched: git must read it to know.
    (repository / "changed.yml").write_text("dependencies: [c]\n")
    os.utime(repository / "clean.yml", (1, 1))
    names = ["clean.yml", "changed.yml"]
    found = read_git_states(repository, names, environ)
    assert list(found.values()) == [GitState.CLEAN, GitState.MODIFIED]
    assert not trap.exists()
    # The trap works: an unguarded git springs it.
    subprocess.run(["git", "status"], cwd=repository, env=environ, capture_output=True, check=False)
    assert trap.exists()


def test_the_callers_own_variables_lead_git_nowhere_else(tmp_path, repository, environ):
    environ |= {"GIT_DIR": str(tmp_path), "GIT_INDEX_FILE": "/dev/null", "GIT_TRACE": "1"}
    assert read_git_states(repository, ["clean.yml"], environ) == {"clean.yml": GitState.CLEAN}
    assert not list(repository.parent.glob(".git/*.lock"))
