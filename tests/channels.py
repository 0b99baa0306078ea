"""Tiny synthetic conda packages and channels, harmless and hostile, for the tests of every room.

    channel = tmp_path / "channel"
    make_package(channel, "zlib", "1.3", files={"lib/zlib.txt": "hello"})
    make_package(channel, "app", "2.0", depends=["zlib >=1"], noarch="python",
                 files={"site-packages/app.py": "def main(): print('app')"},
                 entry_points=["app = app:main"])
    index_channel(channel)             # writes repodata.json(.zst) of every platform folder

Hostile ones: `HOSTILE[kind](channel)` makes the package `hostile-<kind>` version 1.0; call
`index_channel` afterwards as usual.
"""

import hashlib
import json
import shutil
import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zstandard

from envbench.engine.local_channel.archive import ArchiveMember, write_conda_archive
from envbench.engine.local_channel.index import index_channel as _index_truthfully

PLACEHOLDER = "/placehold_" * 20 + "prefix"
"""A prefix that never exists, long enough for binary replacement."""

_OVERRIDES = ".index-overrides.json"


@dataclass(frozen=True)
class Link:
    """A soft link among the files of a package."""

    target: str


@dataclass(frozen=True)
class Executable:
    """A file with its permission bits."""

    content: str | bytes
    mode: int = 0o755


Content = str | bytes | Link | Executable


def make_package(
    channel: Path,
    name: str,
    version: str = "1.0",
    build: str = "0",
    *,
    build_number: int = 0,
    depends: Sequence[str] = (),
    constrains: Sequence[str] = (),
    files: Mapping[str, Content] | None = None,
    noarch: str | None = None,
    entry_points: Sequence[str] = (),
    subdir: str | None = None,
    timestamp_ms: int | None = None,
    paths_json_override: Callable[[list[dict[str, Any]]], list[dict[str, Any]]] | None = None,
    link_scripts: Mapping[str, str] | None = None,
    index_fields: Mapping[str, Any] | None = None,
    file_name: str | None = None,
) -> Path:
    """Write one `.conda` archive into the right platform folder of a channel.

    Args:
        channel: The channel folder; made when missing.
        files: Content by path below the prefix (`site-packages/...` for noarch python). Text that
            holds `PLACEHOLDER` is marked for prefix replacement, bytes that hold it as binary.
        noarch: `python`, `generic` or None (then `linux-64`).
        entry_points: `command = module:function`, for noarch python.
        paths_json_override: Gets the true entries of `paths.json`, returns the ones to write.
        link_scripts: Text by kind: `post-link`, `pre-unlink`, `pre-link`.
        index_fields: Further fields of, or lies in, `info/index.json`.
        file_name: Name of the archive where it shall differ from `name-version-build.conda`.
    """
    folder = channel / (subdir or ("noarch" if noarch else "linux-64"))
    folder.mkdir(parents=True, exist_ok=True)
    (channel / "noarch").mkdir(exist_ok=True)
    all_files = dict(files or {})
    for kind, text in (link_scripts or {}).items():
        all_files[f"bin/.{name}-{kind}.sh"] = Executable(text)
    payload = [_to_member(path, content) for path, content in sorted(all_files.items())]
    entries = [_describe(member) for member in payload]
    if paths_json_override:
        entries = paths_json_override(entries)
    index = {
        "name": name, "version": version, "build": build, "build_number": build_number,
        "depends": list(depends), "constrains": list(constrains), "subdir": folder.name,
        "arch": None if noarch else "x86_64", "platform": None if noarch else "linux",
        "license": "MIT",
    }  # fmt: skip
    if noarch:
        index["noarch"] = noarch
    if timestamp_ms is not None:
        index["timestamp"] = timestamp_ms
    index.update(index_fields or {})
    info: dict[str, Any] = {
        "index.json": index,
        "paths.json": {"paths": entries, "paths_version": 1},
        "about.json": {"summary": "made by a test"},
        "files": "".join(sorted(f"{entry['_path']}\n" for entry in entries)),
    }
    if noarch == "python":
        info["link.json"] = {
            "noarch": {"type": "python", "entry_points": list(entry_points)},
            "package_metadata_version": 1,
        }
    archive = folder / (file_name or f"{name}-{version}-{build}.conda")
    write_conda_archive(archive, archive.name.removesuffix(".conda"), _to_info(info), payload)
    return archive


def make_python(channel: Path, version: str = "3.11.7", **options: Any) -> Path:
    """A hollow `python` package: enough to solve and link noarch packages, not to run them."""
    short = ".".join(version.split(".")[:2])
    script = "#!/bin/sh\necho hollow python\n"
    files = {
        f"bin/python{short}": Executable(script),
        "bin/python": Link(f"python{short}"),
        "bin/python3": Link(f"python{short}"),
        f"lib/python{short}/os.py": "# hollow\n",
        f"lib/python{short}/site-packages/README.txt": "packages\n",
    }
    fields = {"python_site_packages_path": f"lib/python{short}/site-packages"}
    return make_package(
        channel, "python", version, options.pop("build", "0_cpython"),
        files=files, index_fields=fields, **options,
    )  # fmt: skip


def index_channel(channel: Path) -> tuple[Path, ...]:
    """Write the index, with the lies that hostile builders asked for; returns the paths."""
    spared = list(channel.glob("*/.whole-*"))
    for whole in spared:
        shutil.copyfile(whole, whole.with_name(whole.name.removeprefix(".whole-")))
    paths = _index_truthfully(channel)
    for whole in spared:
        archive = whole.with_name(whole.name.removeprefix(".whole-"))
        archive.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    lies = channel / _OVERRIDES
    for file_name, fields in (json.loads(lies.read_text()) if lies.exists() else {}).items():
        for path in paths:
            document = json.loads(path.read_bytes())
            if file_name in document["packages.conda"]:
                document["packages.conda"][file_name].update(fields)
                text = json.dumps(document).encode()
                path.write_bytes(text)
                path.with_suffix(".json.zst").write_bytes(zstandard.compress(text))
    return paths


def lie_in_index(channel: Path, archive: Path, **fields: Any) -> None:
    """Let the next `index_channel` say these fields of an archive, whatever is true."""
    path = channel / _OVERRIDES
    lies = json.loads(path.read_text()) if path.exists() else {}
    lies.setdefault(archive.name, {}).update(fields)
    path.write_text(json.dumps(lies))


def _to_member(path: str, content: Content) -> ArchiveMember:
    if isinstance(content, Link):
        return ArchiveMember(path, link_target=content.target, mode=0o777)
    mode = content.mode if isinstance(content, Executable) else 0o644
    raw = content.content if isinstance(content, Executable) else content
    return ArchiveMember(path, raw.encode() if isinstance(raw, str) else raw, mode)


def _to_info(files: Mapping[str, Any]) -> list[ArchiveMember]:
    return [
        ArchiveMember(f"info/{name}", (body if name == "files" else json.dumps(body)).encode())
        for name, body in files.items()
    ]


def _describe(member: ArchiveMember) -> dict[str, Any]:
    if member.link_target is not None:
        return {"_path": member.path, "path_type": "softlink"}
    content = member.source
    assert isinstance(content, bytes)
    entry: dict[str, Any] = {
        "_path": member.path,
        "path_type": "hardlink",
        "sha256": hashlib.sha256(content).hexdigest(),
        "size_in_bytes": len(content),
    }
    if PLACEHOLDER.encode() in content:
        entry["prefix_placeholder"] = PLACEHOLDER
        entry["file_mode"] = "binary" if b"\0" in content else "text"
    return entry


def _hostile(kind: str, **options: Any) -> Callable[[Path], Path]:
    def build(channel: Path) -> Path:
        return make_package(channel, f"hostile-{kind}", **options)

    return build


def _with_path(path: str) -> Callable[[list[dict[str, Any]]], list[dict[str, Any]]]:
    """Let the first entry claim another path than the archive has."""

    def override(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{**entries[0], "_path": path}, *entries[1:]]

    return override


def _wrong_sha256(channel: Path) -> Path:
    archive = make_package(channel, "hostile-wrong-sha256", files={"share/a": "a"})
    lie_in_index(channel, archive, sha256="0" * 64)
    return archive


def _truncated(channel: Path) -> Path:
    """The index tells the truth about an archive that `index_channel` cuts off afterwards."""
    archive = make_package(channel, "hostile-truncated", files={"share/a": "a" * 5000})
    shutil.copyfile(archive, archive.with_name(f".whole-{archive.name}"))
    return archive


_FILE = {"share/hostile.txt": "hostile\n"}
_SETUID = {"bin/rootme": Executable("#!/bin/sh\nid\n", mode=stat.S_ISUID | 0o755)}
_SETGID = {"bin/groupme": Executable("#!/bin/sh\nid\n", mode=stat.S_ISGID | 0o755)}
_SCRIPT = {"post-link": '#!/bin/sh\ntouch "$PREFIX/post-link-ran"\n'}

HOSTILE: dict[str, Callable[[Path], Path]] = {
    "dotdot-path": _hostile(
        "dotdot-path", files=_FILE, paths_json_override=_with_path("../outside.txt")
    ),
    "dotdot-inside": _hostile(
        "dotdot-inside", files=_FILE, paths_json_override=_with_path("share/../../outside.txt")
    ),
    "absolute-path": _hostile(
        "absolute-path", files=_FILE, paths_json_override=_with_path("/tmp/envbench-hostile")
    ),
    "nul-path": _hostile("nul-path", files=_FILE, paths_json_override=_with_path("share/a\0b")),
    "dotdot-member": _hostile("dotdot-member", files={"../outside.txt": "hostile\n"}),
    "absolute-member": _hostile("absolute-member", files={"/tmp/envbench-hostile": "x"}),
    "absolute-symlink": _hostile("absolute-symlink", files={"share/link": Link("/etc/passwd")}),
    "dotdot-symlink": _hostile("dotdot-symlink", files={"share/link": Link("../../outside")}),
    "through-symlink": _hostile(
        "through-symlink", files={"share/out": Link("/tmp"), "share/out/planted": "hostile\n"}
    ),
    "setuid": _hostile("setuid", files=_SETUID),
    "setgid": _hostile("setgid", files=_SETGID),
    "wrong-sha256": _wrong_sha256,
    "truncated": _truncated,
    "dotdot-build": _hostile(
        "dotdot-build", files=_FILE, build="../../x_0", file_name="hostile-dotdot-build-1.0-0.conda"
    ),
    "dotdot-version": _hostile(
        "dotdot-version", version="../1.0", files=_FILE,
        file_name="hostile-dotdot-version-1.0-0.conda",
    ),
    "entry-point-slash": _hostile(
        "entry-point-slash", noarch="python", depends=["python"],
        files={"site-packages/hostile.py": "def main(): pass\n"},
        entry_points=["../../outside = hostile:main"],
    ),
    "entry-point-code": _hostile(
        "entry-point-code", noarch="python", depends=["python"],
        files={"site-packages/hostile.py": "def main(): pass\n"},
        entry_points=["run = os:system('id')#"],
    ),
    "post-link": _hostile("post-link", files=_FILE, link_scripts=_SCRIPT),
    "pre-unlink": _hostile(
        "pre-unlink", files=_FILE, link_scripts={"pre-unlink": _SCRIPT["post-link"]}
    ),
    "escape-in-build": _hostile(
        "escape-in-build", files=_FILE, build="\x1b]52;c;aGk=\x07_0",
        file_name="hostile-escape-in-build-1.0-0.conda",
    ),
    "escape-in-license": _hostile(
        "escape-in-license", files=_FILE, index_fields={"license": "\x1b[2J[@click=app.quit]MIT[/]"}
    ),
    "other-name": _hostile("other-name", files=_FILE, index_fields={"name": "zlib"}),
}  # fmt: skip
"""Builders of hostile packages by kind; each takes the channel folder and returns the archive."""
