"""NumPy: its BLAS, and linear algebra against the matrix it started from."""

DISTRIBUTIONS = ("numpy",)
CONDA_NAMES = ("numpy",)
MODULES = ("numpy",)


def facts(modules):
    """Name the BLAS that NumPy was built with."""
    numpy = modules["numpy"]
    found = {"version": numpy.__version__}
    try:
        blas = numpy.show_config(mode="dicts")["Build Dependencies"]["blas"]
        found["blas"] = "%s %s" % (blas.get("name", "?"), blas.get("version", "?"))
    except (TypeError, KeyError):  # NumPy before 1.26 prints instead of returning
        found["blas"] = "unknown: this NumPy only prints its configuration"
    return found


def checks(modules):
    """QR of a 256x256 matrix, a solve, and an FFT round trip."""
    numpy = modules["numpy"]
    matrix = numpy.random.RandomState(20).standard_normal((256, 256))

    def relative(computed, reference):
        return float(numpy.max(numpy.abs(computed - reference)) / numpy.max(numpy.abs(reference)))

    def qr():
        orthogonal, upper = numpy.linalg.qr(matrix)
        return relative(orthogonal @ upper, matrix)

    def solve():
        wanted = numpy.arange(1.0, 257.0)
        return relative(numpy.linalg.solve(matrix, matrix @ wanted), wanted)

    def fft():
        return relative(numpy.fft.ifft(numpy.fft.fft(matrix[0])).real, matrix[0])

    yield "qr_256", "cpu", 1e-10, qr
    yield "solve_256", "cpu", 1e-8, solve
    yield "fft_256", "cpu", 1e-12, fft
