"""LightGBM: two classes that must be told apart, and a regression."""

DISTRIBUTIONS = ("lightgbm",)
CONDA_NAMES = ("lightgbm", "liblightgbm")
RELATED = ("numpy", "scipy", "scikit-learn")
MODULES = ("lightgbm", "numpy")


def facts(probing):
    """Name the versions."""
    modules = probing.modules
    probing.leave_unchecked("GPU: whether this LightGBM was built for one is not told by it")
    return {"version": modules["lightgbm"].__version__, "numpy": modules["numpy"].__version__}


def checks(probing):
    """Ten rounds; the share of mistakes, and what a step function is missed by."""
    lightgbm, numpy = probing.modules["lightgbm"], probing.modules["numpy"]
    samples = numpy.random.RandomState(20).standard_normal((400, 4))
    side = samples[:, 0] > 0
    common = {"num_threads": 2, "verbosity": -1, "seed": 20, "deterministic": True}

    def train(labels, **settings):
        data = lightgbm.Dataset(samples, label=labels)
        return lightgbm.train(dict(common, **settings), data, 10).predict(samples)

    def mistakes():
        guesses = train(side.astype(int), objective="binary")
        return float(((guesses > 0.5) != side).mean())

    def regression():
        guesses = train(side.astype(float), objective="regression", learning_rate=0.9)
        return float(numpy.abs(guesses - side).mean())

    yield "mistakes", "cpu", 0.05, mistakes
    yield "regression", "cpu", 0.05, regression
