"""Making the standard library of a Debian or Ubuntu Python behave as everybody else's.

Their interpreter installs into `dist-packages` and knows two more install schemes. The changed
functions keep their names upstream, so a package overrides them at the end of each module
instead of reverting patches that differ from release to release.
"""

import re

DROPPED_FILES = frozenset({
    "EXTERNALLY-MANAGED", "_distutils_system_mod.py", "sitecustomize.py", "usercustomize.py",
})  # fmt: skip
"""Files that the distribution added to the folder of the standard library."""

_SITE_ANCHOR = re.compile(r"^if not sys\.flags\.no_site:", re.MULTILINE)
_SYSCONFIG_ANCHOR = re.compile(r"^def get_preferred_scheme\(", re.MULTILINE)
_MAIN_ANCHOR = re.compile(r"""^if __name__ == ['"]__main__['"]:""", re.MULTILINE)
_FROZEN_DIST_PACKAGES = b"dist-packages"
_FROZEN_LOCAL_LIB = re.compile(rb"(?<=[\0\x09])local/lib(?![\w/.-]{2})")
_NOTE = "# Added on packaging: the distribution's layout does not apply inside an environment.\n"

_SITE = f'''{_NOTE}
def getsitepackages(prefixes=None):
    """List the folders of installed packages of each prefix."""
    version = "python%d.%d" % sys.version_info[:2]
    unique = dict.fromkeys(prefix for prefix in (prefixes or PREFIXES) if prefix)
    return [os.path.join(prefix, "lib", version, "site-packages") for prefix in unique]


'''
_SYSCONFIG = f"""{_NOTE}
for _scheme in ("deb_system", "posix_local"):
    _INSTALL_SCHEMES.pop(_scheme, None)


def _get_preferred_schemes():
    return {{"prefix": "posix_prefix", "home": "posix_home", "user": "posix_user"}}


"""
_ENSUREPIP = f"""{_NOTE}
def _ensurepip_is_disabled_in_debian_for_system():
    pass


"""
_DISTUTILS_INSTALL = f"""{_NOTE}
for _scheme in ("deb_system", "posix_local", "unix_local"):
    INSTALL_SCHEMES.pop(_scheme, None)


def _select_upstream_scheme(self, name, _select=install.select_scheme):
    upstream = {{"deb_system": "posix_prefix", "posix_local": "posix_prefix",
                "unix_local": "unix_prefix"}}
    _select(self, upstream.get(name, name))


install.select_scheme = _select_upstream_scheme
"""
_DISTUTILS_SYSCONFIG = f'''{_NOTE}
_distribution_python_lib = get_python_lib


def get_python_lib(plat_specific=0, standard_lib=0, prefix=None):
    """Return the folder of the standard library or of installed packages."""
    if standard_lib:
        return _distribution_python_lib(plat_specific, standard_lib, prefix)
    base = prefix or (PREFIX if not plat_specific else EXEC_PREFIX)
    return os.path.join(base, "lib", "python" + get_python_version(), "site-packages")
'''


def is_patched(site_text: str) -> bool:
    """Whether this is the `site.py` of Debian, Ubuntu or a relative of theirs.

    One that was packaged from there before is none any more.
    """
    return "dist-packages" in site_text and _NOTE not in site_text


def undo_patches(path: str, text: str) -> str:
    """Override what the distribution changed in one module.

    Args:
        path: Path below the folder of the standard library, `site.py`.
        text: Text of the module.

    Returns:
        The text to package; the same text for a module that needs nothing.

    Raises:
        ValueError: The distribution changed the module in a way that is not known here.
    """
    if path == "site.py":
        return _insert(text, _SITE_ANCHOR, _SITE, path)
    if path in {"sysconfig.py", "sysconfig/__init__.py"}:
        # Defaults of arguments are taken from it further down, so it must come before them.
        return _insert(text, _SYSCONFIG_ANCHOR, _SYSCONFIG, path)
    if path == "ensurepip/__init__.py":
        return _insert(text, _MAIN_ANCHOR, _ENSUREPIP)
    if path == "distutils/command/install.py":
        return _insert(text, _MAIN_ANCHOR, _DISTUTILS_INSTALL)
    if path == "distutils/sysconfig.py":
        return _insert(text, _MAIN_ANCHOR, _DISTUTILS_SYSCONFIG)
    return text


def undo_frozen_site(content: bytes) -> bytes:
    """Correct the copy of `site` that newer interpreters hold frozen in their executable.

    The two folder names have equal lengths, and a frozen string has no checksum. The first of
    the folders, `local/lib`, becomes another way to write `lib`.
    """
    if _FROZEN_DIST_PACKAGES not in content:
        return content
    if len(_FROZEN_LOCAL_LIB.findall(content)) == 1:
        content = _FROZEN_LOCAL_LIB.sub(b"./././lib", content)
    return content.replace(_FROZEN_DIST_PACKAGES, b"site-packages")


def _insert(text: str, anchor: re.Pattern[str], addition: str, required_in: str = "") -> str:
    """Put the overriding code before the line that starts the module's work, else at the end."""
    found = anchor.search(text)
    if required_in and not found:
        raise ValueError(f"its {required_in} is laid out in an unknown way")
    at = found.start() if found else len(text)
    return text[:at] + ("" if found else "\n\n") + addition + text[at:]
