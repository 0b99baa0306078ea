"""Verbs of the log that is shown."""

from envbench.ui.bench import Bench
from envbench.ui.commands.command import Command
from envbench.ui.state import LOG, ScreenState


def need_log(state: ScreenState) -> str:
    """Say that a log must be on the screen."""
    if state.shown_log is None:
        return "no job has run yet"
    return "" if state.place == LOG else "no log is open: 6 opens it"


class LogCommand(Command):
    """A verb that needs a log on the screen."""

    group = "Log"
    panes = (LOG,)

    def refuse(self, state: ScreenState) -> str:
        """A log must be open."""
        return need_log(state)


class FindInLog(LogCommand):
    """Find a text in the log, or a regular expression after `re:`; n and N go on from there."""

    title = "find"
    key = "slash"
    footer = 1

    async def run(self, bench: Bench) -> None:
        """Ask for it."""
        bench.log_door.action_find(False)


class NextMatch(LogCommand):
    """Go to the next line that was found; after the last one comes the first."""

    title = "next"
    key = "n"
    footer = 3

    async def run(self, bench: Bench) -> None:
        """Go there."""
        bench.log_door.action_go_to_match(1)


class PreviousMatch(LogCommand):
    """Go to the line found before this one."""

    title = "previous"
    key = "N"

    async def run(self, bench: Bench) -> None:
        """Go there."""
        bench.log_door.action_go_to_match(-1)


class OnlyMatches(LogCommand):
    """Leave out all lines that do not match, or show them again."""

    title = "only matches"
    key = "ampersand"

    async def run(self, bench: Bench) -> None:
        """Turn it on or off; without a search it is asked what to find."""
        log = bench.log_door
        if log.search_query is not None and not log.status.filtered:
            log.show_only_matches(True)
        else:
            log.action_find(True)


class Levels(LogCommand):
    """Show only the lines that tell of errors, or of errors and warnings, or all again."""

    title = "levels"
    key = "F"
    footer = 4

    async def run(self, bench: Bench) -> None:
        """Let the user choose."""
        from envbench.ui.flows import logs

        await logs.choose_levels(bench, bench.log_door)


class FirstError(LogCommand):
    """Go to the first line that tells of an error."""

    title = "first error"
    key = "E"
    footer = 5

    async def run(self, bench: Bench) -> None:
        """Go there."""
        from envbench.ui.flows import logs

        await logs.go_to_first_error(bench, bench.log_door)


class Wrap(LogCommand):
    """Let long lines take several rows, or cut them at the edge; the arrows move sideways then."""

    title = "wrap"
    key = "w"

    async def run(self, bench: Bench) -> None:
        """Turn it on or off."""
        bench.log_door.action_toggle_wrap()


class Times(LogCommand):
    """Hide the times that lead the lines, or show them."""

    title = "times"
    key = "t"

    async def run(self, bench: Bench) -> None:
        """Turn it on or off."""
        bench.log_door.action_toggle_times()


class CopyLine(LogCommand):
    """Copy the marked line, or the last one that is seen; shift and arrows mark a line."""

    title = "copy line"
    key = "c"

    async def run(self, bench: Bench) -> None:
        """Copy it."""
        bench.log_door.action_copy_line()


class CopyPage(LogCommand):
    """Copy all lines of the log that are seen."""

    title = "copy page"
    key = "Y"

    async def run(self, bench: Bench) -> None:
        """Copy them."""
        bench.log_door.action_copy_page()


class _Neighbour(LogCommand):
    """Show the log of another job."""

    step = 0

    def refuse(self, state: ScreenState) -> str:
        """There must be such a job."""
        if need_log(state):
            return need_log(state)
        from envbench.ui.flows.logs import find_neighbour

        word = "newer" if self.step > 0 else "older"
        return "" if find_neighbour(state, self.step) else f"there is no {word} job"

    async def run(self, bench: Bench) -> None:
        """Show it."""
        from envbench.ui.flows.logs import find_neighbour

        bench.change(log_job=find_neighbour(bench.state, self.step))


class OlderLog(_Neighbour):
    """Show the log of the job before this one."""

    title = "older log"
    key = "left_square_bracket"
    step = -1


class NewerLog(_Neighbour):
    """Show the log of the job after this one."""

    title = "newer log"
    key = "right_square_bracket"
    step = 1


COMMANDS: tuple[Command, ...] = (
    FindInLog(),
    NextMatch(),
    PreviousMatch(),
    OnlyMatches(),
    Levels(),
    FirstError(),
    Wrap(),
    Times(),
    CopyLine(),
    CopyPage(),
    OlderLog(),
    NewerLog(),
)
