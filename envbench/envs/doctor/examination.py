"""All examinations, in the order in which their findings are told."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from envbench.envs.doctor.broken_libraries import (
    examine_damaged_libraries,
    examine_machines,
    examine_python_tags,
)
from envbench.envs.doctor.conda_ranges import examine_conda_dependencies, examine_damaged_records
from envbench.envs.doctor.cuda_mixes import examine_cuda_mixes
from envbench.envs.doctor.cuda_runtime import examine_cuda_runtime
from envbench.envs.doctor.duplicates import (
    examine_leftovers,
    examine_shared_modules,
    examine_twice_installed,
)
from envbench.envs.doctor.generated_code import examine_generated_code
from envbench.envs.doctor.gpu_fit import (
    examine_architectures,
    examine_cpu_builds,
    examine_driver,
)
from envbench.envs.doctor.leaks import (
    examine_library_path,
    examine_path_files,
    examine_python_path,
    examine_user_site,
    examine_variables,
)
from envbench.envs.doctor.library_needs import examine_library_needs, examine_symbol_versions
from envbench.envs.doctor.numpy_abi import examine_numpy_abi
from envbench.envs.doctor.pip_over_conda import examine_pip_over_conda
from envbench.envs.doctor.requirements import examine_python_ranges, examine_requirements
from envbench.envs.doctor.rivals import examine_rival_distributions
from envbench.envs.doctor.runtimes import examine_blas, examine_openmp
from envbench.envs.doctor.view import PrefixView
from envbench.model.cleaning import clean
from envbench.model.diagnosis import Diagnosis
from envbench.model.problem import Severity
from envbench.model.redaction import redact

Examination = Callable[[PrefixView], Iterator[Diagnosis]]

EXAMINATIONS: tuple[Examination, ...] = (
    examine_damaged_records,
    examine_conda_dependencies,
    examine_requirements,
    examine_python_ranges,
    examine_numpy_abi,
    examine_generated_code,
    examine_python_tags,
    examine_damaged_libraries,
    examine_machines,
    examine_library_needs,
    examine_symbol_versions,
    examine_pip_over_conda,
    examine_twice_installed,
    examine_shared_modules,
    examine_rival_distributions,
    examine_cuda_mixes,
    examine_openmp,
    examine_blas,
    examine_leftovers,
    examine_user_site,
    examine_python_path,
    examine_library_path,
    examine_variables,
    examine_path_files,
    examine_driver,
    examine_architectures,
    examine_cuda_runtime,
    examine_cpu_builds,
)

_RANK = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
_TEXT_LIMIT = 2000


def examine_prefix(view: PrefixView) -> tuple[Diagnosis, ...]:
    """Run all examinations; the worst findings first, their texts cleaned and redacted."""
    found = [finding for examine in EXAMINATIONS for finding in examine(view)]
    found.sort(key=lambda finding: _RANK[finding.severity])
    return tuple(_make_presentable(finding) for finding in found)


def _make_presentable(finding: Diagnosis) -> Diagnosis:
    return replace(
        finding,
        title=_show(finding.title),
        cause=_show(finding.cause),
        evidence=_show(finding.evidence),
        found_in=_show(finding.found_in),
        remedies=tuple(
            replace(remedy, text=_show(remedy.text), command=_show(remedy.command))
            for remedy in finding.remedies
        ),
    )


def _show(text: str) -> str:
    return redact(clean(text, limit=_TEXT_LIMIT))
