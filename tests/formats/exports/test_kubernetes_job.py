"""Kubernetes jobs: valid against the API, within the restricted profile, on the GPUs asked for."""

import re
from dataclasses import replace

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from envbench.formats.exports import dockerfile, kubernetes_job
from envbench.model.errors import UsageError
from envbench.model.export_options import ExportOptions
from tests.formats.exports.gpu_environment import CPU, GPU


def write(lock, **options):
    (file,) = kubernetes_job.write((lock,), ExportOptions(**options))
    return file.text


def container(job):
    (only,) = job["spec"]["template"]["spec"]["containers"]
    return only


@pytest.mark.parametrize("base", ["micromamba", "pixi"])
@pytest.mark.parametrize("gpus", [0, 1, 8])
def test_the_api_accepts_it_strictly(base, gpus):
    validate = pytest.importorskip("kubernetes_validate")
    odd = replace(GPU, name="A: 'b'_2", variables=(("A", "yes"), ("B", '"$x: #'), ("C", "1e3")))
    for lock in (GPU, CPU, odd):
        job = yaml.safe_load(write(lock, base=base, gpus=gpus))
        validate.validate(job, validate.latest_version(), strict=True)


def test_the_api_would_refuse():
    validate = pytest.importorskip("kubernetes_validate")
    job = yaml.safe_load(write(GPU).replace("backoffLimit", "backOffLimit"))
    with pytest.raises(validate.ValidationError, match="backOffLimit"):
        validate.validate(job, validate.latest_version(), strict=True)


def test_it_keeps_to_the_restricted_profile():
    job = yaml.safe_load(write(GPU))
    pod, main = job["spec"]["template"]["spec"], container(job)
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert main["securityContext"] == {
        "allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}
    }  # fmt: skip
    assert {volume for spec in pod["volumes"] for volume in spec} <= {"name", "emptyDir"}
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod)


@pytest.mark.parametrize("base", ["micromamba", "pixi"])
def test_the_user_is_that_of_the_image(base):
    options = ExportOptions(base=base)
    image = dockerfile.write((GPU,), options)[0].text
    user = yaml.safe_load(write(GPU, base=base))["spec"]["template"]["spec"]["securityContext"]
    assert f"\nUSER {user['runAsUser']}:{user['runAsGroup']}\n" in image


def test_gpus_image_and_shared_memory():
    job = yaml.safe_load(write(GPU, gpus=4, image="r.example/x@sha256:00"))
    assert container(job)["resources"]["limits"]["nvidia.com/gpu"] == "4"
    assert container(job)["image"] == "r.example/x@sha256:00"
    assert container(job)["volumeMounts"] == [{"name": "shared-memory", "mountPath": "/dev/shm"}]
    without = write(GPU, gpus=0)
    assert "nvidia.com" not in without
    assert "Replace it" in without
    assert "torch" not in without


def test_names_are_labels_and_the_environment_s_own_name_stays_readable():
    lock = replace(GPU, name="My_Env." + "x" * 80)
    job = yaml.safe_load(write(lock))
    name = job["metadata"]["labels"]["app.kubernetes.io/name"]
    assert re.fullmatch(r"my-env-x{1,56}", name)
    assert len(job["metadata"]["generateName"]) <= 58


@settings(max_examples=25)
@given(
    st.dictionaries(
        st.from_regex(r"V_[A-Z]{1,5}", fullmatch=True),
        st.text(st.sampled_from("$()AB \"'\\:#-"), max_size=12),
        max_size=3,
    )
)
def test_variables_reach_the_container_unchanged(variables):
    job = yaml.safe_load(write(replace(GPU, variables=tuple(variables.items()))))
    found = {v["name"]: expand(v["value"]) for v in container(job).get("env", [])}
    assert found == variables


def expand(text: str) -> str:
    """Expand as the API reference says: `$(NAME)` by a variable, `$$` to a dollar."""
    return re.sub(r"\$\$|\$\([^)]*\)", lambda m: "$" if m[0] == "$$" else "EXPANDED", text)


def test_what_it_does_not_hold_is_told():
    lock = replace(GPU, variables=(("WANDB_API_KEY", "planted"),))
    assert "planted" not in write(lock)
    assert [loss.what for loss in kubernetes_job.find_losses(lock)] == [
        "packages", "variables that look secret"
    ]  # fmt: skip


@pytest.mark.parametrize(
    "change", [{"gpus": -1}, {"image": "a b"}, {"base": "x"}, {"platform": "win-64"}]
)
def test_what_makes_no_sense_is_refused(change):
    platform = change.pop("platform", "linux-64")
    with pytest.raises(UsageError):
        write(replace(GPU, platform=platform), **change)
