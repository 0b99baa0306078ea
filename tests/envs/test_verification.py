"""Files of a prefix against their records; distributions against their RECORD."""

import json
import os

import pytest

from envbench.envs.distributions import map_owned, read_pip_part
from envbench.envs.prefix_records import read_prefix_records
from envbench.envs.verification import verify_prefix

SITE = "lib/python3.11/site-packages"


@pytest.fixture
def filled(maker):
    maker.conda("zlib", files={"lib/libz.so.1": b"z" * 5000}, links={"lib/libz.so": "libz.so.1"})
    maker.conda("numpy", files=maker.distribution_files("numpy", "1.26.4"))
    maker.pip("rich", "13.0", extra={"bin/rich": b"#!/x\n", f"{SITE}/rich/__pycache__/a.pyc": b""})
    return maker


def test_an_untouched_prefix_is_fine(filled):
    seen = []
    report = verify_prefix(filled.prefix, extra=True, on_progress=lambda *at: seen.append(at))
    assert report.is_fine
    assert (report.conda_packages, report.pip_packages) == (2, 1)
    assert report.checked_files == 12
    assert report.extra == ()
    assert seen[-1] == (12, 12)


@pytest.mark.parametrize(
    ("path", "package", "data", "why"),
    [
        ("lib/libz.so.1", "zlib", b"y" * 5000, "content differs"),
        ("lib/libz.so.1", "zlib", b"y", "size differs: 1 bytes, recorded were 5000"),
        ("bin/rich", "rich", b"#!/y\n", "content differs"),
        (f"{SITE}/numpy/__init__.py", "numpy", b"", "size differs"),
    ],
)
def test_a_changed_file_is_found(filled, path, package, data, why):
    (filled.prefix / path).write_bytes(data)
    report = verify_prefix(filled.prefix)
    assert not report.is_fine
    assert [(f.path, f.package) for f in report.changed] == [(path, package)]
    assert why in report.changed[0].why
    assert report.missing == ()


def test_a_missing_file_is_found(filled):
    (filled.prefix / "lib/libz.so.1").unlink()
    (filled.prefix / "bin/rich").unlink()
    report = verify_prefix(filled.prefix)
    assert {(f.path, f.package) for f in report.missing} == {
        ("lib/libz.so.1", "zlib"),
        ("bin/rich", "rich"),
    }


def test_byte_code_that_python_wrote_anew_is_no_fault(filled):
    byte_code = filled.prefix / SITE / "rich/__pycache__/a.pyc"
    byte_code.write_bytes(b"new")
    report = verify_prefix(filled.prefix)
    assert report.is_fine
    assert [f.path for f in report.byte_code] == [f"{SITE}/rich/__pycache__/a.pyc"]
    byte_code.unlink()
    assert verify_prefix(filled.prefix).is_fine


def test_links_are_compared_as_links(filled, tmp_path):
    filled.write("lib/other.so", b"other")
    filled.conda("other", files={"lib/other.so": b"other"})
    link = filled.prefix / "lib/libz.so"
    outside = tmp_path / "outside"
    outside.write_bytes(b"z" * 5000)
    for target, why in (
        ("other.so", "points to another file: lib/other.so"),
        (str(outside), "leads out of the prefix"),
        ("../../outside", "leads out of the prefix"),
    ):
        link.unlink()
        link.symlink_to(target)
        (finding,) = verify_prefix(filled.prefix).changed
        assert why in finding.why
    link.unlink()
    link.write_bytes(b"z" * 5000)
    (finding,) = verify_prefix(filled.prefix).changed
    assert finding.why == "it was a link and is none any more"
    (filled.prefix / "lib/libz.so.1").unlink()
    (filled.prefix / "lib/libz.so.1").symlink_to(outside)
    assert {f.path for f in verify_prefix(filled.prefix).changed} == {
        "lib/libz.so",
        "lib/libz.so.1",
    }


def test_hostile_row_23_a_directory_that_became_a_link_out_is_found(filled, tmp_path):
    (filled.prefix / "lib/python3.11").rename(tmp_path / "python3.11")
    (filled.prefix / "lib/python3.11").symlink_to(tmp_path / "python3.11")
    whys = {f.why for f in verify_prefix(filled.prefix).changed}
    assert whys == {"a link in its path leads out of the prefix"}


def test_other_kinds_of_files_are_found_and_never_block(filled):
    (filled.prefix / "lib/libz.so.1").unlink()
    os.mkfifo(filled.prefix / "lib/libz.so.1")
    (finding,) = verify_prefix(filled.prefix).changed
    assert finding.why == "it is no regular file any more"


def test_shallow_looks_at_sizes_only(filled):
    (filled.prefix / "lib/libz.so.1").write_bytes(b"y" * 5000)
    assert verify_prefix(filled.prefix, shallow=True).is_fine
    (filled.prefix / "lib/libz.so.1").write_bytes(b"y")
    assert not verify_prefix(filled.prefix, shallow=True).is_fine


def test_extra_files_are_listed_when_asked(filled):
    filled.write("lib/mine.txt", b"")
    filled.write("lib/__pycache__/x.pyc", b"")
    filled.write(".envbench-generation.json", b"")
    assert verify_prefix(filled.prefix, extra=True).extra == ("lib/mine.txt",)


def test_hostile_row_23_damage_is_reported_not_raised(filled):
    (filled.prefix / "conda-meta" / "zlib-1.0-0.json").write_text("{")
    (filled.prefix / SITE / "rich-13.0.dist-info" / "METADATA").unlink()
    report = verify_prefix(filled.prefix)
    assert not report.is_fine
    assert len(report.damaged_records) == 2


def test_hostile_row_23_record_lines_that_leave_the_prefix_are_not_followed(filled):
    record = filled.prefix / SITE / "rich-13.0.dist-info" / "RECORD"
    lines = ["/etc/passwd,,", "../../../../../x,,", f"{filled.prefix}/bin/rich,,"]
    record.write_text(record.read_text() + "\n".join(lines) + "\n")
    report = verify_prefix(filled.prefix)
    assert {f.path for f in report.outside} == {"/etc/passwd", "../../../../../x"}
    assert report.missing == ()


def test_ownership_goes_by_files_not_by_names(filled):
    files = filled.distribution_files("torch", "2.1.0+cpu")
    filled.conda("pytorch", "2.1.0_cpu", files=files)
    owned = map_owned(read_prefix_records(filled.prefix))
    assert (owned["torch"].conda_package, owned["torch"].version) == ("pytorch", "2.1.0+cpu")
    assert set(owned) == {"numpy", "torch"}


def test_the_pip_part_is_what_conda_does_not_own(filled):
    hashed = {"url": "https://u:sesame42@h/x-1.whl", "archive_info": {"hash": f"sha256={'a' * 64}"}}
    git = {"url": "https://h/y.git", "vcs_info": {"vcs": "git", "commit_id": "c" * 40}}
    edit = {"url": "file:///src/z", "dir_info": {"editable": True}}
    for name, direct in (("x", hashed), ("Y_y", git), ("z", edit)):
        filled.pip(name, extra={"{info}/direct_url.json": json.dumps(direct).encode()})
    (filled.prefix / SITE / "~bad-1.dist-info").mkdir()
    part = read_pip_part(read_prefix_records(filled.prefix))
    found = {p.name: p for p in part.packages}
    assert list(found) == ["rich", "x", "y-y", "z"]
    assert (found["rich"].version, found["rich"].installer) == ("13.0", "uv")
    assert (found["x"].url, found["x"].sha256) == ("https://h/x-1.whl", "a" * 64)
    assert found["y-y"].direct_url == f"git+https://h/y.git@{'c' * 40}"
    assert found["z"].editable
    assert "sesame42" not in repr(part)


def test_what_conda_installed_is_never_called_a_pip_package(filled):
    (filled.prefix / "conda-meta" / "numpy-1.0-0.json").write_text("{")
    part = read_pip_part(read_prefix_records(filled.prefix))
    assert [p.name for p in part.packages] == ["rich"]
    assert part.damaged == (
        (f"{SITE}/numpy-1.26.4.dist-info", "conda installed it, but no conda record owns it"),
    )
