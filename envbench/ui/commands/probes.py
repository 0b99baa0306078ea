"""Verbs of probes."""

from envbench.ui.bench import Bench
from envbench.ui.commands.command import Command
from envbench.ui.commands.environments import chosen
from envbench.ui.state import ENVIRONMENTS, SIDE_ENVIRONMENTS, ScreenState


def meant(state: ScreenState) -> str:
    """Name the environment that would be probed or locked."""
    if state.focus in {ENVIRONMENTS, SIDE_ENVIRONMENTS}:
        return chosen(state)[0]
    return state.environment


def need_built(state: ScreenState) -> str:
    """Say that a built environment must be meant."""
    name = meant(state)
    if not name:
        return "no environment is chosen: b builds the open spec, 5 shows what is there"
    rows = state.environments.value
    if rows is None:
        return "environments are still being looked for"
    row = next((row for row in rows if name in {row.key, row.name}), None)
    if row is None or row.kind == "unbuilt":
        return f"{name} is not built yet: s solves, b builds"
    return ""


class Probe(Command):
    """Prove with numbers that the frameworks of the environment work, in the background."""

    title = "probe"
    key = "p"
    group = "Probes"
    footer = 22

    def refuse(self, state: ScreenState) -> str:
        """An environment must be there."""
        return need_built(state)

    def twin(self, state: ScreenState) -> str:
        """`envbench probe`."""
        from envbench.ui.flows import probing

        return probing.twin(meant(state), ())

    async def run(self, bench: Bench) -> None:
        """Start the job."""
        from envbench.ui.flows import probing

        await probing.probe(bench, meant(bench.state))


class ChooseProbe(Command):
    """Choose one probe to run."""

    title = "one probe"
    key = "P"
    group = "Probes"

    def refuse(self, state: ScreenState) -> str:
        """An environment must be there."""
        return need_built(state)

    async def run(self, bench: Bench) -> None:
        """Offer them."""
        from envbench.ui.flows import probing

        await probing.choose_probes(bench, meant(bench.state))


COMMANDS: tuple[Command, ...] = (Probe(), ChooseProbe())
