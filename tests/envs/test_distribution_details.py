"""What is read of distributions beyond name and version, and of those that mean harm."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envbench.envs.distributions import read_pip_part
from envbench.envs.prefix_records import read_prefix_records
from envbench.formats.core_metadata import bare_requirement, parse_core_metadata
from envbench.model.lock import PipPackage
from tests.envs.conftest import SITE, PrefixMaker

SECRET = "planted-Pa55word-3d5f"


def read_one(maker: PrefixMaker) -> PipPackage:
    (package,) = read_pip_part(read_prefix_records(maker.prefix)).packages
    return package


def install(maker: PrefixMaker, *headers: str, direct: object = None, **extra: bytes) -> PipPackage:
    files = {f"{{info}}/{name}": data for name, data in extra.items()}
    info = maker.pip("tool", "1.0", extra=files)
    text = "Metadata-Version: 2.4\nName: Tool\nVersion: 1.0\n" + "".join(f"{h}\n" for h in headers)
    (info / "METADATA").write_text(f"{text}\nName: not-this\nRequires-Dist: nor-this\n")
    if direct is not None:
        (info / "direct_url.json").write_text(json.dumps(direct))
    return read_one(maker)


def test_requirements_python_and_licence_are_read(maker):
    tool = install(
        maker, "Requires-Python: >=3.9", "Requires-Dist: numpy>=1.26; python_version >= '3.9'",
        "Requires-Dist: rich[jupyter] (>=13)", "License-Expression: MIT OR Apache-2.0",
        "License: something else",
    )  # fmt: skip
    assert tool.requires_python == ">=3.9"
    assert tool.requires_dist == (
        "numpy>=1.26; python_version >= '3.9'",
        "rich[jupyter] (>=13)",
    )
    assert tool.license == "MIT OR Apache-2.0"


def test_of_a_licence_text_the_first_line_is_kept_and_classifiers_stand_in(maker):
    assert install(maker, "License: BSD 3-Clause", "        Redistribution and use").license == (
        "BSD 3-Clause"
    )
    tool = install(
        maker, "License: UNKNOWN", "Classifier: License :: OSI Approved :: MIT License",
        "Classifier: Programming Language :: Python",
    )  # fmt: skip
    assert tool.license == "MIT License"
    assert install(maker).license is None
    assert install(maker).requires_dist == ()


def test_no_secret_of_a_requirement_or_a_reference_survives(maker):
    address = f"https://user:{SECRET}@host.example/t/{SECRET}/tool.whl?token={SECRET}"
    tool = install(
        maker, f"Requires-Dist: other @ {address} ; python_version > '3'",
        direct={"url": address, "archive_info": {"hashes": {"sha256": "a" * 64}}},
    )  # fmt: skip
    assert SECRET not in repr(tool)
    assert tool.sha256 == "a" * 64
    assert tool.requires_dist is not None
    assert tool.requires_dist[0].startswith("other @ https://host.example/")
    assert "python_version > '3'" in tool.requires_dist[0]


@pytest.mark.parametrize(
    ("direct", "reference", "editable"),
    [
        (
            {"url": "https://h.example/a.git", "vcs_info": {"vcs": "git", "commit_id": "f" * 40}},
            f"git+https://h.example/a.git@{'f' * 40}",
            False,
        ),
        (
            {
                "url": f"https://u:{SECRET}@h.example/a.git",
                "vcs_info": {"vcs": "git", "commit_id": "f" * 40, "requested_revision": "main"},
                "subdirectory": "python",
            },
            f"git+https://h.example/a.git@{'f' * 40}#subdirectory=python",
            False,
        ),
        (
            {"url": "file:///home/me/a", "dir_info": {"editable": True}},
            "file:///home/me/a",
            True,
        ),
        ({"url": "file:///home/me/a", "dir_info": {}}, "file:///home/me/a", False),
        (
            {"url": "https://h.example/x", "vcs_info": {"vcs": "git", "commit_id": "a b\n@evil"}},
            "git+https://h.example/x",
            False,
        ),
    ],
)
def test_direct_references(maker, direct, reference, editable):
    tool = install(maker, direct=direct)
    assert (tool.direct_url, tool.editable) == (reference, editable)


def test_an_editable_installation_without_a_reference_is_known_by_its_files(maker):
    pth = b"/home/me/project/src\n"
    files = {f"{SITE}/__editable__.tool-1.0.pth": pth}
    maker.pip("tool", "1.0", extra=files)
    tool = read_one(maker)
    assert (tool.editable, tool.direct_url) == (True, "file:///home/me/project/src")


def test_an_import_finder_tells_that_it_is_editable(maker):
    maker.pip("tool", "1.0", extra={f"{SITE}/__editable___tool_1_0_finder.py": b"MAPPING = {}\n"})
    tool = read_one(maker)
    assert (tool.editable, tool.direct_url) == (True, None)


def test_a_path_file_of_a_plain_distribution_makes_it_not_editable(maker):
    maker.pip("tool", "1.0", extra={f"{SITE}/tool-hook.pth": b"import tool.hook\n"})
    assert not read_one(maker).editable


def test_links_and_eggs_of_old_are_read(maker, tmp_path):
    project = tmp_path / "my project"
    (project / "old_tool.egg-info").mkdir(parents=True)
    (project / "old_tool.egg-info" / "PKG-INFO").write_text("Name: old-tool\nVersion: 0.3\n")
    maker.write(f"{SITE}/old-tool.egg-link", f"{project}\n.\n".encode())
    maker.write(f"{SITE}/plain-2.0.egg-info", b"Name: plain\nVersion: 2.0\n")
    info = f"{SITE}/other-3.0-py3.11.egg-info"
    maker.write(f"{info}/PKG-INFO", b"Name: other\nVersion: 3.0\n")
    maker.write(f"{info}/installed-files.txt", b"../other.py\nPKG-INFO\n../../../../../../x\n")
    maker.conda("setup", files={f"{SITE}/theirs-1.0.egg-info": b"Name: theirs\nVersion: 1\n"})
    part = read_pip_part(read_prefix_records(maker.prefix))
    assert [(p.name, p.version, p.editable) for p in part.packages] == [
        ("old-tool", "0.3", True),
        ("other", "3.0", False),
        ("plain", "2.0", False),
    ]
    assert part.packages[0].direct_url == project.as_uri()
    other = part.distributions[1]
    assert [p.path for p in other.paths] == [f"{SITE}/other.py", f"{info}/PKG-INFO"]
    assert other.outside == ("../../../../../../x",)


def test_a_link_to_a_project_that_is_gone_is_damage_and_no_package(maker):
    maker.write(f"{SITE}/gone.egg-link", b"/nowhere/at/all\n.\n")
    part = read_pip_part(read_prefix_records(maker.prefix))
    assert part.packages == ()
    assert "PKG-INFO in /nowhere/at/all" in part.damaged[0][1]


def test_a_distribution_that_is_there_twice_is_damage(maker):
    maker.pip("tool", "1.0")
    maker.pip("tool", "2.0")
    part = read_pip_part(read_prefix_records(maker.prefix))
    assert [p.version for p in part.packages] == ["1.0"]
    ((info, why),) = part.damaged
    assert info.endswith("tool-2.0.dist-info")
    assert "installed twice" in why and "tool-1.0.dist-info" in why


def test_a_pipe_in_place_of_metadata_blocks_nobody(maker):
    info = maker.pip("tool", "1.0")
    for name in ("METADATA", "direct_url.json", "RECORD"):
        (info / name).unlink(missing_ok=True)
        os.mkfifo(info / name)
    part = read_pip_part(read_prefix_records(maker.prefix))
    assert part.packages == ()
    assert len(part.damaged) == 1


def test_ten_megabytes_of_metadata_and_record_are_read(maker):
    info = maker.pip("tool", "1.0")
    (info / "METADATA").write_text(
        "Name: tool\nVersion: 1.0\n" + "Requires-Dist: a\n" * 60_000 + "\n" + "body\n" * 2_000_000
    )
    (info / "RECORD").write_text(
        "".join(f"tool/{'f' * 240}{n}.py,sha256=x,1\n" for n in range(40_000))
    )
    part = read_pip_part(read_prefix_records(maker.prefix))
    assert part.packages[0].requires_dist is not None
    assert len(part.packages[0].requires_dist) == 2000
    assert len(part.distributions[0].paths) == 40_000


def test_hostile_lines_of_a_record_stay_outside_and_clean(maker):
    info = maker.pip("tool", "1.0")
    lines = [
        "/etc/passwd,,", "../../../../etc/passwd,,", "a/../../../../../../x,,", "\x1b[2Jx\x07,,",
        f"{maker.prefix}/bin/tool,,", f"{maker.prefix}/../x,,", "a//b.py,,", "./c.py,,", ",,",
        "z.py,sha256=AAAA,99999999999999999999999", "y.py,sha256=\u0661,\u0661\u0661",
    ]  # fmt: skip
    (info / "RECORD").write_text("\n".join(lines))
    (distribution,) = read_pip_part(read_prefix_records(maker.prefix)).distributions
    paths = [p.path for p in distribution.paths]
    assert {"bin/tool", f"{SITE}/a/b.py", f"{SITE}/c.py", f"{SITE}/z.py"} <= set(paths)
    assert not any(path.startswith("/") or ".." in path for path in paths)
    assert all(p.size_bytes is None for p in distribution.paths)
    assert "\x1b" not in "".join(distribution.outside)
    assert "/etc/passwd" in distribution.outside


@given(st.binary(max_size=600))
def test_no_bytes_break_the_reading_of_metadata(data: bytes):
    found = parse_core_metadata(data)
    if found is not None:
        text = repr(found)
        assert found.name and found.version
        assert not any(ord(c) < 32 for c in found.name + found.version + (found.license or ""))
        assert text


@given(
    st.text(
        st.characters(codec="ascii", exclude_characters="@;/?#: %\\", min_codepoint=33), min_size=4
    ),
    st.sampled_from(["", " ; python_version > '3'"]),
)
def test_no_password_of_a_requirement_survives(password: str, marker: str):
    planted = f"q{password}q"
    said = bare_requirement(f"name @ https://user:{planted}@host.example/x.whl{marker}")
    assert planted not in said
    assert said.startswith("name @ https://")


def test_paths_of_a_prefix_with_another_python(maker):
    site = "lib/python3.13t/site-packages"
    info = f"{site}/tool-1.0.dist-info"
    maker.write(f"{info}/METADATA", b"Name: tool\nVersion: 1.0\n")
    maker.write(f"{info}/RECORD", b"tool.py,,\n../../../bin/tool,,\n")
    (Path(maker.prefix) / "lib" / "python3").symlink_to("python3.13t")
    (distribution,) = read_pip_part(read_prefix_records(maker.prefix)).distributions
    assert [p.path for p in distribution.paths] == [f"{site}/tool.py", "bin/tool"]
