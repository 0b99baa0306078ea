"""Sentences about the conflicts of a pip section."""

from collections.abc import Sequence

from envbench.model.conflict import Chain, SpecLine


def name_line(line: SpecLine) -> str:
    """Name a line: `openai>=2 (line 14)`."""
    return f"{line.text} (line {line.line})" if line.line is not None else line.text


def join_names(names: Sequence[str]) -> str:
    """Join names: `a, b and c`."""
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def name_lines(lines: Sequence[SpecLine]) -> str:
    """Name lines: `openai>=2 (line 14) and tensorflow==2.13.0 (line 15)`."""
    return join_names([name_line(line) for line in lines])


def tell_chain(chain: Chain) -> str:
    """Tell a way: `app 1.0 needs lib <2, and lib 1.4 needs numpy <2.`; empty without links."""
    steps = ", and ".join(f"{link.package} needs {link.needs}" for link in chain.links)
    return f"{steps}." if steps else ""


def tell_chains(chains: Sequence[Chain]) -> str:
    """Tell several ways in one sentence."""
    told = [text.rstrip(".") for text in map(tell_chain, chains) if text]
    return f"{'; '.join(told)}." if told else ""
