"""Uses a GPU without any framework: `python cuda_holder.py MIB` holds memory and keeps it busy.

Prints `ready` once the memory is there; ends when standard input does.
"""

import ctypes
import select
import sys


def call(function, *arguments):
    code = function(*arguments)
    if code:
        sys.exit(f"{function.__name__} ended with {code}")


def main() -> None:
    cuda = ctypes.CDLL("libcuda.so.1")
    device, context, memory = ctypes.c_int(), ctypes.c_void_p(), ctypes.c_uint64()
    size = int(sys.argv[1]) << 20
    call(cuda.cuInit, 0)
    call(cuda.cuDeviceGet, ctypes.byref(device), 0)
    call(cuda.cuDevicePrimaryCtxRetain, ctypes.byref(context), device)
    call(cuda.cuCtxSetCurrent, context)
    call(cuda.cuMemAlloc_v2, ctypes.byref(memory), ctypes.c_size_t(size))
    print("ready", flush=True)
    while not select.select([sys.stdin], [], [], 0)[0]:
        for _ in range(50):
            call(cuda.cuMemsetD8_v2, memory, ctypes.c_ubyte(1), ctypes.c_size_t(size))
        call(cuda.cuCtxSynchronize)


if __name__ == "__main__":
    main()
