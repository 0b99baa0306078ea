"""What distributions ask of each other: told where it is not met, and nowhere else."""

import pytest

from envbench.model.problem import Severity


@pytest.mark.parametrize(
    ("asker", "requirement", "found", "code"),
    [
        ("pandas", "numpy>=1.22.4", ("numpy", "1.21.0"), "abi.numpy.too_old"),
        ("numba", "numpy<1.27,>=1.22", ("numpy", "2.0.0"), "abi.numpy.too_new"),
        ("jax", "jaxlib<=0.4.35,>=0.4.34", ("jaxlib", "0.4.30"), "pin.jaxlib"),
        ("grpcio-status", "protobuf>=5.26.1", ("protobuf", "3.20.3"), "pb.runtime_too_old"),
        ("tensorflow", "protobuf<5", ("protobuf", "6.1.0"), "pb.stale_descriptors"),
        ("pydantic", "pydantic-core==2.23.2", ("pydantic_core", "2.20.0"), "pin.pydantic"),
        ("langchain", "pydantic>=2", ("pydantic", "1.10.0"), "pin.pydantic"),
        ("transformers", "tokenizers<0.21,>=0.20", ("tokenizers", "0.15.2"), "pin.runtime_check"),
        ("torchvision", "torch==2.3.1", ("torch", "2.4.0"), "pin.torchvision"),
        ("anything", "six>=1.17", ("six", "1.16.0"), "pin.requirement"),
    ],
)
def test_a_version_out_of_range_is_told_under_its_name(patient, asker, requirement, found, code):
    patient.become_venv()
    patient.dist(asker, "1.0", requires=[requirement])
    patient.dist(*found)
    [finding] = patient.examine()
    assert finding.code == code
    assert f"{asker} 1.0 requires {requirement.partition('>')[0].partition('<')[0][:4]}" in (
        finding.evidence
    )
    assert finding.found_in.endswith(".dist-info/METADATA")
    assert finding.remedies[0].changes


def test_an_upper_bound_is_a_warning_unless_the_asker_checks_it_itself(patient):
    patient.become_venv()
    patient.dist("careful", requires=["six<1"])
    patient.dist("six", "1.16.0")
    patient.dist("numba", requires=["numpy<2"])
    patient.dist("numpy", "2.0.0", files={})
    weights = {finding.packages[0]: finding.severity for finding in patient.examine()}
    assert weights == {"six": Severity.WARNING, "numpy": Severity.ERROR}


def test_a_remedy_keeps_all_that_others_ask(patient):
    patient.become_venv()
    patient.dist("one", requires=["six>=1.17,<3"])
    patient.dist("two", requires=["six>=1.10", "six!=1.18", "six<2"])
    patient.dist("six", "1.16.0")
    [finding] = patient.examine()
    [change] = finding.remedies[0].changes
    assert (change.kind, change.section) == ("require", "pip")
    assert change.requirement == "six!=1.18,<2,>=1.17"


def test_what_is_missing_is_told_once_for_each_that_needs_it(patient):
    patient.become_venv()
    patient.dist(
        "web",
        requires=["h11", "anyio>=4", "click; extra == 'cli'", "tomli; python_version < '3.11'"],
    )
    [finding] = patient.examine()
    assert (finding.code, finding.severity) == ("missing.dist", Severity.ERROR)
    assert finding.packages == ("web", "h11", "anyio")
    assert [change.requirement for change in finding.remedies[0].changes] == ["h11", "anyio>=4"]
    assert "-m pip install 'h11' 'anyio>=4'" in finding.remedies[0].command


def test_what_brings_the_same_modules_stands_in(patient):
    patient.become_venv()
    patient.dist("albumentations", requires=["opencv-python-headless>=4.5"])
    patient.dist("opencv-python", "4.10.0")
    assert patient.examine() == ()
    patient.dist("albumentations", requires=["opencv-python-headless>=4.11"])
    [finding] = patient.examine()
    assert (finding.code, finding.packages[0]) == ("pin.requirement", "opencv-python")


def test_a_conda_package_without_metadata_counts(patient):
    patient.python()
    patient.conda("pyzmq", "25.1")
    patient.dist("web", requires=["pyzmq>=20"])
    assert patient.examine() == ()


def test_markers_ask_the_python_of_the_environment(patient):
    patient.become_venv(version="3.10.4")
    patient.dist("web", requires=["tomli; python_version < '3.11'"])
    assert [finding.code for finding in patient.examine()] == ["missing.dist"]


def test_names_are_compared_as_indexes_do(patient):
    patient.become_venv()
    patient.dist("web", requires=["Typing.Extensions>=4"])
    patient.dist("typing_extensions", "4.1")
    assert patient.examine() == ()


def test_metadata_of_conda_packages_is_only_worth_knowing(patient):
    patient.python()
    patient.dist("tf", requires=["libclang>=13", "six<1"], owner="tf")
    patient.dist("six", "1.16.0", owner="six")
    assert {finding.severity for finding in patient.examine()} == {Severity.INFO}
    # What pip put there is the user's affair again.
    patient.dist("web", requires=["six<1"])
    assert Severity.WARNING in {finding.severity for finding in patient.examine()}


def test_versions_that_nobody_can_order_and_damaged_lines_are_left_alone(patient):
    patient.become_venv()
    patient.dist("odd", "1.0", requires=["six>=1", "===", "x @ file:///y ; nonsense", "\x1b[31m"])
    patient.dist("six", "not a version")
    assert [f.severity for f in patient.examine() if "six" in f.packages] == []


def test_a_python_that_is_excluded_is_told(patient):
    patient.become_venv()
    patient.dist("modern", python=">=3.12")
    patient.dist("fine", python=">=3.8, <4")
    [finding] = patient.examine()
    assert (finding.code, finding.severity) == ("pin.python", Severity.WARNING)
    assert "Python 3.11.7" in finding.title


def test_a_venv_with_system_packages_sees_those(patient, tmp_path):
    base = tmp_path / "base"
    patient.dist("six", "1.16.0", site=base / "lib/python3.11/site-packages")
    patient.become_venv(system=True)
    config = patient.prefix / "pyvenv.cfg"
    config.write_text(config.read_text().replace("/usr/bin", str(base / "bin")))
    patient.dist("web", requires=["six>=1"])
    assert patient.examine() == ()
    config.write_text(config.read_text().replace("= true", "= false"))
    assert [finding.code for finding in patient.examine()] == ["missing.dist"]


def test_conda_records_are_compared_with_each_other(patient):
    patient.python()
    patient.conda(
        "numpy", "1.26.4", "py311_0", depends=["python >=3.11,<3.12.0a0", "libblas >=3.9"]
    )
    patient.conda("libblas", "3.8.0", "1_openblas")
    patient.conda("pandas", "2.2.2", depends=["numpy >=1.23,<3", "pytz", "__glibc >=2.17"])
    patient.conda("old", "1.0", constrains=["numpy <1.20", "absent <1"])
    found = {finding.packages[0]: finding for finding in patient.examine()}
    assert {name: finding.code for name, finding in found.items()} == {
        "libblas": "pin.requirement",
        "numpy": "pin.requirement",
        "pytz": "missing.dist",
    }
    assert found["libblas"].remedies[0].changes[0].requirement == "libblas >=3.9"
    assert all(finding.severity is Severity.ERROR for finding in found.values())


def test_builds_count_between_records(patient):
    patient.python()
    patient.conda("scipy", depends=["libblas * *mkl"])
    patient.conda("libblas", "3.9.0", "22_openblas")
    assert [finding.code for finding in patient.examine()] == ["pin.requirement"]


def test_a_record_that_cannot_be_read_is_told(patient):
    patient.python()
    (patient.prefix / "conda-meta" / "six-1.0-0.json").write_text("{")
    [finding] = patient.examine()
    assert (finding.code, finding.severity) == ("record.damaged", Severity.ERROR)


def test_texts_of_packages_are_cleaned(patient):
    patient.become_venv()
    patient.dist("web", "1.0\x1b[2J", requires=["six>=1"])
    [finding] = patient.examine()
    assert "\x1b" not in repr([finding.title, finding.evidence, finding.cause])
