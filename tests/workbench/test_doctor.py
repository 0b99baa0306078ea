"""The doctor at the front door: findings, remedies that were really solved, exit codes."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from envbench.cli.app import cli
from envbench.cli.session import current_settings
from envbench.machine.gpus import DriverFacts
from envbench.model.document import from_builtins, to_builtins
from envbench.model.errors import UsageError
from envbench.model.problem import Severity
from envbench.workbench import doctor_remedies
from envbench.workbench.doctor import DoctorReport, examine_environment
from tests.workbench.conftest import Box
from tests.workbench.wheels import make_wheel

NO_DRIVER = DriverFacts(reason="none in this test")


def examine(box: Box, reference: str = "env", *, solve: bool = True) -> DoctorReport:
    return examine_environment(reference, box.settings, driver=NO_DRIVER, solve=solve)


def change_record(box: Box, name: str, **fields: object) -> None:
    [path] = (box.path() / "conda-meta").glob(f"{name}-*.json")
    document = json.loads(path.read_text()) | fields
    path.unlink()
    path.write_text(json.dumps(document))


def lose_zlib(box: Box) -> None:
    [path] = (box.path() / "conda-meta").glob("zlib-*.json")
    path.unlink()


def test_a_healthy_environment_has_no_findings(box: Box):
    box.build(box.write_spec("app"))
    report = examine(box)
    assert (report.findings, report.is_fine, report.remedies_solved) == ((), True, 0)
    assert (report.environment, report.generation) == ("env", 1)
    assert report.prefix == str(box.path().resolve())
    assert any("no Python" in note for note in report.notes)
    assert any("none in this test" in note for note in report.notes)
    assert from_builtins(json.loads(json.dumps(to_builtins(report))), DoctorReport) == report


def test_a_remedy_is_solved_before_it_is_offered(box: Box):
    spec = box.write_spec("app=2.0")
    box.build(spec)
    before = spec.read_bytes()
    lose_zlib(box)
    report = examine(box)
    [finding] = report.findings
    assert (finding.code, finding.severity) == ("missing.dist", Severity.ERROR)
    [remedy] = finding.remedies
    assert remedy.proof == "solved: zlib 1.3, app 2.0"
    assert not remedy.is_refuted
    assert (report.remedies_solved, report.is_fine) == (1, False)
    assert spec.read_bytes() == before


def test_a_remedy_without_a_solution_is_refuted(box: Box):
    box.build(box.write_spec("app"))
    change_record(box, "app", depends=["zlib >=9"])
    [finding] = examine(box).findings
    [remedy] = finding.remedies
    assert remedy.is_refuted
    assert remedy.proof.startswith("no solution: ")
    assert "zlib" in remedy.proof


def test_what_cannot_be_tried_says_so(box: Box):
    box.build(box.write_spec("app"))
    lose_zlib(box)
    for path in box.channel.glob("*/repodata.json*"):
        path.unlink()
    [finding] = examine(box).findings
    assert finding.remedies[0].proof.startswith("not tried: ")
    assert not finding.remedies[0].is_refuted
    untried = examine(box, solve=False)
    assert untried.findings[0].remedies[0].proof == ""
    assert untried.remedies_solved == 0


def test_an_environment_without_a_spec_is_examined_all_the_same(box: Box):
    prefix = box.root / "theirs"
    (prefix / "conda-meta").mkdir(parents=True)
    (prefix / "conda-meta" / "history").touch()
    record = {"name": "app", "version": "1", "build": "0", "depends": ["zlib >=1"]}
    (prefix / "conda-meta" / "app-1-0.json").write_text(json.dumps(record))
    report = examine(box, str(prefix))
    [finding] = report.findings
    assert finding.remedies[0].proof == "not tried: no spec of this environment is known"
    assert any("no spec" in note for note in report.notes)
    with pytest.raises(UsageError):
        examine(box, "absent")


def test_trials_are_bounded(box: Box, monkeypatch: pytest.MonkeyPatch):
    box.build(box.write_spec("app"))
    depends = ["zlib >=1", "gone >=1", "other"]
    change_record(box, "app", depends=depends)
    lose_zlib(box)
    monkeypatch.setattr(doctor_remedies, "MOST_TRIALS", 2)
    proofs = [finding.remedies[0].proof for finding in examine(box).findings]
    assert [proof.partition(":")[0] for proof in proofs] == [
        "no solution",
        "no solution",
        "not tried",
    ]


def test_the_users_file_counts_while_it_is_what_was_built(box: Box):
    spec = box.write_spec("app=2.0")
    box.build(spec)
    lose_zlib(box)
    # Now the file asks for what cannot be had; what was built from can still be mended.
    spec.write_text(spec.read_text().replace("app=2.0", "app=99"))
    [finding] = examine(box).findings
    assert finding.remedies[0].proof == "solved: zlib 1.3, app 2.0"


def test_the_pip_part_of_a_remedy_is_resolved_too(
    box: Box, python_channel: Path, monkeypatch: pytest.MonkeyPatch
):
    wheels = box.root / "wheels"
    make_wheel(wheels, "web", requires=["helper>=2"])
    for version in ("1.0", "2.0"):
        make_wheel(wheels, "helper", version)
    monkeypatch.setenv("ENVBENCH_PIP_NO_INDEX", "1")
    monkeypatch.setenv("ENVBENCH_PIP_FIND_LINKS", str(wheels))
    box.settings = current_settings.__wrapped__()
    spec = box.write_spec("python", channel=python_channel.as_uri(), pip=("web",))
    result, _ = box.build(spec)
    assert result.code == 0, result.reason
    assert examine(box).findings == ()
    [info] = box.path().glob("lib/python*/site-packages/helper-2.0.dist-info")
    metadata = info / "METADATA"
    metadata.write_text(metadata.read_text().replace("Version: 2.0", "Version: 1.0"))
    [finding] = examine(box).findings
    assert finding.code == "pin.requirement"
    assert finding.remedies[0].changes[0].requirement == "helper>=2"
    assert finding.remedies[0].proof.startswith("solved: helper 2.0")


def run(*arguments: str) -> tuple[int, str]:
    current_settings.cache_clear()
    try:
        done = CliRunner().invoke(cli, arguments, standalone_mode=False)
        if done.exception is not None:
            raise done.exception
        return int(done.return_value), done.stdout
    finally:
        current_settings.cache_clear()


def test_the_command_tells_what_why_and_what_to_do(box: Box):
    box.build(box.write_spec("app=2.0"))
    code, text = run("doctor", "env")
    assert (code, text.splitlines()[0][:18]) == (0, "env: nothing found")
    lose_zlib(box)
    code, text = run("doctor", "env")
    assert code == 1
    assert "error missing.dist  zlib is not installed, but app needs it" in text
    assert "seen: app-2.0-0 needs zlib >=1" in text
    assert "in the spec: zlib >=1" in text
    assert "solved: zlib 1.3, app 2.0" in text
    code, text = run("doctor", "env", "--json", "--no-solve")
    document = json.loads(text)
    assert (code, document["schema"]) == (1, "envbench.doctor/1")
    assert document["findings"][0]["code"] == "missing.dist"


def test_the_command_writes_reports(box: Box, tmp_path: Path):
    box.build(box.write_spec("app=2.0"))
    code, text = run("doctor", "env", "--report", "-")
    assert (code, text.splitlines()[0]) == (0, "# Compatibility of env")
    written = tmp_path / "compat.md"
    assert run("doctor", "env", "--report", str(written))[0] == 0
    assert written.read_text().startswith("# Compatibility of env\n")
    # An older report is replaced, anything else is not.
    assert run("doctor", "env", "--report", str(written))[0] == 0
    written.write_text("my notes\n")
    with pytest.raises(UsageError):
        run("doctor", "env", "--report", str(written))
    assert written.read_text() == "my notes\n"
    document = tmp_path / "compat.json"
    run("doctor", "env", "--report", str(document))
    assert json.loads(document.read_text())["schema"] == "envbench.compatibility/1"
    with pytest.raises(UsageError):
        run("doctor", "env", "--report", str(tmp_path / "compat.txt"))
    code, text = run("doctor", "env", "--table", "--json")
    assert json.loads(text)["schema"] == "envbench.compatibility/1"
