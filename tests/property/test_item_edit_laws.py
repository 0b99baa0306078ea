"""Forms of single items, as laws over layouts: the item says what was wanted, the rest stays."""

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from spec_layouts import made_specs

from envbench.formats.environment_yml import parse_spec
from envbench.formats.item_edits import ItemKind
from envbench.model.errors import UsageError
from envbench.model.spec import SpecText
from envbench.workbench.dependency_form import (
    DependencyForm,
    describe_dependency,
    write_dependency,
)

LAWS = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
VERSIONS = st.sampled_from(["", "1.2", "==1.2.3", ">=1,<3", "1.*|>4", "!=2"])
FIELDS = ("name", "version", "build", "channel", "extras", "marker")


def said(text):
    spec = parse_spec(SpecText(text)).spec
    return (
        [item.text for item in spec.dependencies],
        [item.text for item in spec.pip],
        [entry.name for entry in spec.channels],
        spec.name,
        [(v.name, v.value) for v in spec.variables],
    )


def fields(form):
    return tuple(getattr(form, name) for name in FIELDS)


@LAWS
@given(made_specs(), st.data())
def test_every_item_can_be_described_and_unchanged_is_unchanged(made, data):
    for line in range(1, made.text.count("\n") + 2):
        form = describe_dependency(made.text, line)
        if not form.locked:
            assert write_dependency(made.text, "x", form, line).replacements == ()


@LAWS
@given(made_specs(), VERSIONS, st.sampled_from(["", "py_0"]), st.data())
def test_one_item_changes_and_the_rest_stays(made, version, build, data):
    items = parse_spec(SpecText(made.text)).spec.dependencies
    assume(items)
    index = data.draw(st.integers(0, len(items) - 1))
    line = items[index].span.line
    before = describe_dependency(made.text, line)
    assume(not before.locked and before.name == items[index].match.name)
    form = DependencyForm(kind=ItemKind.CONDA, name="brandnew", version=version, build=build)
    try:
        after = write_dependency(made.text, "x", form, line).apply(made.text)
    except UsageError as fault:
        # A layout that is not edited is refused as a whole.
        assert fault.what == "this edit is not made"
        return
    found = describe_dependency(after, line)
    assert found.name == "brandnew"
    assert found.build == build
    old, new = said(made.text), said(after)
    assert new[1:] == old[1:]
    assert [x for i, x in enumerate(new[0]) if i != index] == [
        x for i, x in enumerate(old[0]) if i != index
    ]
    rows = list(zip(made.text.split("\n"), after.split("\n"), strict=True))
    assert [i for i, (a, b) in enumerate(rows, 1) if a != b] == [line]
