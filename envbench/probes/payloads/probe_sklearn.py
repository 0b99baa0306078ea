"""scikit-learn: a regression that must find its weights, clusters that are far apart."""

DISTRIBUTIONS = ("scikit-learn",)
CONDA_NAMES = ("scikit-learn",)
RELATED = ("numpy", "scipy", "joblib", "threadpoolctl")
MODULES = ("sklearn", "numpy", "sklearn.cluster", "sklearn.ensemble", "sklearn.linear_model")


def facts(probing):
    """Name the versions, and the thread pools that are loaded."""
    modules = probing.modules
    found = {"version": modules["sklearn"].__version__, "numpy": modules["numpy"].__version__}
    try:
        from threadpoolctl import threadpool_info

        found["thread_pools"] = [
            "%s %s: %s threads" % (pool["internal_api"], pool["version"], pool["num_threads"])
            for pool in threadpool_info()
        ]
    except ImportError:
        found["thread_pools"] = []
    return found


def checks(probing):
    """Ridge recovers its weights; k-means and gradient boosting (OpenMP) split what is apart."""
    modules = probing.modules
    numpy, sklearn = modules["numpy"], modules["sklearn"]
    random = numpy.random.RandomState(20)
    samples = random.standard_normal((400, 8))
    weights = numpy.arange(1.0, 9.0)
    side = numpy.arange(400) % 2

    def ridge():
        model = sklearn.linear_model.Ridge(alpha=1e-9, fit_intercept=False)
        return probing.relative_error(model.fit(samples, samples @ weights).coef_, weights)

    def clusters():
        model = sklearn.cluster.KMeans(n_clusters=2, n_init=1, random_state=20)
        labels = model.fit_predict(samples + 40.0 * side[:, None])
        return float(min((labels != side).mean(), (labels == side).mean()))

    def boosting():
        model = sklearn.ensemble.HistGradientBoostingClassifier(max_iter=5, random_state=20)
        shifted = samples + 40.0 * side[:, None]
        return 1.0 - float(model.fit(shifted, side).score(shifted, side))

    yield "ridge", "cpu", 1e-6, ridge
    yield "kmeans", "cpu", 0.0, clusters
    yield "boosting", "cpu", 0.05, boosting
