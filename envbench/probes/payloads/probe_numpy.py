"""NumPy: its BLAS, and linear algebra against the matrix it started from."""

import math

DISTRIBUTIONS = ("numpy",)
CONDA_NAMES = ("numpy",)
RELATED = ("mkl", "libblas", "openblas", "nomkl")
MODULES = ("numpy",)


def facts(probing):
    """Name the BLAS that NumPy was built with."""
    numpy = probing.modules["numpy"]
    found = {"version": numpy.__version__}
    try:
        blas = numpy.show_config(mode="dicts")["Build Dependencies"]["blas"]
        found["blas"] = "%s %s" % (blas.get("name", "?"), blas.get("version", "?"))
    except (TypeError, KeyError):  # NumPy before 1.26 prints instead of returning
        found["blas"] = "unknown: this NumPy only prints its configuration"
    return found


def checks(probing):
    """QR of a 256x256 matrix, a product, a solve, and an FFT round trip."""
    numpy = probing.modules["numpy"]
    matrix = numpy.random.RandomState(20).standard_normal((256, 256))

    def qr():
        orthogonal, upper = numpy.linalg.qr(matrix)
        return probing.relative_error(orthogonal @ upper, matrix)

    def matmul():
        # A broken BLAS would also compute a broken reference: the interpreter sums up some of it.
        rows, columns = matrix[::32].tolist(), matrix.T[::32].tolist()
        reference = [
            [math.fsum(a * b for a, b in zip(row, column)) for column in columns] for row in rows
        ]
        return probing.relative_error((matrix @ matrix)[::32, ::32], reference)

    def solve():
        wanted = numpy.arange(1.0, 257.0)
        return probing.relative_error(numpy.linalg.solve(matrix, matrix @ wanted), wanted)

    def fft():
        back = numpy.fft.ifft(numpy.fft.fft(matrix[0])).real
        return probing.relative_error(back, matrix[0])

    yield "qr_256", "cpu", 1e-10, qr
    yield "matmul_256", "cpu", 1e-12, matmul
    yield "solve_256", "cpu", 1e-8, solve
    yield "fft_256", "cpu", 1e-12, fft
