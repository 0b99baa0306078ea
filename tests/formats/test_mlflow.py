"""An MLflow model's environment, as MLflow's own reader takes it."""

import hashlib
import importlib.util
import json
import logging
import sys
from dataclasses import replace

import pytest
import yaml

from envbench.formats.exports import mlflow as mlflow_format
from envbench.formats.lock_formats import export_lock
from envbench.formats.lock_reading import read_lock_text
from envbench.model.errors import UsageError
from envbench.model.export_options import ExportOptions
from envbench.model.lock import Lock, PipPackage
from tests.formats.lock_values import record

PYTORCH = "https://download.pytorch.org/whl/cu118"
GIT = "git+https://github.com/x/fromgit@" + "0a" * 20
NEEDS_PYTHON = ("python >=3.11,<3.12.0a0",)
TRAINING = Lock(
    name="train",
    platform="linux-64",
    channels=("pytorch", "conda-forge"),
    packages=(
        record("python", "3.11.7", "hab00c5b_0_cpython"),
        record("pip", "23.3.1", "pyhd8ed1ab_0", noarch="python"),
        record("setuptools", "68.2.2", "pyhd8ed1ab_0", noarch="python"),
        record("wheel", "0.42.0.post1", "pyhd8ed1ab_0", noarch="python"),
        record("libblas", "3.9.0"),
        record("cuda-cudart", "12.1.105"),
        record("python_abi", "3.11", depends=("python 3.11.*",)),
        record("numpy", "1.26.4", depends=NEEDS_PYTHON, extra={"purls": ["pkg:pypi/numpy?source=x"]}),
        record("pytorch", "2.3.1", "py3.11_cuda12.1_cudnn8_0", depends=NEEDS_PYTHON),
        record("jupyterish", "1.0", noarch="python", extra={"purls": []}),
        record("guessed", "2.0", noarch="python"),
        record("oddly", "1.0_2", noarch="python"),
        record("tqdm", "4.66.0", noarch="python"),
    ),
    pip=(
        PipPackage(name="torchaudio", version="2.3.1+cu118", sha256="ab" * 32, index_url=PYTORCH),
        PipPackage(name="fromgit", version="0.1", direct_url=GIT),
        PipPackage(name="edited", version="0.1", direct_url="file:///home/me/x", editable=True),
        PipPackage(name="tqdm", version="4.67.1", sha256="cd" * 32),
    ),
)  # fmt: skip


def write(lock: Lock) -> dict[str, str]:
    return {file.path: file.text for file in mlflow_format.write([lock], ExportOptions())}


@pytest.fixture
def environment():
    return pytest.importorskip("mlflow.utils.environment")


@pytest.fixture
def folder(tmp_path):
    for path, text in write(TRAINING).items():
        (tmp_path / path).write_text(text)
    return tmp_path


REQUIREMENTS = [
    f"--extra-index-url {PYTORCH}",
    f"fromgit @ {GIT}",
    "guessed==2.0",
    "numpy==1.26.4",
    "torch==2.3.1",
    "torchaudio==2.3.1+cu118",
    "tqdm==4.67.1",
]


def test_mlflow_reads_the_python_the_tools_and_every_package(environment, folder, caplog):
    with caplog.at_level(logging.WARNING, logger="mlflow"):
        read = environment._PythonEnv.get_dependencies_from_conda_yaml(str(folder / "conda.yaml"))
    assert read == {
        "python": "3.11.7",
        "build_dependencies": ["pip==23.3.1", "setuptools==68.2.2"],
        "dependencies": REQUIREMENTS,
    }
    assert caplog.messages == []


def test_mlflow_reads_its_own_file_of_python(environment, folder):
    read = environment._PythonEnv.from_yaml(str(folder / "python_env.yaml"))
    assert read.to_dict() == {
        "python": "3.11.7",
        "build_dependencies": ["pip==23.3.1", "setuptools==68.2.2", "wheel==0.42.0.post1"],
        "dependencies": ["-r requirements.txt"],
    }


def test_a_model_is_logged_with_all_of_it(environment, folder):
    _, requirements, constraints = environment._process_conda_env(str(folder / "conda.yaml"))
    # MLflow adds itself where it is missing.
    assert requirements[0].startswith("mlflow")
    assert requirements[1:] == REQUIREMENTS
    assert constraints == []
    parsed, _ = environment._parse_pip_requirements(str(folder / "requirements.txt"))
    assert parsed == REQUIREMENTS


@pytest.mark.parametrize(
    "line", ["python=3.9.18=h0_1", "python=3.9.*", "conda-forge::python=3.9.18"]
)
def test_mlflow_takes_the_running_python_for_any_other_form(environment, tmp_path, line):
    """The trap for which the line of Python has neither build nor pattern."""
    path = tmp_path / "conda.yaml"
    path.write_text(f"dependencies:\n- {line}\n")
    read = environment._PythonEnv.get_dependencies_from_conda_yaml(str(path))
    assert read["python"] == ".".join(map(str, sys.version_info[:3]))


@pytest.mark.parametrize("version", ["3.15.0rc1", "3.11.7+local"])
def test_a_python_that_mlflow_cannot_read_is_refused(version):
    with pytest.raises(UsageError, match="MLflow cannot read Python"):
        write(replace(TRAINING, packages=(record("python", version),)))


def test_an_environment_without_python_is_refused_and_a_virtual_one_is_not():
    bare = replace(TRAINING, packages=())
    with pytest.raises(UsageError, match="needs the version of Python"):
        write(bare)
    files = write(replace(bare, python_version="3.12.4"))
    assert yaml.safe_load(files["conda.yaml"])["dependencies"][:2] == ["python=3.12.4", "pip"]
    lost = export_lock(replace(bare, python_version="3.12.4"), "mlflow").lost
    assert "python" not in {loss.what for loss in lost}


def test_the_losses_name_every_conda_package_that_does_not_come_back_as_it_was():
    lost = {loss.what: loss.packages for loss in mlflow_format.find_losses(TRAINING)}
    assert lost == {
        "conda packages": ("cuda-cudart", "jupyterish", "libblas", "oddly"),
        "conda packages from PyPI": ("guessed", "numpy", "pytorch"),
        "GPU builds": ("pytorch",),
        "names on PyPI": ("guessed",),
        "folders of this box": ("edited",),
    }
    assert {"pip hashes", "platform"} <= {x.what for x in export_lock(TRAINING, "mlflow").lost}


def test_a_pure_environment_of_pip_loses_no_conda_packages():
    lock = replace(TRAINING, packages=TRAINING.packages[:2], pip=TRAINING.pip[:2])
    assert mlflow_format.find_losses(lock) == ()


def test_every_file_says_who_made_it():
    """By this mark a file is known as ours, and replaced without being asked."""
    for path, text in write(TRAINING).items():
        assert text.startswith("# created-by: envbench\n") or path == "environment.lock.yml", path


def test_channels_are_those_of_python_and_its_tools():
    conda = yaml.safe_load(write(TRAINING)["conda.yaml"])
    assert conda["channels"] == ["conda-forge"]
    mirror = "https://mirror.example/conda/conda-forge"
    python = replace(TRAINING.packages[0], channel=mirror)
    lock = replace(TRAINING, channels=("pytorch", mirror), packages=(python,))
    assert yaml.safe_load(write(lock)["conda.yaml"])["channels"] == [mirror]
    virtual = replace(TRAINING, channels=(), packages=(), python_version="3.12.4")
    assert yaml.safe_load(write(virtual)["conda.yaml"])["channels"] == ["conda-forge"]


def test_a_pip_that_is_not_there_and_a_build_from_another_index_are_told():
    without = replace(TRAINING, packages=TRAINING.packages[:1], pip=TRAINING.pip[:2])
    assert [loss.what for loss in mlflow_format.find_losses(without)] == ["pip itself"]
    (gpu,) = (x for x in mlflow_format.find_losses(TRAINING) if x.what == "GPU builds")
    assert f"Where {PYTORCH} has a build" in gpu.why
    plain = replace(TRAINING, pip=TRAINING.pip[3:])
    (gpu,) = (x for x in mlflow_format.find_losses(plain) if x.what == "GPU builds")
    assert "pip prefers" not in gpu.why


def test_the_purl_of_a_record_says_name_and_version():
    purls = ["pkg:pypi/Other_Name@2.0.1?source=mapping", "pkg:generic/x", "pkg:pypi/second"]
    package = record("conda-name", "2.0", extra={"purls": purls})
    lines = write(replace(TRAINING, packages=(TRAINING.packages[0], package), pip=()))
    assert lines["requirements.txt"].splitlines()[1:] == ["other-name==2.0.1", "second==2.0"]


def test_the_lock_lies_beside_and_is_what_the_tags_say():
    files = write(replace(TRAINING, pip=TRAINING.pip[1:3]))
    form, reading = read_lock_text(files["pixi.lock"], "pixi.lock")
    assert (form, reading.is_sound) == ("pixi", True)
    digest = hashlib.sha256(files["pixi.lock"].encode()).hexdigest()
    assert digest in files["mlflow_tags.py"]


def test_without_addresses_the_lock_beside_names_versions_and_builds():
    files = write(replace(TRAINING, packages=(record("python", "3.11.7", url=""),)))
    assert "python=3.11.7=0" in files["environment.lock.yml"]
    assert "environment.lock.yml" in files["mlflow_tags.py"]


def test_a_hostile_name_stays_a_text_in_the_module():
    name = 'x"""\nimport os; os.system("true") #'
    text = write(replace(TRAINING, name=name))["mlflow_tags.py"]
    namespace = {}
    head = text[text.index("TAGS = ") : text.index("FILTER = ")]
    exec(head, namespace)
    assert namespace["TAGS"]["envbench.environment"] == name


def test_runs_and_model_versions_are_bound_and_found_again(folder, monkeypatch, tmp_path):
    mlflow = pytest.importorskip("mlflow")
    monkeypatch.chdir(tmp_path)
    # The skinny package has no database, which newer releases want instead.
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    mlflow.set_tracking_uri((tmp_path / "runs").as_uri())
    module = _load(folder / "mlflow_tags.py")
    (tmp_path / ".envbench-generation.json").write_text(json.dumps({"number": 7}))
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    with mlflow.start_run() as run:
        module.tag_run()
    tags = mlflow.get_run(run.info.run_id).data.tags
    digest = hashlib.sha256((folder / tags["envbench.lock.file"]).read_bytes()).hexdigest()
    assert tags["envbench.lock.sha256"] == digest
    assert tags["envbench.generation"] == "7"
    client = mlflow.MlflowClient()
    assert [file.path for file in client.list_artifacts(run.info.run_id, "environment")]
    client.create_registered_model("net")
    client.create_model_version("net", source=run.info.artifact_uri, run_id=run.info.run_id)
    module.tag_model_version("net", "1")
    (found,) = mlflow.search_model_versions(filter_string=module.FILTER)
    assert (found.name, str(found.version)) == ("net", "1")


def _load(path):
    spec = importlib.util.spec_from_file_location("mlflow_tags", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
