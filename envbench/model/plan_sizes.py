"""What a plan costs in bytes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlanSizes:
    """Sums over the packages of a plan; what is not known is counted, never guessed."""

    download_bytes: int
    """Archives that are not in the package cache, as far as the channels state their size."""
    downloads: int
    """How many archives these are."""
    downloads_of_unknown_size: int
    disk_bytes: int
    """Files of the packages that are in the cache. Those of others are not known before they are
    there: channels state the size of the archive only."""
    on_disk_unknown: int
    """How many packages are not in the cache."""
