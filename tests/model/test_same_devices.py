"""Equal GPUs with the same verdict are one row; unequal ones are told apart."""

from envbench.model.compatibility.same_devices import merge_devices
from envbench.model.compatibility_report import CompatibilityRow, CompatibilityVerdict

WORKS, FAILS = CompatibilityVerdict.WORKS, CompatibilityVerdict.FAILS


def row(framework: str, device: str, device_id: str, verdict=WORKS) -> CompatibilityRow:
    return CompatibilityRow(
        framework=framework, version="2.4", build="", device=device, device_id=device_id,
        verdict=verdict,
    )  # fmt: skip


def test_equal_gpus_with_the_same_verdict_are_one_row_in_the_place_of_the_first():
    gpus = [f"GPU-0000000{number}-aaaa" for number in range(8)]
    rows = [row("torch", "cpu", "cpu"), *(row("torch", "H100", uuid) for uuid in gpus)]
    rows.append(row("jax", "cpu", "cpu"))
    assert [(each.framework, each.device) for each in merge_devices(rows)] == [
        ("torch", "cpu"), ("torch", "8 x H100"), ("jax", "cpu"),
    ]  # fmt: skip
    assert merge_devices(rows)[1].device_id == " ".join(gpus)


def test_a_gpu_that_stands_out_among_equal_ones_is_named():
    rows = [
        row("torch", "H100", f"GPU-0000000{n}-aaaa", FAILS if n == 1 else WORKS) for n in (0, 1, 2)
    ]
    assert [each.device for each in merge_devices(rows)] == [
        "2 x H100 (GPU-00000000, GPU-00000002)", "H100 (GPU-00000001)",
    ]  # fmt: skip
    assert merge_devices([row("a", "H100", "GPU-1")])[0].device == "H100"
    assert merge_devices([]) == ()
