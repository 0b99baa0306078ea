import pytest

from envbench.probes.child_environment import can_leak, child_environment
from envbench.probes.process_tree import RUN_MARK

NVIDIA = "GPU-3b9c2f3a-9f3e-4a9f-8a51-0d6d1f6a7b8c"
AMD = "GPU-18f3a8d2c4b6e091"


def variables(environ, tmp_path, *, isolated=False, gpu=""):
    python = tmp_path / "env" / "bin" / "python"
    return child_environment(environ, python, isolated=isolated, gpu=gpu, mark="m1")


def test_the_users_own_is_kept_as_is_and_left_out_in_isolation(tmp_path):
    own = {
        "PYTHONPATH": "/p",
        "LD_LIBRARY_PATH": "/l",
        "LD_PRELOAD": "/x.so",
        "CONDA_PREFIX": "/c",
        "VIRTUAL_ENV": "/v",
        "CUDA_VISIBLE_DEVICES": "1",
        "HTTP_PROXY": "http://proxy",
    }
    as_is, isolated = (variables(own, tmp_path, isolated=flag) for flag in (False, True))
    assert own.items() <= as_is.items()
    assert not {"PYTHONPATH", "LD_LIBRARY_PATH", "LD_PRELOAD", "CONDA_PREFIX"} & isolated.keys()
    assert isolated["CUDA_VISIBLE_DEVICES"] == "1"
    assert isolated["PYTHONNOUSERSITE"] == "1"
    assert "PYTHONNOUSERSITE" not in as_is


def test_the_environment_comes_first_on_the_path_and_threads_are_few(tmp_path):
    told = variables({"PATH": "/usr/bin"}, tmp_path)
    assert told["PATH"].split(":") == [str(tmp_path / "env" / "bin"), "/usr/bin"]
    assert (told["OMP_NUM_THREADS"], told[RUN_MARK]) == ("4", "m1")
    assert variables({"OMP_NUM_THREADS": "2"}, tmp_path)["OMP_NUM_THREADS"] == "2"
    assert (told["HF_HUB_OFFLINE"], told["PYTHONFAULTHANDLER"]) == ("1", "1")


def test_one_gpu_of_nvidia_is_chosen_by_its_uuid(tmp_path):
    told = variables({}, tmp_path, gpu=NVIDIA)
    assert told["CUDA_VISIBLE_DEVICES"] == NVIDIA
    assert "HIP_VISIBLE_DEVICES" not in told
    assert variables({}, tmp_path, gpu="MIG-1-2")["CUDA_VISIBLE_DEVICES"] == "MIG-1-2"


def test_one_gpu_of_amd_is_chosen_for_rocm_alone(tmp_path):
    told = variables({"CUDA_VISIBLE_DEVICES": "0"}, tmp_path, gpu=AMD)
    assert told["HIP_VISIBLE_DEVICES"] == AMD
    assert "CUDA_VISIBLE_DEVICES" not in told


@pytest.mark.parametrize(
    ("environ", "leaks"),
    [
        ({}, False),
        ({"PYTHONPATH": ""}, False),
        ({"CONDA_PREFIX": "/c"}, False),
        ({"PYTHONPATH": "/p"}, True),
        ({"LD_LIBRARY_PATH": "/l"}, True),
    ],
)
def test_what_can_leak_is_known_before_a_dear_second_run(environ, leaks, tmp_path):
    assert can_leak({"HOME": str(tmp_path), **environ}) is leaks


def test_packages_of_the_users_own_can_leak(tmp_path):
    site = tmp_path / ".local" / "lib" / "python3.11" / "site-packages"
    site.mkdir(parents=True)
    assert not can_leak({"HOME": str(tmp_path)})
    (site / "numpy").mkdir()
    assert can_leak({"HOME": str(tmp_path)})
    assert not can_leak({"HOME": "/nowhere"})
    assert can_leak({"HOME": "/nowhere", "PYTHONUSERBASE": str(tmp_path / ".local")})
