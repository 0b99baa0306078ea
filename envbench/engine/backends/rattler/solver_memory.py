"""What a solver process keeps between requests."""

from collections.abc import Hashable
from dataclasses import dataclass, field

from envbench.engine.backends.rattler.narrowing.search_memory import SearchMemory
from envbench.engine.backends.rattler.repodata import RepodataStore
from envbench.model.plan import SolveRequest


@dataclass(frozen=True, slots=True)
class SolverMemory:
    """The indexes that were read, and what was made of them."""

    store: RepodataStore
    searches: SearchMemory = field(default_factory=SearchMemory)

    def stamp(self, request: SolveRequest) -> Hashable:
        """Return what changes whenever an index of the request's channels was read anew."""
        return self.store.stamp(request.channels, request.host.platform, offline=request.offline)
