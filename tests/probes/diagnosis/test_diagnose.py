"""What is told of an outcome, and what is not."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envbench.model.diagnosis import Confidence
from envbench.model.probe import ProbeCheck, ProbeError, ProbeResult, ProbeStatus
from envbench.model.problem import Severity
from envbench.probes.diagnosis import RULES, Surroundings, diagnose

NOISE = (
    "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR",
    "I0000 00:00:1.0 1 cudart_stub.cc:31] Could not find cuda drivers on your machine, GPU will not be used.",
    "E0000 00:00:1.0 1 cuda_platform.cc:52] failed call to cuInit: INTERNAL: CUDA error: Failed call to cuInit: UNKNOWN ERROR (303)",
    "I0000 cpu_feature_guard.cc:227] This TensorFlow binary is optimized to use available CPU instructions in performance-critical operations.",
    "/e/torch/cuda/__init__.py:228: UserWarning: CUDA initialization: The NVIDIA driver on your system is too old (found version 11000).",
    "WARNING:root:Skipping import of cpp extensions due to incompatible torch version 2.9.0 for torchao",
    "UserWarning: A NumPy version >=1.16.5 and <1.23.0 is required for this version of SciPy (detected version 1.26.4)",
    "/e/torchvision/io/image.py:13: UserWarning: Failed to load image Python extension: 'libjpeg.so.8: cannot open shared object file: No such file or directory'",
    "pkg_resources is deprecated as an API. See https://setuptools.pypa.io/en/latest/pkg_resources.html",
    "An NVIDIA GPU may be present on this machine, but a CUDA-enabled jaxlib is not installed. Falling back to cpu.",
    "WARNING[XFORMERS]: xFormers can't load C++/CUDA extensions. xFormers was built for: PyTorch 2.2.0+cu121 (you have 2.2.0+cpu)",
    "Intel(R) Extension for Scikit-learn* enabled",
    "OMP: Info #276: omp_set_nested routine deprecated, please use omp_set_max_active_levels instead.",
    "RequestsDependencyWarning: urllib3 (2.2.1) or chardet (5.2.0) doesn't match a supported version!",
    "FutureWarning: `np.bool` will be defined as the corresponding NumPy scalar in the future",
    "INFO: No module named 'triton', falling back",
    "libibverbs: Warning: couldn't load driver 'libmlx5-rdmav34.so'",
    "Fontconfig error: Cannot load default config file",
)
PROBES = ("torch", "tensorflow", "numpy")


def result(status="failed", *errors, log="", **more) -> ProbeResult:
    told = {"probe": "numpy", "prefix": "", "stage": "import", "python": "3.11.7"} | more
    return ProbeResult(
        status=ProbeStatus(status),
        errors=tuple(ProbeError(type=kind, message=text) for kind, text in errors),
        log_tail=log,
        **told,
    )


def codes(given, **around) -> list[str]:
    return [told.code for told in diagnose(given, surroundings=Surroundings(**around))]


@pytest.mark.parametrize("noise", NOISE)
def test_noise_of_a_run_that_is_fine_means_nothing(noise):
    assert [diagnose(result("ok", log=noise, probe=probe)) for probe in PROBES] == [()] * 3
    assert diagnose(result("skipped", log=noise)) == ()


@pytest.mark.parametrize("noise", NOISE)
def test_noise_beside_a_failure_that_nobody_knows_explains_nothing(noise):
    unknown = ("RuntimeError", "the moon is in the wrong house")
    assert codes(result("failed", unknown, log=noise)) == []


@pytest.mark.parametrize("noise", NOISE)
def test_noise_does_not_come_before_a_known_cause(noise):
    known = ("ModuleNotFoundError", "No module named 'sympy'")
    assert codes(result("failed", known, log=noise)) == ["missing.module"]
    crash = result("crashed", log=f"{noise}\nFatal Python error: Segmentation fault", signal=11)
    assert codes(crash)[0] == "signal.segv"


def test_static_facts_make_it_certain():
    error = (
        "ValueError",
        "numpy.dtype size changed, may indicate binary incompatibility. Expected 96 from C header, got 88 from PyObject",
    )
    blind = diagnose(result("failed", error))[0]
    known = diagnose(result("failed", error, distributions={"numpy": {"version": "2.1.0"}}))[0]
    assert (blind.confidence, known.confidence) == (Confidence.LIKELY, Confidence.CERTAIN)
    assert "2.1.0" in known.title


def test_a_way_out_names_the_change_of_the_spec_in_the_words_of_its_section():
    error = ("ImportError", "Numba needs NumPy 2.0 or less. Got NumPy 2.4.")
    numpy = {"version": "2.4.6", "installer": "conda", "build": "py311h_0"}
    conda = diagnose(result("failed", error, distributions={"numpy": numpy}))[0]
    pip = diagnose(result("failed", error, distributions={"numpy": {"version": "2.4.6"}}))[0]
    [of_conda] = [change for remedy in conda.remedies for change in remedy.changes]
    [of_pip] = [change for remedy in pip.remedies for change in remedy.changes]
    assert (of_conda.requirement, of_conda.section) == ("numpy <2.1", "conda")
    assert (of_pip.requirement, of_pip.section) == ("numpy<2.1", "pip")


def test_evidence_is_the_line_cleaned_and_without_secrets():
    error = (
        "OSError",
        "no good\nlibfoo.so.3: cannot open shared object file: No such file \x1b[31m https://u:geheim99@h/x\nmore",
    )
    told = diagnose(result("failed", error))[0]
    assert told.evidence.startswith("libfoo.so.3: cannot open")
    assert "\x1b" not in told.evidence
    assert "geheim99" not in told.evidence


def test_a_wrong_number_is_told_without_any_text():
    check = ProbeCheck(name="qr", device="GPU-1", ok=False, error=0.3, tolerance=1e-10)
    told = diagnose(result("failed", checks=(check,), stage="check:qr"))
    assert [diagnosis.code for diagnosis in told] == ["wrong_result"]
    assert "GPU-1" in told[0].title


@pytest.mark.parametrize(
    ("rises", "code", "confidence"),
    [
        ({"group": 1, "box": 1}, "host.oom_killed", Confidence.LIKELY),
        ({"box": 1}, "host.oom_killed", Confidence.GUESS),
        ({"group": 0, "box": 0}, "signal.kill", Confidence.LIKELY),
        ({}, "host.oom_killed", Confidence.GUESS),
    ],
)
def test_a_kill_is_laid_to_the_kernel_only_as_far_as_its_counters_say(rises, code, confidence):
    told = diagnose(result("crashed", signal=9, facts={"oom_kills": rises}))[0]
    assert (told.code, told.confidence) == (code, confidence)


def test_what_is_not_installed_is_named_as_the_section_names_it(tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").touch(mode=0o755)
    gone = result("not_installed", probe="sklearn", prefix=str(tmp_path))
    [change] = diagnose(gone)[0].remedies[0].changes
    assert (change.requirement, change.section) == ("scikit-learn", "pip")
    (tmp_path / "conda-meta").mkdir()
    gone = result("not_installed", probe="torch", prefix=str(tmp_path))
    [change] = diagnose(gone)[0].remedies[0].changes
    assert (change.requirement, change.section) == ("pytorch", "conda")


def test_insufficient_driver_means_none_where_there_is_none():
    error = (
        "CUDARuntimeError",
        "cudaErrorInsufficientDriver: CUDA driver version is insufficient for CUDA runtime version",
    )
    assert codes(result("failed", error), driver="470.42.01") == ["gpu.driver_too_old"]
    assert codes(result("failed", error), has_driver_library=False) == ["gpu.no_driver"]


@pytest.mark.parametrize(
    ("facts", "around", "code"),
    [
        ({"gpu_build": False, "devices": []}, {"gpus": 2}, "gpu.cpu_only_build"),
        ({"gpu_build": True, "devices": []}, {"gpus": 2}, "gpu.no_visible_device"),
        ({"gpu_build": True, "devices": []}, {}, "gpu.no_visible_device"),
        (
            {"gpu_build": True, "devices": []},
            {"gpus": 0, "has_driver_library": False},
            "gpu.no_driver",
        ),
        ({"gpu_build": True, "devices": [{}]}, {"gpus": 8}, "gpu.no_visible_device"),
    ],
)
def test_a_silent_fall_back_is_told_from_facts(facts, around, code):
    told = diagnose(
        result("degraded", facts=facts, probe="torch", reason="why"),
        surroundings=Surroundings(**around),
    )
    assert told[0].code == code
    assert told[0].severity is Severity.WARNING


def test_without_a_driver_missing_libraries_come_second():
    line = "cudart_stub.cc:31] Could not find cuda drivers on your machine, GPU will not be used."
    fallen = result("degraded", facts={"gpu_build": True, "devices": []}, probe="jax", reason="why")
    here = Surroundings(has_driver_library=False, gpus=0)
    found = [d.code for d in diagnose(fallen, surroundings=here, log=line)]
    assert found == ["gpu.no_driver", "lib.cuda_runtime_missing"]
    elsewhere = Surroundings(has_driver_library=True, gpus=1)
    assert diagnose(fallen, surroundings=elsewhere, log=line)[0].code == "lib.cuda_runtime_missing"


def test_gpus_that_are_read_while_cuda_is_missing_are_no_missing_driver():
    error = ("OSError", "libcuda.so.1: cannot open shared object file: No such file or directory")
    none, some = (
        diagnose(result("failed", error), surroundings=Surroundings(gpus=gpus))[0]
        for gpus in (0, 8)
    )
    assert (none.code, some.code) == ("gpu.no_driver", "gpu.no_driver")
    assert "8 GPUs are read" in some.cause and "8 GPUs" not in none.cause
    assert any("NVIDIA_DRIVER_CAPABILITIES" in each.command for each in some.remedies)


def test_a_version_that_is_none_ends_nothing():
    said = (
        "Detected incompatible Protobuf Gencode/Runtime versions when loading a.proto:"
        " gencode 5..2 runtime 4..1. Runtime version cannot be older than the linked gencode version."
    )
    assert codes(result("failed", ("VersionError", said))) is not None
    assert codes(result("failed", ("VersionError", said.replace("..", "."))))[0] == (
        "pb.runtime_too_old"
    )


def test_a_hidden_card_names_the_variable():
    hidden = result("degraded", facts={"gpu_build": True, "devices": []}, probe="torch")
    told = diagnose(
        hidden, surroundings=Surroundings(environ={"CUDA_VISIBLE_DEVICES": ""}, gpus=4)
    )[0]
    assert "CUDA_VISIBLE_DEVICES is ''" in told.title
    assert told.remedies[0].command == "unset CUDA_VISIBLE_DEVICES"


def test_packages_of_the_users_own_are_a_warning_though_all_is_well():
    origin = "/home/u/.local/lib/python3.11/site-packages/numpy-1.26.4.dist-info"
    numpy = {"version": "1.26.4", "origin": origin, "in_prefix": "false"}
    told = diagnose(result("ok", distributions={"numpy": numpy}))
    assert [(d.code, d.severity) for d in told] == [("leak.usersite", Severity.WARNING)]
    assert told[0].packages == ("numpy",)


def test_a_package_outside_that_nothing_of_the_users_leads_to_is_none():
    """An editable install lies outside of the prefix, and is meant to."""
    own = {"version": "1", "origin": "/home/u/lab/tool", "in_prefix": "false"}
    assert (
        diagnose(result("ok", distributions={"tool": own}, facts={"outside_prefix": ["tool"]}))
        == ()
    )


def test_only_in_the_users_own_packages():
    """As-is it fails, isolated it is not even there: what ran was not of this environment."""
    failed = result(
        "failed",
        ("RuntimeError", "broken"),
        frames=("/home/u/.local/lib/python3.11/site-packages/numpy/__init__.py:1 in <module>",),
        isolated=result("not_installed"),
    )
    assert codes(failed) == ["leak.usersite"]


@settings(max_examples=60)
@given(
    st.sampled_from(list(ProbeStatus)),
    st.text(max_size=300),
    st.lists(st.text(max_size=200), max_size=3),
    st.integers(1, 40),
)
def test_no_text_breaks_the_door(status, log, messages, number):
    errors = tuple(ProbeError(type="E", message=message) for message in messages)
    told = diagnose(
        ProbeResult(
            probe="numpy", prefix="", status=status, errors=errors, log_tail=log, signal=number
        )
    )
    assert all("\x1b" not in diagnosis.title + diagnosis.evidence for diagnosis in told)


def test_every_row_can_be_told_whole():
    """No template names a field in a way that would leave braces in what people read."""
    for rule in RULES:
        assert rule.title
        assert rule.cause
        assert rule.code.replace("_", "").replace(".", "").isalnum()
    assert len({rule.code for rule in RULES}) >= 40


@pytest.mark.parametrize(
    "log",
    ["\n".join(NOISE * 400), "x" * 300_000, "a.b-c " * 50_000, "cuda_error_" * 20_000],
    ids=["repeated", "one_word", "one_line", "one_mark"],
)
def test_a_long_log_costs_little(log):
    began = time.process_time()
    diagnose(result("failed", ("RuntimeError", "unknown"), log=log))
    assert time.process_time() - began < 3
