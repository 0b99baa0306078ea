"""A host profile as the solver wants it: virtual packages, and the subdirs to look in."""

from typing import TYPE_CHECKING, cast

from envbench.model.cleaning import clean
from envbench.model.errors import UsageError
from envbench.model.host import HostProfile

if TYPE_CHECKING:
    from rattler import GenericVirtualPackage, Subdir
    from rattler.platform import SubdirLiteral


def build_virtual_packages(host: HostProfile) -> list["GenericVirtualPackage"]:
    """Make the virtual packages of a box; nothing is detected here.

    Raises:
        UsageError: The profile holds a version that is none.
    """
    from rattler import BuildString, GenericVirtualPackage, PackageName, Version
    from rattler.exceptions import InvalidVersionError

    made = []
    for name, version, build in host.virtual_packages():
        try:
            parsed = Version(version)
        except InvalidVersionError:
            raise UsageError(
                f"{version!r} is no version for {name}",
                where="host profile",
                hint="Correct the host file, or the CONDA_OVERRIDE_ variable.",
            ) from None
        made.append(
            GenericVirtualPackage(PackageName(name), parsed, BuildString.new_unchecked(build))
        )
    return made


def list_subdirs(platform: str) -> list["Subdir"]:
    """List the subdirs that packages for a platform may come from.

    Raises:
        UsageError: No such platform.
    """
    from rattler import Subdir
    from rattler.exceptions import ParseSubdirError

    try:
        # The library's own list of platforms decides, whatever it is typed as.
        return [Subdir(cast("SubdirLiteral", platform)), Subdir("noarch")]
    except ParseSubdirError:
        raise UsageError(
            f"{clean(platform, limit=80)!r} is no platform", hint="Say linux-64, ..."
        ) from None
