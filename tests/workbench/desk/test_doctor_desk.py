"""The doctor as a screen asks for it: through a child, with answers of the right type."""

import pytest

from envbench.model.compatibility_report import CompatibilityReport
from envbench.model.errors import UsageError
from envbench.model.problem import Severity
from envbench.workbench.desk.desk import WorkbenchDesk
from envbench.workbench.values.doctor import DoctorReport
from tests.workbench.conftest import Box


async def test_findings_and_reports_cross_the_border(box: Box):
    box.build(box.write_spec("app=2.0"))
    [record] = (box.path() / "conda-meta").glob("zlib-*.json")
    record.unlink()
    desk = WorkbenchDesk(str(box.root))
    try:
        found = await desk.examine_environment("env")
        assert isinstance(found, DoctorReport)
        [finding] = found.findings
        assert finding.severity is Severity.ERROR
        assert finding.remedies[0].proof == "solved: zlib 1.3, app 2.0"
        quick = await desk.examine_environment("env", solve=False)
        assert quick.findings[0].remedies[0].proof == ""
        report = await desk.report_compatibility("env")
        assert isinstance(report, CompatibilityReport)
        assert report.findings[0].code == finding.code
        with pytest.raises(UsageError):
            await desk.examine_environment("absent")
    finally:
        await desk.close()
