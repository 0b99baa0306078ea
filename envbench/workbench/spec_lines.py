"""What a spec asks for, item by item, as explanations name it."""

from packaging.utils import canonicalize_name

from envbench.model.cleaning import clean
from envbench.model.conflict import SpecLine
from envbench.model.package_needs import name_of
from envbench.model.redaction import redact
from envbench.model.spec import EnvironmentSpec

_SHOWN_CHARACTERS = 300


def spec_lines(spec: EnvironmentSpec, platform: str) -> tuple[SpecLine, ...]:
    """List what a spec asks for on a platform, conda's items first, in the order of the file."""
    conda = [
        SpecLine(
            text=show_item(item.text),
            name=item.match.name if item.match else name_of(item.text),
            line=item.span.line,
        )
        for item in spec.dependencies_on(platform)
    ]
    pip = [
        SpecLine(
            text=show_item(item.text),
            name=canonicalize_name(item.requirement.name) if item.requirement else "",
            line=item.span.line,
            is_pip=True,
        )
        for item in spec.pip
    ]
    return (*conda, *pip)


def show_item(text: str) -> str:
    """Clean one item of a spec for showing."""
    return clean(redact(text), limit=_SHOWN_CHARACTERS)
