"""Packages as components of a bill of materials.

Source: CycloneDX 1.6 (`component`); package URLs, types `conda` and `pypi`.
"""

from collections.abc import Iterable
from urllib.parse import unquote

from cyclonedx.model import (
    ExternalReference,
    ExternalReferenceType,
    HashAlgorithm,
    HashType,
    Property,
    XsUri,
)
from cyclonedx.model.component import Component, ComponentType
from packageurl import PackageURL

from envbench.formats.exports.cyclonedx_licences import describe_licence
from envbench.model.lock import PipPackage
from envbench.model.locked_set import index_of
from envbench.model.plan import PackageRecord

_REPOSITORIES = ("git+", "hg+", "svn+", "bzr+")


def describe_conda(package: PackageRecord) -> Component:
    """Describe a conda package."""
    archive = "tar.bz2" if package.file_name.endswith(".tar.bz2") else "conda"
    purl = PackageURL(
        type="conda",
        name=package.name,
        version=package.version,
        qualifiers=_without_empty(
            build=package.build, channel=package.channel, subdir=package.subdir, type=archive
        ),
    )
    digests = ((HashAlgorithm.MD5, package.md5), (HashAlgorithm.SHA_256, package.sha256))
    return Component(
        name=package.name,
        version=package.version,
        type=ComponentType.LIBRARY,
        bom_ref=purl.to_string(),
        purl=purl,
        hashes=_hashes(digests),
        licenses=describe_licence(package.license),
        external_references=_distribution(package.url),
    )


def describe_pip(package: PipPackage) -> Component:
    """Describe a pip distribution."""
    direct = package.direct_url or ""
    is_repository = direct.startswith(_REPOSITORIES)
    is_local = direct.startswith("file:") or package.editable
    purl = PackageURL(
        type="pypi",
        name=package.name,
        version=package.version,
        qualifiers=_without_empty(
            vcs_url=direct if is_repository else "",
            download_url="" if is_repository or is_local else direct,
            repository_url=index_of(package) or "",
        ),
    )
    references = (
        _repository(direct) if is_repository else _distribution(direct or package.url or "")
    )
    return Component(
        name=package.name,
        version=package.version,
        type=ComponentType.LIBRARY,
        bom_ref=purl.to_string(),
        purl=purl,
        hashes=_hashes([(HashAlgorithm.SHA_256, package.sha256)]),
        licenses=describe_licence(package.license),
        external_references=references,
        properties=[Property(name="envbench:editable", value="true")] if package.editable else [],
    )


def describe_python(version: str) -> Component:
    """Describe a Python that is no conda package: that of a virtual environment."""
    purl = PackageURL(type="generic", name="python", version=version)
    return Component(
        name="python",
        version=version,
        type=ComponentType.PLATFORM,
        bom_ref=purl.to_string(),
        purl=purl,
        licenses=describe_licence("Python-2.0"),
    )


def _without_empty(**qualifiers: str) -> dict[str, str]:
    return {name: value for name, value in qualifiers.items() if value}


def _hashes(digests: Iterable[tuple[HashAlgorithm, str | None]]) -> list[HashType]:
    return [HashType(alg=alg, content=digest.lower()) for alg, digest in digests if digest]


def _distribution(url: str) -> list[ExternalReference]:
    # A path of this box says nothing to whoever reads the document.
    if not url or url.startswith("file:"):
        return []
    return [ExternalReference(type=ExternalReferenceType.DISTRIBUTION, url=XsUri(url))]


def _repository(url: str) -> list[ExternalReference]:
    address, _, commit = url.partition("+")[2].rpartition("@")
    commit = unquote(commit.partition("#")[0])
    return [
        ExternalReference(
            type=ExternalReferenceType.VCS, url=XsUri(address), comment=f"commit {commit}"
        )
    ]
