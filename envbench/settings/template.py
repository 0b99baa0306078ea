"""A settings file with every key in it, each with its meaning and default, commented out."""

import json

from envbench.settings.keys import KEYS, SettingKey


def write_template() -> str:
    """Write the text of a `config.toml` to start from; it changes nothing as it is."""
    lines = ["# Settings of envbench. A line takes effect when its leading # is taken away.", ""]
    table = ""
    for key in KEYS:
        head, _, name = key.name.rpartition(".")
        if head != table:
            table = head
            lines += [f"[{table}]", ""]
        lines += [
            f"# {key.meaning} ({key.kind}; or {key.variable})",
            f"# {name} = {_show(key)}",
            "",
        ]
    return "\n".join(lines)


def _show(key: SettingKey) -> str:
    # Text, numbers, true/false and lists of text are written alike in JSON and TOML.
    return json.dumps(list(key.default) if isinstance(key.default, tuple) else key.default)
