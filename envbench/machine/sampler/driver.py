"""Calls into the driver's library: a breadcrumb before each, and one kind of error.

Source: nvidia-ml-py (module pynvml).
"""

import ctypes
from types import ModuleType
from typing import Any

from envbench.machine.gpu_evidence import read_module_version
from envbench.machine.nvml_errors import FUNCTION_NOT_FOUND, UNINITIALIZED
from envbench.machine.sampler.breadcrumb import BreadcrumbWriter
from envbench.machine.sampler.orders import DRIVER
from envbench.model.cleaning import clean
from envbench.model.gpu import DriverReading

_ODD_ANSWERS = (ctypes.ArgumentError, ValueError, TypeError, IndexError, OverflowError)


class DriverError(Exception):
    """The driver did not give what was asked for."""

    def __init__(self, call: str, code: int | None) -> None:
        """Name the call and NVML's number; None when the answer made no sense."""
        super().__init__(f"{call}: {code}")
        self.call = call
        self.code = code


class DriverGoneError(Exception):
    """The driver was unloaded under this process."""


class BindingError(Exception):
    """Python's side of the library is missing or is another one."""

    def __init__(self, kind: str) -> None:
        """Say which, as `explain_absence` wants it."""
        super().__init__(kind)
        self.kind = kind


class Driver:
    """NVML, one call at a time."""

    def __init__(self, breadcrumb: BreadcrumbWriter) -> None:
        """Load nothing yet."""
        self._breadcrumb = breadcrumb
        self._nvml: Any = None

    def load(self) -> None:
        """Load the library and greet the driver.

        Raises:
            BindingError: There is no pynvml, or another one.
            DriverError: The library or the driver is missing or refuses.
        """
        if self._nvml is None:
            self._nvml = _import_binding()
        self.call(DRIVER, "nvmlInitWithFlags", 0)

    def call(self, gpu: int, function: str, *arguments: Any, symbol: str = "") -> Any:
        """Call a function of the binding.

        Args:
            gpu: Index of the GPU that it is about, or `orders.DRIVER`.
            function: Its name in the binding.
            arguments: Its arguments.
            symbol: What it calls in the library, where that is named differently.

        Raises:
            DriverError: It failed.
            DriverGoneError: The driver is not there any more.
        """
        call = symbol or function
        self._breadcrumb.enter(gpu, call)
        try:
            return getattr(self._nvml, function)(*arguments)
        except self._nvml.NVMLError as fault:
            raise self._judge(gpu, call, _read_code(fault)) from None
        except (self._nvml.NVMLLibraryMismatchError, AttributeError):
            raise DriverError(call, FUNCTION_NOT_FOUND) from None
        except _ODD_ANSWERS:
            raise DriverError(call, None) from None
        finally:
            self._breadcrumb.leave()

    def call_symbol(self, gpu: int, symbol: str, *arguments: Any) -> int:
        """Call a function of the library itself, past the binding's own reading of the answer.

        Returns:
            NVML's number, 0 for success.

        Raises:
            DriverError: There is no such function.
            DriverGoneError: The driver is not there any more.
        """
        self._breadcrumb.enter(gpu, symbol)
        try:
            code = int(self._nvml._nvmlGetFunctionPointer(symbol)(*arguments))  # noqa: SLF001 - the binding's only door to plain symbols
        except self._nvml.NVMLError as fault:
            raise DriverError(symbol, _read_code(fault)) from None
        except _ODD_ANSWERS:
            raise DriverError(symbol, None) from None
        finally:
            self._breadcrumb.leave()
        if code == UNINITIALIZED:
            self._judge(gpu, symbol, code)
        return code

    def _judge(self, gpu: int, call: str, code: int) -> DriverError:
        """Make an error of a number.

        Raises:
            DriverGoneError: The driver says that it was not greeted, and that of no GPU alone.
        """
        if code == UNINITIALIZED and gpu != DRIVER:
            try:
                self.count()
            except DriverError as fault:
                if fault.code == UNINITIALIZED:
                    raise DriverGoneError from None
        return DriverError(call, code)

    def count(self) -> int:
        """Count the GPUs.

        Raises:
            DriverError: It does not say.
        """
        return int(self.call(DRIVER, "nvmlDeviceGetCount", symbol="nvmlDeviceGetCount_v2"))

    def describe(self) -> DriverReading:
        """Read the versions."""
        return DriverReading(
            version=self._ask_text("nvmlSystemGetDriverVersion"),
            cuda=self._ask_cuda(),
            nvml=self._ask_text("nvmlSystemGetNVMLVersion"),
            kernel_module=read_module_version(),
        )

    def _ask_text(self, function: str) -> str | None:
        try:
            return read_text(self.call(DRIVER, function)) or None
        except DriverError:
            return None

    def _ask_cuda(self) -> str | None:
        for symbol in ("nvmlSystemGetCudaDriverVersion_v2", "nvmlSystemGetCudaDriverVersion"):
            try:
                number = int(self.call(DRIVER, symbol))
            except DriverError:
                continue
            if number > 0:
                return f"{number // 1000}.{number % 1000 // 10}"
        return None


def read_text(value: Any) -> str:
    """Take text as any version of the binding gives it."""
    text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
    return clean(text, limit=200)


def _read_code(fault: Any) -> int:
    return int(getattr(fault, "value", FUNCTION_NOT_FOUND))


def _import_binding() -> ModuleType:
    try:
        import pynvml
    except ImportError:
        raise BindingError("binding_missing") from None
    # The retired project of that name and its forks bring a module without it.
    if not hasattr(pynvml, "_nvmlGetFunctionPointer"):
        raise BindingError("binding_wrong")
    module: ModuleType = pynvml
    return module
