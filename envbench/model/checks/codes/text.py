"""EB1xx: the text, its YAML and its schema."""

from envbench.model.checks.codes.entry import CodeEntry
from envbench.model.problem import Severity

TEXT_AND_SCHEMA = (
    CodeEntry(
        "EB101",
        "no valid YAML",
        Severity.ERROR,
        "The text cannot be read as YAML. The place is where the reader gave up; the cause is often"
        " one line above: a tab, an indent that differs from its neighbours, a colon or a quote.",
    ),
    CodeEntry(
        "EB102",
        "too large, too deep or too many nodes",
        Severity.ERROR,
        "A spec may have 1 MiB, 20,000 YAML nodes and 12 levels; a name, a channel or a dependency"
        " may have 4,096 characters. Real ones stay far below; what goes above is a mistake or an"
        " attempt to exhaust the reader.",
    ),
    CodeEntry(
        "EB103",
        "anchor, alias or merge key",
        Severity.ERROR,
        "Anchors (`&a`), aliases (`*a`) and merge keys (`<<`) let a small file grow without bound,"
        " and conda's tools disagree about them. Write the text out.",
    ),
    CodeEntry(
        "EB104",
        "explicit YAML tag",
        Severity.ERROR,
        "A tag such as `!!python/object` asks the reader to construct something. A spec is made of"
        " texts, lists and mappings only; quote a text that begins with `!`.",
    ),
    CodeEntry(
        "EB105",
        "duplicate key",
        Severity.ERROR,
        "The same key stands twice in one mapping. Readers differ in which one counts (the first,"
        " the last, neither), so the two have to be joined.",
    ),
    CodeEntry(
        "EB106",
        "hidden or control character",
        Severity.ERROR,
        "A control character, an escape sequence, a bidirectional mark or another character that"
        " cannot be seen. It can make a line look like another one; remove it.",
    ),
    CodeEntry(
        "EB107",
        "no mapping of keys",
        Severity.ERROR,
        "An environment.yml is one document with keys such as `name`, `channels`, `dependencies`.",
    ),
    CodeEntry(
        "EB108",
        "wrong shape",
        Severity.ERROR,
        "A key holds another kind of value than it must: a list where a text belongs, a text where"
        " a list belongs. conda reads a text in place of a list letter by letter.",
    ),
    CodeEntry(
        "EB109",
        "unknown key",
        Severity.WARNING,
        "No tool knows this key; conda ignores it with a warning, micromamba without. It is often a"
        " misspelling or wrong indentation.",
    ),
    CodeEntry(
        "EB110",
        "unknown subsection of dependencies",
        Severity.ERROR,
        "Inside `dependencies` only a `pip:` list may stand (and micromamba's `sel(linux): ...`)."
        " What is inside another mapping would be left out.",
    ),
    CodeEntry(
        "EB111",
        "dependencies missing",
        Severity.ERROR,
        "`dependencies` is the one key that an environment.yml must have (CEP 24). Without it"
        " tools make an empty environment and report success.",
    ),
    CodeEntry(
        "EB112",
        "nothing to install",
        Severity.WARNING,
        "`dependencies` is there but empty: the environment will hold no package.",
    ),
    CodeEntry(
        "EB113",
        "YAML reads another value",
        Severity.WARNING,
        "Without quotes YAML takes this for a number, a date or a truth value: `3.10` becomes 3.1,"
        " `no` becomes false, `1:30` becomes 90. envbench keeps the text; other tools do not."
        " Quote it.",
    ),
    CodeEntry(
        "EB114",
        "empty item",
        Severity.WARNING,
        "A list item without content. Tools ignore it or stop; remove the line.",
    ),
    CodeEntry(
        "EB115",
        "unknown code in a comment",
        Severity.WARNING,
        "A comment `# envbench: ignore ...` names a code that does not exist, or one that cannot be"
        " silenced because the spec cannot be built with it.",
    ),
    CodeEntry(
        "EB116",
        "unfilled template",
        Severity.ERROR,
        "`{{ name }}` is a placeholder of a template engine. Render the template first; the result"
        " is the environment.yml.",
    ),
)
