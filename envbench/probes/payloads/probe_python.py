"""The interpreter itself: standard library, and arithmetic against known digits."""

DISTRIBUTIONS = ()
CONDA_NAMES = ("python",)
MODULES = (
    "sys",
    "bz2",
    "ctypes",
    "decimal",
    "hashlib",
    "lzma",
    "math",
    "sqlite3",
    "ssl",
    "sysconfig",
    "zlib",
)

_PI = "3.1415926535897932384626433832795028841971693993751"


def facts(probing):
    """Say where this Python lives and what it is linked to."""
    modules = probing.modules
    system = modules["sys"]
    return {
        "version": system.version.split()[0],
        "implementation": system.implementation.name,
        "executable": system.executable,
        "prefix": system.prefix,
        "site_packages": modules["sysconfig"].get_paths()["purelib"],
        "openssl": modules["ssl"].OPENSSL_VERSION,
        "sqlite": modules["sqlite3"].sqlite_version,
    }


def checks(probing):
    """Compare computed digits, a digest and a query with known values."""
    modules = probing.modules
    decimal = modules["decimal"]

    def arctan_inverse(x, digits):
        total = term = decimal.Decimal(10) ** digits // x
        n, sign = 1, 1
        while term:
            term //= x * x
            sign, n = -sign, n + 2
            total += sign * (term // n)
        return total

    def pi():
        with decimal.localcontext() as context:
            context.prec = 80
            digits = 60
            scaled = 4 * (4 * arctan_inverse(5, digits) - arctan_inverse(239, digits))
            computed = scaled / decimal.Decimal(10) ** digits
            return abs(computed - decimal.Decimal(_PI)) / decimal.Decimal(_PI)

    def digest():
        expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        return 0.0 if modules["hashlib"].sha256(b"abc").hexdigest() == expected else 1.0

    def compression():
        data = bytes(range(256)) * 64
        intact = all(
            module.decompress(module.compress(data)) == data
            for module in (modules["zlib"], modules["bz2"], modules["lzma"])
        )
        return 0.0 if intact else 1.0

    def query():
        with modules["sqlite3"].connect(":memory:") as connection:
            rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<100) SELECT SUM(i) FROM n"
            return abs(connection.execute(rows).fetchone()[0] - 5050) / 5050

    yield "pi", "cpu", 1e-45, pi
    yield "sha256", "cpu", 0.0, digest
    yield "compression", "cpu", 0.0, compression
    yield "sqlite", "cpu", 0.0, query
