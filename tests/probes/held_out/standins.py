"""Small stand-ins for frameworks: right in every number asked for, silent unless told otherwise.

Each is written into the site-packages of a throwaway environment. A case gives what the import
prints, the error that everything on a GPU ends with, and whether there is a GPU at all.
"""

NUMBERS = '''
import math


class Numbers:
    """A flat array: elementwise operations, and products of matrices that are all the same."""

    device = "/device:CPU:0"
    backend = None

    def __init__(self, values=(1.0,)):
        self.values = [float(value) for value in values]

    def _with(self, other, operate):
        others = other.values if isinstance(other, Numbers) else [float(other)] * len(self.values)
        return Numbers(operate(a, b) for a, b in zip(self.values, others))

    def __add__(self, other): return self._with(other, lambda a, b: a + b)
    def __sub__(self, other): return self._with(other, lambda a, b: a - b)
    def __mul__(self, other): return self._with(other, lambda a, b: a * b)
    def __pow__(self, other): return self._with(other, lambda a, b: a**b)
    __radd__, __rmul__ = __add__, __mul__
    def __matmul__(self, other): return Numbers([PRODUCT])
    def __iter__(self): return iter((Numbers(), Numbers()))
    def __getitem__(self, index): return _Rows() if isinstance(index, slice) else self
    def tolist(self): return list(self.values)
    def _self(self, *_, **__): return self
    numpy = astype = double = float = cpu = detach = sum = reshape = copy = get = _self
    T = real = property(_self)
    def backward(self): pass

    def to(self, device):
        if str(device).startswith("cuda"):
            fail_on_gpu()
        return self

    @property
    def grad(self):
        return Numbers(3 * value**2 for value in self.values)


class _Rows:
    """Some rows of a matrix, as nested lists."""

    def tolist(self): return [[1.0]]


PRODUCT = 1.0


def fail_on_gpu():
    """Replaced where a case wants the GPU to fail."""


def raise_chain(chain, kinds={}):
    """Raise the last of these errors, each with the one before it as its context."""
    import builtins

    error = None
    for name, text in chain:
        kind = getattr(builtins, name, None) or type(name, (RuntimeError,), {})
        new = kind(text) if kind is not OSError else OSError(text)
        new.__context__, error = error, new
    raise error
'''

NUMPY = """
from _numbers import Numbers
__version__ = "9.9"
def show_config(mode): return {"Build Dependencies": {"blas": {"name": "none", "version": "0"}}}
class random:
    class RandomState:
        def __init__(self, seed): pass
        def standard_normal(self, shape): return Numbers()
class linalg:
    qr = staticmethod(lambda matrix: (matrix, matrix))
    solve = staticmethod(lambda matrix, wanted: Numbers(float(i) for i in range(1, 257)))
class fft:
    fft = ifft = staticmethod(lambda x: x)
def arange(*limits): return Numbers(range(int(limits[0]), int(limits[1]))) if len(limits) > 1 else Numbers(range(int(limits[0])))
def asarray(values, dtype=None): return values if isinstance(values, Numbers) else Numbers(values)
"""

TORCH = """
import _numbers
from _numbers import Numbers
__version__ = "9.9"
float16 = float32 = float64 = bfloat16 = uint8 = "number"
class version:
    cuda, hip, git_version = BUILD, None, "0"
class _C:
    _cuda_getArchFlags = staticmethod(lambda: "sm_80 sm_90 compute_90")
class backends:
    class cudnn:
        version = staticmethod(lambda: 90100)
class Generator:
    def manual_seed(self, seed): return self
class nn:
    class functional:
        conv2d = staticmethod(lambda image, kernel: Numbers())
def randn(*shape, **options): return Numbers()
def linspace(first, last, count, **options):
    if str(options.get("device", "")).startswith("cuda"):
        _numbers.fail_on_gpu()
    return Numbers(first + (last - first) * i / (count - 1) for i in range(count))
def get_num_threads(): return 1
def from_numpy(array): return array
class _Properties:
    name, uuid, major, minor, total_memory = "Stand-in", "", 9, 0, 1 << 34
class cuda:
    is_available = staticmethod(lambda: DEVICES > 0)
    device_count = staticmethod(lambda: DEVICES)
    get_device_properties = staticmethod(lambda index: _Properties)
    synchronize = empty_cache = reset_peak_memory_stats = staticmethod(lambda *_: None)
    _taken = 0
    memory_allocated = staticmethod(lambda device: cuda._taken)
    max_memory_allocated = staticmethod(lambda device: 64 << 20)
    class nccl:
        version = staticmethod(lambda: (2, 21, 5))
    @staticmethod
    def init(): _numbers.fail_on_gpu()
class _Block:
    def __init__(self): cuda._taken += 64 << 20
    def __del__(self): cuda._taken -= 64 << 20
def empty(size, **options):
    _numbers.fail_on_gpu()
    return _Block()
"""

TENSORFLOW = """
import contextlib
import _numbers
from _numbers import Numbers
__version__ = "9.9"
float32 = "float32"
class sysconfig:
    get_build_info = staticmethod(lambda: {"is_cuda_build": BUILD is not None, "cuda_version": BUILD})
class _Gpu:
    name = "/physical_device:GPU:0"
class config:
    list_physical_devices = staticmethod(lambda kind: [_Gpu] * DEVICES)
    class experimental:
        get_device_details = staticmethod(lambda gpu: {"device_name": "Stand-in"})
class keras: pass
_places = ["CPU"]
@contextlib.contextmanager
def device(name):
    _places.append(name.split(":")[0].strip("/"))
    yield
    _places.pop()
def constant(values, kind=None): return values if isinstance(values, Numbers) else Numbers(values)
class linalg:
    @staticmethod
    def matmul(left, right):
        if _places[-1] == "GPU":
            _numbers.fail_on_gpu()
        product = Numbers()
        product.device = "/device:%s:0" % _places[-1]
        return product
def function(**options): return lambda wrapped: wrapped
class GradientTape:
    def __enter__(self): return self
    def __exit__(self, *_): pass
    def watch(self, x): pass
    def gradient(self, y, x):
        if _places[-1] == "GPU":
            _numbers.fail_on_gpu()
        return 3 * x * x
"""

JAX = """
import math
import _numbers
from _numbers import Numbers
__version__ = "9.9"
class _Device:
    def __init__(self, platform): self.platform = self.device_kind = platform
    memory_stats = staticmethod(lambda: {})
    compute_capability = "9.0"
_DEVICES = [_Device("gpu")] * DEVICES or [_Device("cpu")]
def default_backend(): return _DEVICES[0].platform
def devices(platform=None):
    if platform == "gpu" and not DEVICES:
        _numbers.fail_on_gpu()
        raise RuntimeError("Unknown backend: 'gpu' requested, but no platforms that are instances of gpu are present. Platforms present are: cpu")
    return [_Device("cpu")] if platform == "cpu" else _DEVICES
def jit(wrapped): return wrapped
def vmap(wrapped): return wrapped
def grad(wrapped): return lambda x: Numbers(math.cos(v) * v + math.sin(v) for v in x.values)
def device_put(values, device):
    if device.platform != "cpu":
        _numbers.fail_on_gpu()
    return values
"""

JAX_NUMPY = "def matmul(left, right): return left @ right\n"

ONNXRUNTIME = """
import _numbers
from _numbers import Numbers
__version__ = "9.9"
_ALL = ["CUDAExecutionProvider", "CPUExecutionProvider"] if BUILD else ["CPUExecutionProvider"]
def get_available_providers(): return list(_ALL)
def get_device(): return "GPU" if BUILD else "CPU"
class SessionOptions: pass
class InferenceSession:
    def __init__(self, model, options, providers):
        self._providers = ["CPUExecutionProvider"]
        if providers[0] != "CPUExecutionProvider":
            _numbers.fail_on_gpu()
            if DEVICES:
                self._providers.insert(0, providers[0])
    def get_providers(self): return self._providers
    def run(self, names, inputs): return [Numbers()]
"""

CUPY = """
import _numbers
__version__ = "9.9"
class cuda:
    class runtime:
        runtimeGetVersion = staticmethod(lambda: 12040)
        driverGetVersion = staticmethod(lambda: 0)
        @staticmethod
        def getDeviceCount():
            if not DEVICES:
                _numbers.fail_on_gpu()
            return DEVICES
        getDeviceProperties = staticmethod(lambda index: {"name": b"Stand-in", "major": 9, "minor": 0, "totalGlobalMem": 1 << 34})
def asarray(values):
    _numbers.fail_on_gpu()
    return values
"""

SOURCES = {
    "numpy": {"numpy/__init__.py": NUMPY},
    "torch": {"torch/__init__.py": TORCH},
    "tensorflow": {"tensorflow/__init__.py": TENSORFLOW, "numpy/__init__.py": NUMPY},
    "jax": {
        "jax/__init__.py": JAX,
        "jax/numpy.py": JAX_NUMPY,
        "jaxlib/__init__.py": '__version__ = "9.9"\n',
        "numpy/__init__.py": NUMPY,
    },
    "onnxruntime": {"onnxruntime/__init__.py": ONNXRUNTIME, "numpy/__init__.py": NUMPY},
    "cupy": {"cupy/__init__.py": CUPY, "numpy/__init__.py": NUMPY},
}
"""Files below site-packages, by probe."""
