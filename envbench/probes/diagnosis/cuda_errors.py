"""What CUDA's errors say: by number, by name, or by the words of the runtime.

Source: `cuda.h` and `driver_types.h` of CUDA 12.4 and 13.0 (names, numbers), and the texts of
`cudaGetErrorString`.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CudaError:
    """One error, as the driver and the runtime both know it."""

    number: int
    names: str
    """Names in the driver's and the runtime's interface, a pattern."""
    words: str
    """What `cudaGetErrorString` says, a pattern."""
    code: str


ERRORS = (
    CudaError(2, "CUDA_ERROR_OUT_OF_MEMORY|cudaErrorMemoryAllocation", "", "gpu.oom"),
    CudaError(3, "CUDA_ERROR_NOT_INITIALIZED|cudaErrorInitializationError", "^initialization error", "gpu.init_failed"),
    CudaError(34, "CUDA_ERROR_STUB_LIBRARY|cudaErrorStubLibrary", "CUDA driver is a stub library", "gpu.driver_lib_mismatch"),
    CudaError(35, "cudaErrorInsufficientDriver", "driver version is insufficient", "gpu.driver_too_old"),
    CudaError(36, "CUDA_ERROR_CALL_REQUIRES_NEWER_DRIVER|cudaErrorCallRequiresNewerDriver", "requires a newer (?:CUDA )?driver", "gpu.driver_too_old"),
    CudaError(46, "CUDA_ERROR_DEVICE_UNAVAILABLE|cudaErrorDevicesUnavailable", "devices?\\b.{0,20} busy or unavailable", "gpu.init_failed"),
    CudaError(98, "cudaErrorInvalidDeviceFunction", "invalid device function", "gpu.arch"),
    CudaError(100, "CUDA_ERROR_NO_DEVICE|cudaErrorNoDevice", "no CUDA-capable device is detected", "gpu.no_visible_device"),
    CudaError(101, "CUDA_ERROR_INVALID_DEVICE|cudaErrorInvalidDevice", "invalid device ordinal", "gpu.no_visible_device"),
    CudaError(200, "CUDA_ERROR_INVALID_IMAGE|cudaErrorInvalidKernelImage", "device kernel image is invalid", "gpu.arch"),
    CudaError(209, "CUDA_ERROR_NO_BINARY_FOR_GPU|cudaErrorNoKernelImageForDevice", "no kernel image is available", "gpu.arch"),
    CudaError(218, "CUDA_ERROR_INVALID_PTX|cudaErrorInvalidPtx", "a PTX JIT compilation failed", "gpu.arch"),
    CudaError(221, "CUDA_ERROR_JIT_COMPILER_NOT_FOUND|cudaErrorJitCompilerNotFound", "PTX JIT compiler library not found", "gpu.driver_lib_mismatch"),
    CudaError(222, "CUDA_ERROR_UNSUPPORTED_PTX_VERSION|cudaErrorUnsupportedPtxVersion", "PTX was compiled with an unsupported toolchain", "gpu.driver_too_old"),
    CudaError(303, "CUDA_ERROR_SHARED_OBJECT_INIT_FAILED|cudaErrorSharedObjectInitFailed", "shared object initialization failed", "gpu.no_driver"),
    CudaError(304, "CUDA_ERROR_OPERATING_SYSTEM|cudaErrorOperatingSystem", "OS call failed or operation not supported on this OS", "gpu.init_failed"),
    CudaError(802, "CUDA_ERROR_SYSTEM_NOT_READY|cudaErrorSystemNotReady", "system not yet initialized", "gpu.fabric"),
    CudaError(803, "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH|cudaErrorSystemDriverMismatch", "unsupported display driver / cuda driver combination", "gpu.driver_lib_mismatch"),
    CudaError(804, "CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE|cudaErrorCompatNotSupportedOnDevice", "forward compatibility was attempted on non supported HW", "gpu.compat"),
    CudaError(805, "CUDA_ERROR_MPS_CONNECTION_FAILED|cudaErrorMpsConnectionFailed", "MPS client failed to connect", "gpu.init_failed"),
    CudaError(999, "CUDA_ERROR_UNKNOWN|cudaErrorUnknown", "CUDA unknown error|^unknown error", "gpu.init_failed"),
    CudaError(214, "CUDA_ERROR_ECC_UNCORRECTABLE|cudaErrorECCUncorrectable", "uncorrectable ECC error", "gpu.fault"),
    CudaError(700, "CUDA_ERROR_ILLEGAL_ADDRESS|cudaErrorIllegalAddress", "an illegal memory access was encountered", "gpu.fault"),
    CudaError(710, "CUDA_ERROR_ASSERT|cudaErrorAssert", "device-side assert triggered", "gpu.fault"),
    CudaError(716, "CUDA_ERROR_MISALIGNED_ADDRESS|cudaErrorMisalignedAddress", "misaligned address", "gpu.fault"),
    CudaError(719, "CUDA_ERROR_LAUNCH_FAILED|cudaErrorLaunchFailure", "unspecified launch failure", "gpu.fault"),
)  # fmt: skip

_MARKS = re.compile(
    r"\bCUDA\b|\bcu[A-Z]\w+\(|cuda[A-Z]\w+|cuInit|\bGPU\b|\bcuda\b|nvidia", re.IGNORECASE
)
_NUMBER = re.compile(
    r"(?:CUDA (?:driver |runtime )?error:?|UNKNOWN ERROR|Unknown CUDA error|\bError|error code:?|"
    r"CUDA call failed(?: lazily)?[^\n]{0,60}?error:?|CUDA(?:[_ ]\w+)? failure:?|returned?(?: error)?|result(?:ed in)?:?|"
    r"\[(?=\d+\] Call to cu)|cuInit\(0?\)[^\n]{0,30}?|cudaGetDeviceCount[^\n]{0,40}?|status:?|err(?:no|or)?[= ]|failed with)"
    r"[ (=:]*(\d{1,3})\b",
    re.IGNORECASE,
)

_SMALL_NUMBER = re.compile(
    r"CUDA(?:[_ ]\w+)? (?:error|failure)(?: code)?[:= (]*([23])\b", re.IGNORECASE
)
"""Small numbers are said of much else: they count only right behind CUDA's own words."""


def find_error(line: str) -> CudaError | None:
    """Find the error of CUDA that a line tells of: by its name, its words, or its number.

    A bare number counts only in a line that is about CUDA at all.
    """
    for error in ERRORS:
        # ROCm has the same errors under names of its own.
        if re.search(rf"\b(?:{error.names})\b", line.replace("hipError", "cudaError")):
            return error
    for error in ERRORS:
        if error.words and re.search(error.words, line, re.IGNORECASE):
            return error
    if not _MARKS.search(line):
        return None
    numbers = {int(found) for found in _NUMBER.findall(line)}
    numbers = {number for number in numbers if number > 30}
    numbers |= {int(found) for found in _SMALL_NUMBER.findall(line)}
    return next((error for error in ERRORS if error.number in numbers), None)
