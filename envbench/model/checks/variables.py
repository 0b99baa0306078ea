"""The variables that an environment sets when it is activated."""

import re
from collections.abc import Iterator

from envbench.model.checks.catalogue import make_problem
from envbench.model.checks.context import CheckContext
from envbench.model.problem import Problem
from envbench.model.redaction import redact, split_url_secrets
from envbench.model.spec import EnvironmentSpec, Variable

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RISKY = re.compile(
    r"LD_PRELOAD|LD_LIBRARY_PATH|LD_AUDIT|DYLD_.*|PATH|PYTHON.*|BASH_ENV|ENV|IFS|SHELL|HOME"
    r"|PROMPT_COMMAND|PERL5LIB|PERL5OPT|NODE_OPTIONS|JAVA_TOOL_OPTIONS|GCONV_PATH|CONDA_.*"
    r"|PIP_.*|UV_.*|(?:HTTPS?|ALL)_PROXY|SSL_CERT_(?:FILE|DIR)|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE"
    r"|GIT_SSH.*|GIT_.*COMMAND|EDITOR|VISUAL|PAGER",
    re.IGNORECASE,
)
_SECRET = re.compile(
    r"(?:.*_)?(?:TOKEN|PASSWORD|PASSWD|SECRET|SECRET_KEY|API_?KEY|ACCESS_KEY(?:_ID)?|PRIVATE_KEY"
    r"|CREDENTIALS)",
    re.IGNORECASE,
)


def check_variables(spec: EnvironmentSpec, context: CheckContext) -> Iterator[Problem]:
    """Judge each variable (EB505 to EB508)."""
    del context
    for variable in spec.variables:
        yield from _problems_of(variable)


def _problems_of(variable: Variable) -> Iterator[Problem]:
    name, value, place = variable.name, variable.value, variable.value_span or variable.span
    if not _IDENTIFIER.fullmatch(name):
        message = f"`{name}` is no name of an environment variable"
        yield make_problem("EB505", message, variable.span, "use `A-Z a-z 0-9 _`")
    elif _RISKY.fullmatch(name):
        message = f"`{name}` changes how every program of the shell runs"
        yield make_problem("EB506", message, variable.span, "remove it unless you rely on it")
    if "\n" in value.rstrip("\n"):
        yield make_problem("EB507", f"the value of `{name}` has a line break", place)
    # The first page tells: searching all of a huge value would take long.
    if value and not value.startswith("$") and _looks_secret(name, value[:4096]):
        hint = "set it outside the file"
        yield make_problem("EB508", f"the value of `{name}` looks like a secret", place, hint)


def _looks_secret(name: str, value: str) -> bool:
    if _SECRET.fullmatch(name) or split_url_secrets(value)[1] is not None:
        return True
    return redact(value) != value
