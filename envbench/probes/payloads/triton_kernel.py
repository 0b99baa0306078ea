"""A kernel for Triton, in a file of its own: Triton reads the source of what it compiles."""

import triton
import triton.language as tl


@triton.jit
def add(one, other, result, size, BLOCK: tl.constexpr):  # noqa: N803 - constants of Triton are in capitals
    """Add two vectors."""
    places = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    inside = places < size
    total = tl.load(one + places, mask=inside) + tl.load(other + places, mask=inside)
    tl.store(result + places, total, mask=inside)
