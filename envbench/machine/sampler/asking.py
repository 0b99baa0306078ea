"""Puts questions about one device to the driver and remembers what will never be answered."""

from collections.abc import Callable, Iterable
from typing import Any

from envbench.machine.sampler.answers import GPU_IS_GONE, LASTING, explain_reason
from envbench.machine.sampler.driver import Driver, DriverError
from envbench.machine.sampler.questions import ALL_FIELDS, NoValueError, Question, Step, Values
from envbench.model.gpu import Unread

_FALLS = frozenset({Unread.NOT_IN_DRIVER, Unread.NOT_SUPPORTED})
"""An older way to ask may still be answered."""
_ODD_VALUES = (ValueError, TypeError, AttributeError, OverflowError)

IsLeftOut = Callable[[int, str], bool]


class Asker:
    """One device, a GPU or a MIG instance of it, and what is known of it."""

    def __init__(self, driver: Driver, gpu: int, handle: Any) -> None:
        """Know nothing yet.

        Args:
            driver: Is asked.
            gpu: Index of the GPU.
            handle: The driver's name for the device.
        """
        self.values: dict[str, object] = dict.fromkeys(ALL_FIELDS)
        self.unread: dict[str, Unread] = {}
        self.codes: dict[str, int] = {}
        self.answered = 0
        """How many calls have come back with a value, ever."""
        self.failed: list[DriverError] = []
        """Calls that ended in an error that may pass, until somebody empties the list."""
        self._driver, self._gpu, self._handle = driver, gpu, handle
        self._steps: dict[str, int] = {}
        self._refused: set[str] = set()

    def ask_all(self, questions: Iterable[Question]) -> None:
        """Ask them one after the other.

        Raises:
            DriverError: The GPU is gone.
        """
        for question in questions:
            self.ask(question)

    def ask(self, question: Question) -> None:
        """Ask, unless it is known that there is no answer.

        Raises:
            DriverError: The GPU is gone.
        """
        if question.name in self._refused:
            return
        first = self._steps.get(question.name, 0)
        reason, code = Unread.NOT_IN_DRIVER, None
        for place in range(first, len(question.steps)):
            try:
                values = self._take(question.steps[place])
            except DriverError as fault:
                reason, code = self._judge(fault)
            except NoValueError as fault:
                reason, code = fault.reason, None
            except _ODD_VALUES:
                reason, code = Unread.DRIVER_ERROR, None
            else:
                self._steps[question.name] = place
                self._keep(question, values)
                return
            if reason not in _FALLS:
                break
        self.refuse(question, reason, code)

    def refuse(self, question: Question, reason: Unread, code: int | None = None) -> None:
        """Note that there is no value; for good, if the reason lasts."""
        if reason in LASTING:
            self._refused.add(question.name)
        for name in question.fields:
            self.forget(name, reason, code)

    def forget(self, name: str, reason: Unread, code: int | None = None) -> None:
        """Note that one field has no value."""
        if name in self.values:
            self.values[name] = None
        self.unread[name] = reason
        if code is not None and reason is Unread.DRIVER_ERROR:
            self.codes[name] = code
        else:
            self.codes.pop(name, None)

    def reconsider(self, question: Question) -> None:
        """Ask again, whatever was answered before."""
        self._refused.discard(question.name)
        self._steps.pop(question.name, None)

    def keep(self, name: str, value: object) -> None:
        """Note the value of one field."""
        self.values[name] = value
        self.excuse(name)

    def excuse(self, name: str) -> None:
        """Take back why a field had no value."""
        self.unread.pop(name, None)
        self.codes.pop(name, None)

    def call(self, function: str, *arguments: Any) -> Any:
        """Call a function about this device.

        Raises:
            DriverError: It failed.
        """
        answer = self._driver.call(self._gpu, function, self._handle, *arguments)
        self.answered += 1
        return answer

    def call_symbol(self, symbol: str, *arguments: Any) -> int:
        """Call a plain function of the library about this device; return NVML's number.

        Raises:
            DriverError: There is no such function.
        """
        return self._driver.call_symbol(self._gpu, symbol, self._handle, *arguments)

    def _take(self, step: Step) -> Values:
        answer = self._driver.call(
            self._gpu, step.function, self._handle, *step.arguments, symbol=step.symbol
        )
        self.answered += 1
        return step.take(answer)

    def _judge(self, fault: DriverError) -> tuple[Unread, int | None]:
        code = fault.code
        if code in GPU_IS_GONE:
            raise fault
        reason = Unread.DRIVER_ERROR if code is None else explain_reason(code)
        if reason is Unread.DRIVER_ERROR:
            self.failed.append(fault)
        return reason, code

    def _keep(self, question: Question, values: Values) -> None:
        for name, value in zip(question.fields, values, strict=True):
            if value is None:
                self.forget(name, Unread.NOT_IN_DRIVER)
            else:
                self.keep(name, value)
