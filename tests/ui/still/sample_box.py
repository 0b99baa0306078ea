"""Boxes, links and settings made by hand."""

from dataclasses import replace

from envbench.model.problem import Severity
from envbench.settings.values import SettingProblem
from envbench.ui.terminal.link_rule import LinkState
from envbench.workbench.values.box_facts import BoxDisk, BoxGpu, BoxReport
from envbench.workbench.values.preferences import SettingRow

GB = 10**9
CONFIG = "/home/ada/.config/envbench/config.toml"


def _disk(path: str, kind: str, free_gb: int, *uses: str) -> BoxDisk:
    return BoxDisk(
        uses=uses, path=path, file_system=kind, total_bytes=2000 * GB, free_bytes=free_gb * GB,
        is_network=kind.startswith("nfs"), is_in_memory=False, warning="",
    )  # fmt: skip


def _gpu(index: int, name: str | None = "NVIDIA A100-SXM4-80GB") -> BoxGpu:
    known = name is not None
    return BoxGpu(
        index=index, name=name, capability="8.0" if known else None,
        memory_bytes=85 * GB if known else None,
    )  # fmt: skip


GPUS = BoxReport(
    name="gpu-box-3",
    system="Debian GNU/Linux 12",
    kernel="6.1.0",
    processor="AMD EPYC 7763",
    cores=64,
    load=(9.3, 8.0, 7.0),
    memory_bytes=503 * GB,
    memory_available_bytes=432 * GB,
    disks=(_disk("/home/ada", "nfs4", 312, "home"), _disk("/data", "ext4", 1800, "envs", "cache", "state")),
    glibc="2.35",
    archspec="x86_64_v3",
    driver="550.54.15",
    cuda="12.4",
    gpus=(*(_gpu(index) for index in range(7)), _gpu(7, None)),
    gpu_note="7 x NVIDIA A100-SXM4-80GB and one that tells nothing",
    jobs_note="nothing here is known to end jobs at the logout",
    jobs_outlive_logout=True,
)  # fmt: skip
"""Eight GPUs, one of which tells nothing."""
NO_DRIVER = replace(GPUS, driver=None, cuda=None, gpus=(), gpu_note="no NVIDIA driver found")
UPGRADED = replace(NO_DRIVER, gpu_note="GPUs are not known: Driver/library version mismatch")
"""The driver was upgraded under the running kernel."""
FULL = replace(GPUS, disks=(_disk("/data", "ext4", 1, "home", "envs", "cache", "state"),))
MORTAL = replace(
    GPUS, jobs_outlive_logout=False, jobs_note="systemd ends jobs at the logout: loginctl enable-linger"
)  # fmt: skip

FAST = LinkState(20.0, "fast", "", 0.25, 1.0)
SLOW = LinkState(900.0, "slow", "about 20 kB/s", 2.0, 5.0)
STRIP = LinkState(2000.0, "strip", "about 4 kB/s", 2.0, 10.0)


def _setting(key: str, value: str, source: str = "default", **more: str) -> SettingRow:
    given = {
        "meaning": f"what {key} is about",
        "kind": "a text",
        "variable": f"ENVBENCH_{key.upper()}",
    }
    return SettingRow(key=key, value=value, source=source, **{**given, **more})  # fmt: skip


SETTINGS = (
    _setting("theme", "fjord", CONFIG, meaning="colours of the screen", kind="the name of a theme"),
    _setting("glyphs", "auto", meaning="which characters borders and marks are made of",
             kind="auto, unicode or ascii"),
    _setting("notify", "bell", meaning="how the terminal tells of a job that ended"),
    _setting("link", "slow", "ENVBENCH_LINK", meaning="how often the screen is drawn anew"),
    _setting("keep_generations", "3", CONFIG, problem="is no whole number from 1 to 100",
             meaning="generations kept of each environment", kind="a whole number from 1 to 100"),
    _setting("channels", "", meaning="channels of a spec that names none"),
    _setting("conda.channels", "conda-forge", "/home/ada/.condarc", kind="", variable="",
             meaning="channels, the first before the later"),
)  # fmt: skip
SETTING_PROBLEMS = (
    SettingProblem(CONFIG, "keep_generations", "is no whole number from 1 to 100", 4),
    SettingProblem("/home/ada/.condarc", "", "is no YAML: line 2", 2, Severity.ERROR),
)
