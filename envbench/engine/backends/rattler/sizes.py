"""What a plan costs: bytes still to be downloaded, bytes on disk."""

from collections.abc import Iterable
from pathlib import Path

from envbench.engine.backends.rattler.store import PackageStore
from envbench.model.plan import PackageRecord
from envbench.model.plan_sizes import PlanSizes as PlanSizes


def measure_plan(packages: Iterable[PackageRecord], pkgs_dir: Path) -> PlanSizes:
    """Add up what is to be downloaded and what will lie on disk.

    Args:
        packages: All packages of a plan.
        pkgs_dir: The package cache; need not exist.
    """
    store = PackageStore(pkgs_dir)
    missing, disk_bytes = [], 0
    for package in packages:
        stamp = store.read_stamp(package) if store.find_directory(package).is_dir() else None
        if stamp is None:
            missing.append(package.size_bytes)
        else:
            disk_bytes += sum(stamp.read_numbers().sizes)
    known = [size for size in missing if size is not None]
    return PlanSizes(sum(known), len(missing), len(missing) - len(known), disk_bytes, len(missing))
