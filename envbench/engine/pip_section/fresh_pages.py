"""How long uv believes a page of a package index that it has fetched.

The public index says ten minutes; many mirrors say nothing, and uv then fetches every page anew
with every call. For the many calls of a search the ten minutes hold for all indexes.

Source: `cache-control` of `[[index]]` in uv's settings.
"""

import json
from dataclasses import replace
from pathlib import Path

from envbench.engine.pip_section.uv_environment import UvReach

_AGE = "max-age=600"
_PUBLIC_INDEX = "https://pypi.org/simple"
_VARIABLES = ("UV_INDEX", "UV_DEFAULT_INDEX", "UV_NO_CONFIG")


def believe_pages(reach: UvReach, directory: Path) -> UvReach:
    """Hand the indexes over in a settings file of their own, which says how long pages are true.

    Args:
        reach: How uv reaches its indexes; the credentials stay where they are.
        directory: Private, for the file.
    """
    if "--no-index" in reach.options:
        return reach
    extra = [pair.partition("=") for pair in reach.variables.get("UV_INDEX", "").split()]
    name, _, url = reach.variables.get("UV_DEFAULT_INDEX", f"envbench0={_PUBLIC_INDEX}").partition(
        "="
    )
    tables = [_write_index(each, address) for each, _, address in extra]
    tables.append(f"{_write_index(name, url)}default = true\n")
    settings = directory / "uv.toml"
    settings.touch(mode=0o600)
    settings.write_text("\n".join(tables), encoding="utf-8")
    kept = {key: value for key, value in reach.variables.items() if key not in _VARIABLES}
    # A settings file that is named takes the place of all that uv would look for.
    return replace(reach, variables=kept | {"UV_CONFIG_FILE": str(settings)})


def _write_index(name: str, url: str) -> str:
    return (
        f"[[index]]\nname = {json.dumps(name)}\nurl = {json.dumps(url)}\n"
        f'cache-control = {{ api = "{_AGE}", files = "{_AGE}" }}\n'
    )
