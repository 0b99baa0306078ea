"""YAML written byte for byte as conda writes its environment files.

conda writes through ruamel.yaml: YAML 1.2 rules for what needs quotes (`yes` stays bare, `010`
does not), items indented below their key, lines folded at 80 columns. PyYAML's emitter is its
ancestor; what differs is overridden here. (Texts in double quotes, which only odd characters
make necessary, may be folded at other places and escape rare characters where conda does not.)

Source: `conda env export` of conda 26.7 and the emitter of ruamel.yaml 0.19, by observation.
"""

import re
from collections.abc import Mapping
from typing import Any

import yaml

_WIDTH = 80
_NOT_TEXT = (
    (r"true|True|TRUE|false|False|FALSE", "tTfF"),
    (
        r"[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+"
        r"|[-+]?\.[0-9_]+(?:[eE][-+][0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        "-+0123456789.",
    ),
    (r"[-+]?0b[01_]+|[-+]?0o?[0-7_]+|[-+]?[0-9_]+|[-+]?0x[0-9a-fA-F_]+", "-+0123456789"),
    (r"<<", "<"),
    (r"~|null|Null|NULL", "~nN"),
    (r"", ("",)),
    (
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}"
        r":[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?",
        "0123456789",
    ),
    (r"=", "="),
)
"""What YAML 1.2 and its common additions take for something else than text, by first character."""


def write_conda_yaml(document: Mapping[str, Any]) -> str:
    """Write a mapping of text, lists and mappings; the order of keys is kept."""
    # The dumper is a subclass of yaml.SafeDumper.
    return yaml.dump(
        dict(document), Dumper=_CondaDumper, width=_WIDTH,
        allow_unicode=True, sort_keys=False, default_flow_style=False,
    )  # fmt: skip


class _CondaDumper(yaml.SafeDumper):
    """PyYAML's emitter with ruamel.yaml's habits."""

    yaml_implicit_resolvers = {}  # noqa: RUF012  the base class declares it for instances

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        del indentless  # lists are always indented below their key
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True

    def choose_scalar_style(self) -> str:
        style: str = super().choose_scalar_style()
        text = self.event.value if isinstance(self.event, yaml.ScalarEvent) else ""
        return '"' if style == "'" and ("'" in text or "\n" in text) else style

    def write_plain(self, text: str, split: bool = True) -> None:
        """Write a bare scalar; a word that does not fit gets a line of its own."""
        if text and not self.whitespace:
            self._put(" ")
        self.whitespace = self.indention = False
        for run in re.findall(r" +|[^ ]+", text):
            if run == " " and split and self.column >= self.best_width:
                self._break_line()
            elif run[0] == " ":
                self._put(run)
            else:
                if len(run) + self.column > self.best_width and self.column > (self.indent or 0):
                    self._break_line()
                self._put(run)

    def _break_line(self) -> None:
        self.write_indent()
        self.whitespace = self.indention = False

    def _put(self, text: str) -> None:
        self.column += len(text)
        self.stream.write(text)


for _pattern, _first in _NOT_TEXT:
    _CondaDumper.add_implicit_resolver("!other", re.compile(f"(?:{_pattern})\\Z"), list(_first))
