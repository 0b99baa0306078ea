"""Who the processes are: real processes, real venvs, real users, real namespaces."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
import pytest

from envbench.machine import gpu_owners
from envbench.machine.containers import parse_groups
from envbench.machine.gpu_owners import OwnerReader
from envbench.machine.user_names import UserNames
from envbench.model.gpu_process import EnvironmentSource, GpuProcess, ProcessEnvironment

BASE_PYTHON = os.path.realpath(sys.executable)
WAIT = "import sys; print('ready', flush=True); sys.stdin.read()"
NO_PID = 2**22 + 1
"""More than the kernel hands out."""
HASH = "0123456789abcdef" * 4
FIELDS = ("user", "name", "command", "started_s", "container", "environment", "visible_devices", "slurm_job")  # fmt: skip
needs_unshare = pytest.mark.skipif(not shutil.which("unshare"), reason="no unshare")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may act as others")


@contextmanager
def running(
    *arguments: str | Path, executable: str | Path | None = None, cwd=None, **environ: str
) -> Iterator[int]:
    """Run a program until the end of the block; it prints a line when it is up."""
    child = subprocess.Popen(
        [str(argument) for argument in arguments],
        executable=executable and str(executable),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=cwd,
        env={name: str(value) for name, value in environ.items()},
    )  # fmt: skip
    try:
        assert child.stdout.readline()
        yield child.pid
    finally:
        child.kill()
        child.communicate()


def describe_one(pid: int, **options: object) -> GpuProcess:
    (process,) = OwnerReader(is_host=True, **options).describe([GpuProcess(gpu=0, pid=pid)])
    return process


def environment_of(pid: int) -> ProcessEnvironment | None:
    process = describe_one(pid)
    assert (process.environment is None) == ("environment" in process.unread)
    return process.environment


def make_venv(path: Path) -> Path:
    venv.create(path, symlinks=True)
    return path


def make_conda(path: Path) -> Path:
    (path / "conda-meta").mkdir(parents=True)
    (path / "bin").mkdir()
    shutil.copy(BASE_PYTHON, path / "bin" / "python3.11")
    (path / "bin" / "python").symlink_to("python3.11")
    return path


def exactly(prefix: Path) -> ProcessEnvironment:
    return ProcessEnvironment(prefix=str(prefix), source=EnvironmentSource.VARIABLES)


def by_file(prefix: Path) -> ProcessEnvironment:
    return ProcessEnvironment(prefix=str(prefix), source=EnvironmentSource.EXECUTABLE)


class TestEnvironments:
    def test_an_activated_conda_environment(self, tmp_path):
        env = make_conda(tmp_path / "envs" / "train")
        with running("python", "-c", WAIT, executable=env / "bin/python", CONDA_PREFIX=env, PATH=f"{env}/bin:/usr/bin") as pid:  # fmt: skip
            assert environment_of(pid) == exactly(env)

    def test_an_activated_venv_made_within_an_activated_base(self, tmp_path):
        base = make_conda(tmp_path / "conda")
        env = tmp_path / "project" / ".venv"
        subprocess.run([base / "bin/python", "-m", "venv", "--without-pip", env], check=True)
        variables = {"CONDA_PREFIX": base, "VIRTUAL_ENV": env, "PATH": f"{env}/bin:{base}/bin"}
        with running("python", "-c", WAIT, executable=env / "bin/python", **variables) as pid:
            assert Path(f"/proc/{pid}/exe").resolve() == (base / "bin/python3.11").resolve(), (
                "a venv runs the file of its base: only this makes the question hard"
            )
            assert environment_of(pid) == exactly(env)

    def test_the_interpreter_that_runs_wins_over_a_stale_variable(self, tmp_path):
        base = make_conda(tmp_path / "conda")
        env = make_conda(tmp_path / "conda" / "envs" / "kernel")
        with running(env / "bin/python", "-c", WAIT, CONDA_PREFIX=base, PATH=f"{base}/bin") as pid:
            assert environment_of(pid) == by_file(env)

    def test_a_venv_run_by_its_path_wins_over_a_stale_variable(self, tmp_path):
        base = make_conda(tmp_path / "conda")
        env = make_venv(tmp_path / ".venv")
        with running(env / "bin/python", "-c", WAIT, CONDA_PREFIX=base, PATH=f"{base}/bin") as pid:
            assert environment_of(pid) == by_file(env)

    def test_a_path_from_its_working_directory(self, tmp_path):
        env = make_venv(tmp_path / ".venv")
        with running(".venv/bin/python", "-c", WAIT, cwd=tmp_path) as pid:
            assert environment_of(pid) == by_file(env)

    def test_a_python_of_the_system_is_in_no_environment_whatever_is_activated(self, tmp_path):
        env = make_conda(tmp_path / "envs" / "other")
        stale = make_venv(tmp_path / ".venv")
        with running(BASE_PYTHON, "-c", WAIT, CONDA_PREFIX=env, VIRTUAL_ENV=stale) as pid:
            process = describe_one(pid)
            assert process.environment is None
            assert process.unread["environment"] == "it runs in none"

    def test_a_program_of_ones_own_is_in_what_was_activated(self, tmp_path):
        env = make_conda(tmp_path / "envs" / "build")
        program = shutil.copy(shutil.which("cat"), tmp_path / "solver")
        with running("/bin/sh", "-c", f"echo up; exec {program}", CONDA_PREFIX=env) as pid:
            wait_for(lambda: Path(f"/proc/{pid}/exe").resolve() == Path(program))
            assert environment_of(pid) == exactly(env)

    def test_a_process_keeps_its_generation(self, tmp_path):
        for number in (1, 2):
            make_conda(tmp_path / ".generations" / f"train-{number}")
        stable = tmp_path / "train"
        stable.symlink_to(".generations/train-1")
        first = tmp_path / ".generations" / "train-1"
        variables = {"CONDA_PREFIX": stable, "PATH": f"{stable}/bin"}
        with running("python", "-c", WAIT, executable=stable / "bin/python", **variables) as pid:
            assert environment_of(pid) == exactly(first)
            stable.unlink()
            stable.symlink_to(".generations/train-2")
            assert environment_of(pid) == exactly(first)
            shutil.rmtree(first)
            assert environment_of(pid) == exactly(first)

    @pytest.mark.parametrize("title", ["ray::Trainer", "vllm: engine core", "x" * 300, "-bash"])
    def test_a_program_that_renamed_itself(self, tmp_path, title):
        env = make_venv(tmp_path / ".venv")
        with running(title, "-c", WAIT, executable=env / "bin/python", VIRTUAL_ENV=env) as pid:
            assert environment_of(pid) == exactly(env)

    def test_one_that_hides_all_is_known_by_the_modules_that_it_mapped(self, tmp_path):
        env = make_venv(tmp_path / ".venv")
        (site,) = env.glob("lib/python3*/site-packages")
        modules = [path for path in sys.path if path.endswith("lib-dynload")]
        module = next(Path(modules[0]).glob("_heapq*.so"))
        shutil.copy(module, site / module.name)
        load = f"import sys; sys.modules.pop('_heapq', None); sys.path.insert(0, {str(site)!r}); import _heapq; {WAIT}"
        with running("renamed", "-c", load, executable=BASE_PYTHON) as pid:
            assert environment_of(pid) == by_file(env)
        with running("renamed", "-c", WAIT, executable=BASE_PYTHON) as pid:
            assert environment_of(pid) is None

    def test_a_link_somewhere_to_an_interpreter_of_conda(self, tmp_path):
        env = make_conda(tmp_path / "conda")
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin" / "python3").symlink_to(env / "bin" / "python")
        with running(tmp_path / "bin/python3", "-c", WAIT) as pid:
            assert environment_of(pid) == by_file(env)


class TestWords:
    def test_what_is_told_of_a_process(self, tmp_path):
        before = time.time()
        variables = {"CUDA_VISIBLE_DEVICES": "1,0", "SLURM_JOB_ID": "4711"}
        with running(sys.executable, "-c", WAIT, "--epochs", "3", **variables) as pid:
            process = describe_one(pid)
        assert process.is_here
        assert process.is_own
        assert process.name == Path(sys.executable).name
        assert process.command.endswith("sys.stdin.read() --epochs 3")
        assert before - 1 < process.started_s < time.time() + 1
        assert process.visible_devices == "1,0"
        assert process.slurm_job == "4711"
        assert process.user == UserNames().name(os.geteuid())
        assert {f for f in FIELDS if getattr(process, f) is None} == set(process.unread)

    def test_secrets_and_escapes_do_not_get_through(self, tmp_path):
        words = (
            "--api-key", "sk-abcdefgh123", "--hf-token=hf-secret-1", "--url",
            "https://me:hunter2@example.org/x", "--max-tokens", "100", "\x1b]52;c;AAAA\x07red\x9b2J",
            "two\nlines", "\udcff", "--password", "--verbose",
        )  # fmt: skip
        with running(sys.executable, "-c", WAIT, *words) as pid:
            command = describe_one(pid).command
        for secret in ("sk-abc", "hf-secret", "hunter2", "\x1b", "\x9b", "AAAA", "\n", "\udcff"):
            assert secret not in command
        assert "--api-key *** " in command
        assert "--max-tokens 100" in command
        assert "two lines" in command
        assert command.endswith("--password --verbose")
        msgspec.json.encode(command)

    def test_long_command_lines_are_cut_after_they_were_redacted(self):
        word = "y" * 960
        with running(sys.executable, "-c", WAIT, word, "https://u:" + "s3cret" * 20 + "@h/") as pid:
            command = describe_one(pid).command
        assert len(command) <= 1000
        assert "s3cret" not in command

    def test_facts_of_the_driver_and_its_reasons_are_kept(self):
        raw = GpuProcess(
            gpu=3, pid=os.getpid(), kinds=("compute",), memory_used_bytes=5, gpu_instance=7,
            unread={"sm_percent": "not while MIG is on"},
        )  # fmt: skip
        (process,) = OwnerReader(is_host=True).describe([raw])
        assert (process.gpu, process.kinds, process.memory_used_bytes) == (3, ("compute",), 5)
        assert process.unread["sm_percent"] == "not while MIG is on"


class TestEnding:
    def test_one_that_is_gone_harms_no_other_and_is_not_dropped(self):
        with running(sys.executable, "-c", WAIT) as gone:
            pass
        raw = [GpuProcess(gpu=0, pid=pid, memory_used_bytes=9) for pid in (gone, os.getpid(), gone)]
        found = OwnerReader(is_host=True).describe(raw)
        assert [process.is_here for process in found] == [False, True, False]
        assert found[0].memory_used_bytes == 9
        assert found[0].unread["user"] == "it has ended since the driver listed it"
        assert set(FIELDS) <= set(found[0].unread)

    def test_a_zombie_is_said_to_have_ended(self):
        child = subprocess.Popen([sys.executable, "-c", ""])
        try:
            os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
            process = describe_one(child.pid)
            assert process.is_here
            assert process.user
            assert process.unread["environment"] == "it has ended"
            assert process.unread["command"] == "it has ended"
        finally:
            child.wait()

    @pytest.mark.parametrize("pid", [0, -1, 2**31 - 1, 2**40])
    def test_numbers_that_no_process_has(self, pid):
        assert not describe_one(pid).is_here

    def test_churn(self):
        reader = OwnerReader(is_host=True)
        children = [subprocess.Popen(["/bin/true"]) for _ in range(20)]
        raw = [GpuProcess(gpu=0, pid=child.pid) for child in children]
        raw.append(GpuProcess(gpu=0, pid=os.getpid()))
        while any(child.poll() is None for child in children):
            assert reader.describe(raw)[-1].is_here
        last = reader.describe(raw)
        assert [process.is_here for process in last] == [False] * 20 + [True]


def write_process(proc: Path, pid: int, *, start: int = 500, exe: Path | str = BASE_PYTHON, **files: bytes) -> Path:  # fmt: skip
    folder = proc / str(pid)
    folder.mkdir(parents=True, exist_ok=True)
    fields = " ".join(["S", "1", *["0"] * 17, str(start), *["0"] * 30])
    content = {
        "stat": f"{pid} (odd) name) {fields}\n".encode(),
        "status": b"Name:\todd\nUid:\t%d\t%d\t0\t0\n" % (os.geteuid(), os.geteuid()),
        "cmdline": b"python\0train.py\0",
        "environ": b"CUDA_VISIBLE_DEVICES=2\0",
        "cgroup": b"0::/\n",
        **files,
    }
    for name, text in content.items():
        (folder / name).write_bytes(text)
    for name, target in {"exe": exe, "cwd": "/"}.items():
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(target)
    return folder


class TestKeeping:
    def test_a_known_process_costs_one_read(self, tmp_path):
        folder = write_process(tmp_path, 40)
        reader = OwnerReader(proc=str(tmp_path), is_host=True)
        raw = [GpuProcess(gpu=0, pid=40), GpuProcess(gpu=1, pid=40)]
        before = reader.describe(raw)
        for path in folder.iterdir():
            if path.name != "stat":
                path.unlink()
        assert reader.describe(raw) == before
        assert before[0].command == "python train.py"

    def test_another_process_of_the_same_number_is_another(self, tmp_path):
        write_process(tmp_path, 40)
        reader = OwnerReader(proc=str(tmp_path), is_host=True)
        raw = [GpuProcess(gpu=0, pid=40)]
        (before,) = reader.describe(raw)
        write_process(tmp_path, 40, start=900, cmdline=b"other\0")
        (after,) = reader.describe(raw)
        assert after.command == "other"
        assert after.started_s - before.started_s == pytest.approx(400 / os.sysconf("SC_CLK_TCK"))

    def test_what_is_not_listed_any_more_is_forgotten(self, tmp_path):
        write_process(tmp_path, 40)
        reader = OwnerReader(proc=str(tmp_path), is_host=True)
        reader.describe([GpuProcess(gpu=0, pid=40)])
        write_process(tmp_path, 40, cmdline=b"renamed\0")
        reader.describe([])
        (process,) = reader.describe([GpuProcess(gpu=0, pid=40)])
        assert process.command == "renamed"

    def test_a_program_that_writes_over_its_variables_keeps_its_environment(self, tmp_path, monkeypatch):  # fmt: skip
        env = make_venv(tmp_path / "v")
        write_process(tmp_path, 40, environ=f"VIRTUAL_ENV={env}\0SLURM_JOB_ID=7\0CUDA_VISIBLE_DEVICES=2".encode())  # fmt: skip
        monkeypatch.setattr(gpu_owners, "RENEWAL_S", 0.0)
        reader = OwnerReader(proc=str(tmp_path), is_host=True)
        raw = [GpuProcess(gpu=0, pid=40)]
        reader.describe(raw)
        write_process(tmp_path, 40, environ=b"\0\0\0", cmdline=b"ray::idle\0\0\0\0")
        (process,) = reader.describe(raw)
        assert process.command == "ray::idle"
        assert process.environment == exactly(env)
        assert (process.visible_devices, process.slurm_job) == ("2", "7")
        assert set(process.unread) == {"container"}

    @pytest.mark.parametrize(
        "name", ["stat", "status", "cmdline", "environ", "cgroup", "exe", "cwd"]
    )
    def test_a_file_that_vanishes_harms_no_other_process(self, tmp_path, name):
        write_process(tmp_path, 40)
        write_process(tmp_path, 41)
        (tmp_path / "40" / name).unlink()
        found = OwnerReader(proc=str(tmp_path), is_host=True).describe(
            [GpuProcess(gpu=0, pid=40), GpuProcess(gpu=0, pid=41)]
        )
        assert found[1].command == "python train.py"
        assert found[0].is_here
        missing = {f for f in FIELDS if getattr(found[0], f) is None}
        assert missing == set(found[0].unread)

    @pytest.mark.parametrize("text", [b"", b"40 (x", b"40 (x) S 1", b"\xff\x1b" * 9])
    def test_a_stat_that_makes_no_sense(self, tmp_path, text):
        write_process(tmp_path, 40, stat=text)
        (process,) = OwnerReader(proc=str(tmp_path), is_host=True).describe([GpuProcess(gpu=0, pid=40)])  # fmt: skip
        assert process.unread["user"] == "its state could not be read"

    def test_hostile_names(self, tmp_path):
        fields = " ".join(["S", "1", *["0"] * 17, "5", *["0"] * 30])
        write_process(tmp_path, 40, stat=b"40 (\x1b[2Jx\n) ) " + fields.encode(), cmdline=b"")
        (process,) = OwnerReader(proc=str(tmp_path), is_host=True).describe([GpuProcess(gpu=0, pid=40)])  # fmt: skip
        assert process.name == "x) "
        assert process.unread["command"] == "it has none"


class TestContainers:
    @pytest.mark.parametrize(
        ("text", "container", "job"),
        [
            ("0::/", None, None),
            ("0::/user.slice/user-1000.slice/session-3.scope", None, None),
            (f"0::/system.slice/docker-{HASH}.scope", HASH[:12], None),
            (f"12:pids:/docker/{HASH}\n1:name=systemd:/docker/{HASH}", HASH[:12], None),
            (f"0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-{HASH}.scope/container", HASH[:12], None),
            (f"0::/machine.slice/libpod-{HASH}.scope", HASH[:12], None),
            (f"0::/machine.slice/libpod-conmon-{HASH}.scope", None, None),
            (f"0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1_2.slice/cri-containerd-{HASH}.scope", HASH[:12], None),
            (f"4:cpu:/kubepods/besteffort/pod0f1e/{HASH}", HASH[:12], None),
            (f"0::/kubepods.slice/pod3.slice/crio-{HASH}.scope", HASH[:12], None),
            (f"0::/system.slice/containerd.service/kubepods-pod9.slice:cri-containerd:{HASH}", HASH[:12], None),
            (f"0::/system.slice/docker-{HASH}.scope/docker/{HASH[::-1]}", HASH[::-1][:12], None),
            ("0::/lxc.payload.gpu-box/init.scope", "gpu-box", None),
            ("9:memory:/lxc/101/ns/user.slice", "101", None),
            ("9:memory:/lxc.payload/web/x", "web", None),
            ("0::/lxc.monitor.gpu-box", None, None),
            (r"0::/machine.slice/machine-my\x2dbox.scope/payload", "my-box", None),
            ("5:devices:/slurm/uid_1000/job_42/step_0/task_0", None, "42"),
            ("0::/system.slice/slurmstepd.scope/job_77/step_batch/user/task_0", None, "77"),
            ("5:freezer:/slurm_node3/uid_7/job_9", None, "9"),
            (f"0::/system.slice/slurmstepd.scope/job_8/step_0/docker-{HASH}.scope", HASH[:12], "8"),
            ("0::/home/job_12/x", None, None),
            ("", None, None),
            ("no colons at all\n1:2", None, None),
            ("0::/lxc/\x1b[2Jevil", "evil", None),
        ],
    )  # fmt: skip
    def test_groups(self, text, container, job):
        place = parse_groups(text)
        assert (place.container, place.slurm_job) == (container, job)

    def test_of_a_process_in_another_container_no_path_is_believed(self, tmp_path):
        env = make_conda(tmp_path / "envs" / "a")
        python = f"{env}/bin/python"
        write_process(tmp_path, 40, exe=python, cmdline=f"{python}\0x\0".encode(), cgroup=f"0::/docker/{HASH}".encode())  # fmt: skip
        (process,) = OwnerReader(proc=str(tmp_path), is_host=True).describe([GpuProcess(gpu=0, pid=40)])  # fmt: skip
        assert process.container == HASH[:12]
        assert process.environment is None
        assert process.unread["environment"].startswith("it runs in a container")

    def make_reader(self, tmp_path: Path) -> OwnerReader:
        (tmp_path / "dev").mkdir()
        (tmp_path / "dev" / "nvidia0").touch()
        return OwnerReader(devices=(f"{tmp_path}/dev/nvidia",), is_host=False)

    def test_a_number_that_means_another_process_here(self, tmp_path):
        reader = self.make_reader(tmp_path)
        use = f"f = open({str(tmp_path / 'dev' / 'nvidia0')!r}); {WAIT}"
        with (
            running(sys.executable, "-c", use) as user,
            running(sys.executable, "-c", WAIT) as other,
        ):
            found = reader.describe([GpuProcess(gpu=0, pid=pid) for pid in (user, other, NO_PID)])
        assert [process.is_here for process in found] == [True, False, False]
        assert found[0].command
        assert found[1].unread["name"] == "outside this container; its number means another process here"  # fmt: skip
        assert found[1].user is found[1].command is found[1].started_s is None
        assert found[2].unread["name"] == "outside this container"

    def test_without_any_device_file_here_nothing_speaks_against_a_process(self, tmp_path):
        reader = OwnerReader(devices=(f"{tmp_path}/dev/nvidia",), is_host=False)
        (process,) = reader.describe([GpuProcess(gpu=0, pid=os.getpid())])
        assert process.is_here

    @needs_root
    @needs_unshare
    def test_in_a_real_namespace_of_pids(self, tmp_path):
        (tmp_path / "dev").mkdir()
        (tmp_path / "dev" / "nvidia0").touch()
        code = f"""
import os, sys
sys.path[:0] = {sys.path!r}
from envbench.machine.gpu_owners import OwnerReader
from envbench.model.gpu_process import GpuProcess
held = open({str(tmp_path / "dev" / "nvidia0")!r})
reader = OwnerReader(devices=({str(tmp_path / "dev" / "nvidia")!r},))
mine, outside = reader.describe([GpuProcess(gpu=0, pid=os.getpid()), GpuProcess(gpu=0, pid={os.getpid()})])
print(os.getpid(), mine.is_here, mine.name, outside.is_here, outside.unread['name'], sep='|')
"""
        answer = subprocess.run(
            ["unshare", "--pid", "--fork", "--mount-proc", sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=False,
        )
        if "unshare" in answer.stderr:
            pytest.skip(answer.stderr)
        pid, here, name, other_here, reason = answer.stdout.strip().split("|")
        assert int(pid) < 10
        assert here == "True"
        assert name.startswith("python")
        assert (other_here, reason) == ("False", "outside this container")


def as_nobody(work) -> object:
    """Run a function in a forked child that is another user, and return what it returned."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        with suppress(BaseException):
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            os.write(writing, msgspec.json.encode(work()))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        answer = stream.read()
    os.waitpid(child, 0)
    return msgspec.json.decode(answer)


@needs_root
class TestOtherUsers:
    def test_of_others_the_command_line_gives_a_guess(self, tmp_path):
        env = make_conda(tmp_path / "envs" / "theirs")
        with running(env / "bin/python", "-c", WAIT, CONDA_PREFIX="/elsewhere", CUDA_VISIBLE_DEVICES="0") as pid:  # fmt: skip
            found = as_nobody(lambda: describe_one(pid))
        process = msgspec.convert(found, GpuProcess)
        assert process.is_here
        assert not process.is_own
        assert process.user == "root"
        assert process.command.startswith(str(env))
        assert process.started_s
        assert process.environment == ProcessEnvironment(
            prefix=str(env), source=EnvironmentSource.COMMAND
        )
        assert process.environment.is_inferred
        assert process.visible_devices is None
        assert process.unread["visible_devices"] == "this user may not read it"
        assert {f for f in FIELDS if getattr(process, f) is None} == set(process.unread)

    def test_without_a_path_there_is_no_guess(self):
        with running("python", "-c", WAIT, executable=BASE_PYTHON) as pid:
            found = as_nobody(lambda: describe_one(pid))
        assert found["environment"] is None
        assert "may not read" in found["unread"]["environment"]

    def test_what_cannot_be_proven_is_judged_by_the_others_of_the_list(self):
        with tempfile.TemporaryDirectory() as folder, running(sys.executable, "-c", WAIT) as theirs:
            Path(folder).chmod(0o755)
            device = Path(folder, "nvidia0")
            device.touch()

            def look(*more: int) -> list[bool]:
                reader = OwnerReader(devices=(f"{folder}/nvidia",), is_host=False)
                raw = [GpuProcess(gpu=0, pid=pid) for pid in (theirs, *more)]
                reader.describe(raw)
                return [process.is_here for process in reader.describe(raw)]

            def look_while_using() -> list[bool]:
                with device.open():
                    return look(os.getpid(), NO_PID)

            assert as_nobody(lambda: look()) == [True]
            assert as_nobody(lambda: look(NO_PID)) == [False, False]
            assert as_nobody(look_while_using) == [True, True, False]

    @needs_unshare
    def test_processes_that_proc_hides_are_here(self, tmp_path):
        code = f"""
import os, sys
sys.path[:0] = {sys.path!r}
import subprocess
subprocess.run(["mount", "-o", "remount,hidepid=2", "/proc"], check=True)
from envbench.machine.gpu_owners import OwnerReader
from envbench.model.gpu_process import GpuProcess
import msgspec
reader = OwnerReader(is_host=True)
reader.describe([GpuProcess(gpu=0, pid=os.getpid())])
os.setgroups([]); os.setgid(65534); os.setuid(65534)
(found,) = reader.describe([GpuProcess(gpu=0, pid=1)])
print(found.is_here, found.unread["user"], sep="|")
"""
        command = ["unshare", "--pid", "--fork", "--mount-proc", "sh", "-c", '"$0" -c "$1"; true', sys.executable, code]  # fmt: skip
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        if re.search(r"unshare|mount", answer.stderr):
            pytest.skip(answer.stderr)
        assert answer.stdout.strip().split("|") == [
            "True",
            "another user's, and /proc is mounted so that it hides those",
        ]


def wait_for(condition) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)
