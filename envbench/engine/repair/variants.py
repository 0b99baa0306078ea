"""A request with some of its lines, its channels or its box changed."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from envbench.model.channel import ChannelGroup, ChannelPriority
from envbench.model.host import HostProfile
from envbench.model.plan import RequestedSpec, SolveRequest


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Variant:
    """What a try asks instead of the request as it stands."""

    texts: tuple[str | None, ...]
    """One for each spec of the request; None leaves it out."""
    channels: tuple[ChannelGroup, ...] | None = None
    """None: those of the request."""
    priority: ChannelPriority | None = None
    host: HostProfile | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """Tell variants apart."""
        host = self.host.virtual_packages() if self.host is not None else None
        return (self.texts, self.channels, self.priority, host)

    @property
    def is_about_lines(self) -> bool:
        """Whether only lines are changed, so that the same records take part."""
        return self.channels is None and self.priority is None and self.host is None

    def with_text(self, index: int, text: str | None) -> "Variant":
        """Change or leave out one more line."""
        return replace(self, texts=(*self.texts[:index], text, *self.texts[index + 1 :]))

    def without(self, indexes: Collection[int]) -> "Variant":
        """Leave lines out."""
        texts = tuple(None if i in indexes else text for i, text in enumerate(self.texts))
        return replace(self, texts=texts)


def vary(
    request: SolveRequest, variant: Variant, common: Collection[int] = ()
) -> tuple[SolveRequest, tuple[int, ...]]:
    """Make the request of a variant.

    Args:
        request: The request as it stands.
        variant: What is asked instead.
        common: Indexes of specs that no try of the search changes.

    Returns:
        The request, those common specs first, and their indexes in it; no indexes where other
        records take part than in the request as it stands.
    """
    kept, others = [], []
    for index, (spec, text) in enumerate(zip(request.specs, variant.texts, strict=True)):
        if text is None:
            continue
        if index in common and text == spec.text:
            kept.append(spec)
        else:
            others.append(spec if text == spec.text else RequestedSpec(text, spec.line))
    varied = replace(
        request,
        specs=(*kept, *others),
        channels=variant.channels if variant.channels is not None else request.channels,
        channel_priority=variant.priority or request.channel_priority,
        host=variant.host or request.host,
    )
    is_common = variant.is_about_lines and len(kept) == len(common)
    return varied, tuple(range(len(kept))) if is_common else ()
