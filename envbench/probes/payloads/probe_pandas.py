"""pandas: sums by group, a join and a round trip through text, all exact."""

import io

DISTRIBUTIONS = ("pandas",)
CONDA_NAMES = ("pandas",)
RELATED = ("numpy", "pyarrow", "numexpr", "bottleneck")
MODULES = ("pandas", "numpy")


def facts(probing):
    """Name the versions of both libraries."""
    modules = probing.modules
    return {"version": modules["pandas"].__version__, "numpy": modules["numpy"].__version__}


def checks(probing):
    """Compare with what the interpreter adds up."""
    pandas = probing.modules["pandas"]
    frame = pandas.DataFrame({"key": [i % 7 for i in range(1000)], "value": list(range(1000))})
    sums = {key: sum(range(key, 1000, 7)) for key in range(7)}

    def groupby():
        return probing.differ(frame.groupby("key")["value"].sum().to_dict(), sums)

    def join():
        names = pandas.DataFrame({"key": list(range(7)), "name": list("abcdefg")})
        merged = frame.merge(names, on="key")
        return probing.differ(sorted(merged["name"]), sorted("abcdefg"[i % 7] for i in range(1000)))

    def csv():
        text = frame.to_csv(index=False)
        return probing.differ(
            pandas.read_csv(io.StringIO(text)).values.tolist(), frame.values.tolist()
        )

    def dates():
        days = pandas.to_datetime(pandas.Series(["2024-02-28", "2024-03-01"])).diff().dt.days
        return probing.differ(int(days.iloc[1]), 2)

    yield "groupby", "cpu", 0.0, groupby
    yield "join", "cpu", 0.0, join
    yield "csv", "cpu", 0.0, csv
    yield "dates", "cpu", 0.0, dates
