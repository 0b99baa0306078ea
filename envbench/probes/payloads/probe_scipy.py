"""SciPy: dense and sparse solves, a quadrature and a minimum with known answers."""

import math

DISTRIBUTIONS = ("scipy",)
CONDA_NAMES = ("scipy",)
RELATED = ("numpy",)
MODULES = (
    "scipy",
    "numpy",
    "scipy.integrate",
    "scipy.linalg",
    "scipy.optimize",
    "scipy.sparse",
    "scipy.sparse.linalg",
)


def facts(probing):
    """Name the versions of both libraries."""
    modules = probing.modules
    return {"version": modules["scipy"].__version__, "numpy": modules["numpy"].__version__}


def checks(probing):
    """LU solve of 128x128, a sparse tridiagonal solve, the integral of a Gaussian, a minimum."""
    modules = probing.modules
    numpy, scipy = modules["numpy"], modules["scipy"]
    matrix = numpy.random.RandomState(20).standard_normal((128, 128))
    wanted = numpy.arange(1.0, 129.0)

    def solve():
        factors = scipy.linalg.lu_factor(matrix)
        return probing.relative_error(scipy.linalg.lu_solve(factors, matrix @ wanted), wanted)

    def sparse():
        ones = numpy.ones(128)
        tridiagonal = scipy.sparse.diags([-ones[1:], 4 * ones, -ones[1:]], [-1, 0, 1], format="csc")
        solution = scipy.sparse.linalg.spsolve(tridiagonal, tridiagonal @ wanted)
        return probing.relative_error(solution, wanted)

    def quadrature():
        value, _ = scipy.integrate.quad(lambda x: math.exp(-x * x), -math.inf, math.inf)
        return probing.relative_error(value, math.sqrt(math.pi))

    def minimum():
        found = scipy.optimize.minimize(lambda x: ((x - [1.0, 2.0]) ** 2).sum(), [0.0, 0.0])
        return probing.relative_error(found.x, [1.0, 2.0])

    yield "lu_128", "cpu", 1e-8, solve
    yield "sparse_128", "cpu", 1e-10, sparse
    yield "quadrature", "cpu", 1e-8, quadrature
    yield "minimum", "cpu", 1e-5, minimum
