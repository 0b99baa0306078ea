"""What the environment of a new spec is called."""

import pytest

from envbench.model.names import broken_name_rule
from envbench.ui.flows.saving import name_environment


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/p/torch-2.5.yml", "torch-2.5"), ("/p/lab/environment.yml", "lab"),
        ("/p/my env.yaml", "my-env"), ("/p/base.yml", "base-env"), ("/environment.yml", "my-env"),
        ("/p/.yml", "yml"), (f"/p/{'x' * 200}.yml", "x" * 60), ("/p/+\u00fc.yml", "my-env"),
    ],
)  # fmt: skip
def test_it_is_named_after_the_file_or_else_the_folder(path: str, name: str) -> None:
    assert name_environment(path) == name
    assert broken_name_rule(name) is None
