"""History, state and the list of environments, as other conda clients read them."""

import ast
import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from envbench.envs.history import read_requested_specs, write_history
from envbench.envs.installed import read_environment
from envbench.envs.registration import (
    read_registered,
    register_environment,
    registry_path,
    unregister_environment,
)
from envbench.envs.variables import read_variables, write_state_variables
from envbench.model.errors import PreventedError, UsageError


def test_history_is_what_condas_own_parser_expects(maker):
    maker.conda("zlib", "1.3", "h1")
    maker.conda("python", "3.11.7", "h2", channel_url="https://conda.anaconda.org/nvidia")
    packages = read_environment(maker.prefix).packages
    write_history(
        maker.prefix,
        specs=["python=3.11", "numpy >=1.20,<2", "pytorch[build='cuda*']"],
        packages=packages,
        command="envbench build a.yml\n==> fake <==",
    )
    lines = (maker.prefix / "conda-meta" / "history").read_text().splitlines()
    # conda: re.compile(r"==>\s*(.+?)\s*<=="), then strptime of the date.
    heads = [m for m in (re.match(r"==>\s*(.+?)\s*<==", line) for line in lines) if m]
    assert len(heads) == 1
    datetime.strptime(heads[0][1], "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007
    content = [line for line in lines[1:] if not line.startswith("#")]
    assert content == ["+conda-forge/linux-64::zlib-1.3-h1", "+nvidia/linux-64::python-3.11.7-h2"]
    (specs,) = [m for m in (re.match(r"#\s*(\w+)\s*specs:\s*(.+)?", line) for line in lines) if m]
    assert specs[1] == "update"
    assert ast.literal_eval(specs[2]) == [
        "python=3.11",
        "numpy >=1.20,<2",
        "pytorch[build='cuda*']",
    ]
    assert not any("conda version" in line for line in lines)
    assert read_requested_specs(maker.prefix)[:2] == ("python=3.11", "numpy >=1.20,<2")


def test_condas_own_history_is_read(maker):
    (maker.prefix / "conda-meta" / "history").write_text(
        "==> 2024-01-01 00:00:00 <==\n# cmd: conda create -n x a b\n+defaults/noarch::a-1-0\n"
        "# update specs: ['a', 'b=2']\n==> 2024-01-02 00:00:00 <==\n# update specs: [\"a=3\"]\n"
        "# remove specs: ['b']\n# neutered specs: ['c']\n"
    )
    assert read_requested_specs(maker.prefix) == ("a=3",)


def test_without_history_nothing_is_known(tmp_path):
    assert read_requested_specs(tmp_path) == ()


def test_variables_are_written_and_read(maker):
    maker.write("etc/conda/env_vars.d/a.json", b'{"A": "pkg", "B": "pkg", "bad-name": "x"}')
    maker.write("etc/conda/env_vars.d/b.json", b"{")
    write_state_variables(maker.prefix, [("A", "$HOME `x` \"'\n"), ("C", "1")])
    assert json.loads((maker.prefix / "conda-meta" / "state").read_text()) == {
        "env_vars": {"A": "$HOME `x` \"'\n", "C": "1"}
    }
    assert read_variables(maker.prefix) == {"A": "$HOME `x` \"'\n", "B": "pkg", "C": "1"}
    assert read_environment(maker.prefix).variables == (("A", "$HOME `x` \"'\n"), ("C", "1"))


@pytest.mark.parametrize("name", ["a-b", "1a", "", "a b", "a=b", "a;rm", "é"])
def test_hostile_row_18_names_that_no_shell_takes_are_refused(maker, name):
    with pytest.raises(UsageError):
        write_state_variables(maker.prefix, [(name, "x")])


def test_no_variables_leave_no_file(maker):
    write_state_variables(maker.prefix, [])
    assert not (maker.prefix / "conda-meta" / "state").exists()


def test_registration_adds_once_and_removes(tmp_path):
    environ = {"HOME": str(tmp_path)}
    assert read_registered(environ) == ()
    registry_path(environ).parent.mkdir()
    registry_path(environ).write_text("/opt/other\n\n")
    for _ in range(2):
        register_environment(tmp_path / "envs" / "a", environ)
    assert registry_path(environ).read_text() == f"/opt/other\n{tmp_path}/envs/a\n"
    unregister_environment(tmp_path / "envs" / "a", environ)
    unregister_environment(tmp_path / "envs" / "b", environ)
    assert [str(p) for p in read_registered(environ)] == ["/opt/other"]


def test_the_stable_path_is_registered_not_the_generation(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "a").symlink_to("real")
    register_environment(tmp_path / "a", {"HOME": str(tmp_path)})
    assert read_registered({"HOME": str(tmp_path)}) == (tmp_path / "a",)


def test_a_list_that_cannot_be_read_is_not_replaced(tmp_path):
    environ = {"HOME": str(tmp_path)}
    registry_path(environ).mkdir(parents=True)
    with pytest.raises(PreventedError):
        register_environment(tmp_path / "a", environ)
    assert read_registered(environ) == ()


def test_a_home_that_cannot_be_looked_into_is_told(tmp_path):
    environ = {"HOME": str(tmp_path / ("x" * 300))}
    assert read_registered(environ) == ()
    with pytest.raises(PreventedError):
        register_environment(tmp_path / "a", environ)


def test_nothing_to_take_off_makes_nothing(tmp_path):
    unregister_environment(tmp_path / "a", {"HOME": str(tmp_path)})
    assert list(tmp_path.iterdir()) == []


def test_environments_that_are_built_at_once_are_all_registered(tmp_path):
    environ = {"HOME": str(tmp_path)}
    prefixes = [tmp_path / f"env{number}" for number in range(40)]
    with ThreadPoolExecutor(max_workers=8) as pool:
        for done in [pool.submit(register_environment, prefix, environ) for prefix in prefixes]:
            done.result()
    assert sorted(read_registered(environ)) == sorted(prefixes)
