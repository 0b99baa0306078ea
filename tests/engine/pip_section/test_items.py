"""Row 16 of the hostile inputs: what may stand in a pip section."""

import pytest

from envbench.engine.pip_section.errors import PipItemError
from envbench.engine.pip_section.items import MOST_ITEMS, vet_items

HASH = "sha256:" + "ab" * 32


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ("--index-url https://evil.example/simple", "options"),
        ("--extra-index-url=https://evil.example", "options"),
        ("-i https://evil.example", "options"),
        (" -r other.txt", "options"),
        ("-c other.txt", "options"),
        ("-e ./proj", "options"),
        ("--no-binary :all:", "options"),
        ("--trusted-host evil.example", "options"),
        ("--pre", "options"),
        ("-n", "options"),
        ("lib @ https://example.com/${SECRET}/lib-1-py3-none-any.whl", "variables"),
        ("lib==${VERSION}", "variables"),
        ("lib\n--index-url https://evil.example", "control character"),
        ("lib\r--index-url https://evil.example", "control character"),
        ("lib\x00", "control character"),
        ("lib\x9b2J", "control character"),
        ("./proj", ""),
        ("../proj", ""),
        ("/etc/passwd", ""),
        ("https://example.com/lib-1-py3-none-any.whl", ""),
        ("lib @ git+ssh://git@example.com/lib", "addresses"),
        ("lib @ ftp://example.com/lib.whl", "addresses"),
        ("lib @ ext::sh -c evil", ""),
        ("lib @ ext::evil", "addresses"),
        ("lib @ git+https://user:pa55word@example.com/lib", "password"),
        ("lib @ https://token1234@example.com/lib.whl", "password"),
        ("lib --global-option=x", ""),
        ("lib --config-settings=x=y", ""),
        (f"lib --hash={HASH}", "exact version"),
        (f"lib>=1 --hash={HASH}", "exact version"),
        (f"lib==1.* --hash={HASH}", "exact version"),
        ("not a req!!", ""),
        ("", ""),
    ],
)
def test_hostile_row_16_is_refused_with_line_and_reason(bench, item, reason):
    with pytest.raises(PipItemError) as caught:
        vet_items(bench.task("fine", item))
    assert caught.value.where == "environment.yml:11"
    assert reason in caught.value.why
    assert "pa55word" not in str(caught.value)
    assert "\x9b" not in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("item", "text"),
    [
        ("rich", "rich"),
        ("rich[jupyter]>=13 ; python_version > '3.8'", 'rich[jupyter]>=13; python_version > "3.8"'),
        ("rich  # pretty", "rich"),
        ("rich==15.*", "rich==15.*"),
        (f"rich==15.0.0 --hash={HASH} --hash=sha256:{'cd' * 32}", "rich==15.0.0"),
        ("lib @ git+https://example.com/lib@0123456789", "lib@ git+https://example.com/lib@0123456789"),
    ],
)  # fmt: skip
def test_what_is_accepted_is_written_from_its_parsed_form(bench, item, text):
    (vetted,) = vet_items(bench.task(item))
    assert vetted.text.replace("lib @", "lib@") == text


def test_hashes_are_kept(bench):
    (vetted,) = vet_items(bench.task(f"rich==15.0.0 --hash={HASH}"))
    assert vetted.hashes == (HASH,)


def test_too_many_items(bench):
    with pytest.raises(PipItemError, match=str(MOST_ITEMS)):
        vet_items(bench.task(*["lib"] * (MOST_ITEMS + 1)))
