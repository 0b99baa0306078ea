"""Channels: order, terms, addresses, secrets."""

from collections.abc import Iterator

from envbench.model.channel_names import (
    NODEFAULTS,
    PUBLIC_HOSTS,
    RETIRED,
    ChannelForm,
    ChannelText,
    is_anaconda,
    is_link_local,
    is_loopback,
    read_channel,
)
from envbench.model.checks.catalogue import make_problem
from envbench.model.checks.context import CheckContext
from envbench.model.problem import Edit, Problem, Replacement
from envbench.model.redaction import redact_url
from envbench.model.span import Span
from envbench.model.spec import ChannelEntry, EnvironmentSpec


def check_channels_listed(spec: EnvironmentSpec, context: CheckContext) -> Iterator[Problem]:
    """Find a spec without channels (EB401) and channels that stand twice (EB405)."""
    real = [entry for entry in spec.channels if entry.name != NODEFAULTS]
    if not real and not context.channels_configured and spec.dependencies:
        hint = "list them under `channels:`, `conda-forge` for example"
        yield make_problem("EB401", "no channels are listed", spec.channels_span, hint)
    first: dict[str, ChannelEntry] = {}
    for entry in real:
        earlier = first.setdefault(read_channel(entry.name).conda_name, entry)
        if earlier is not entry:
            message = f"`{redact_url(entry.name)}` is listed again (line {earlier.span.line})"
            yield make_problem("EB405", message, entry.span, "remove one of the two")


def check_terms(spec: EnvironmentSpec, context: CheckContext) -> Iterator[Problem]:
    """Find Anaconda's channels (EB402), unless the configuration leads them elsewhere."""
    if context.defaults_configured:
        return
    for entry in spec.channels:
        channel = read_channel(entry.name)
        if is_anaconda(channel) and channel.name not in context.known_channels:
            message = f"`{channel.name}` comes under Anaconda's terms of service"
            yield make_problem("EB402", message, entry.span, "conda-forge has no such terms")


def check_order(spec: EnvironmentSpec, context: CheckContext) -> Iterator[Problem]:
    """Find Anaconda's channels before conda-forge (EB403)."""
    del context
    forge = next((e for e in spec.channels if _is_conda_forge(e)), None)
    before = next((e for e in spec.channels if is_anaconda(read_channel(e.name))), None)
    if forge is None or before is None or before.span.start > forge.span.start:
        return
    message = f"`{read_channel(before.name).name}` stands before `conda-forge`"
    hint = "put `conda-forge` first, or leave one of the two out"
    edit = _swap(spec.source.text, before.span, forge.span)
    yield make_problem("EB403", message, before.span, hint, edit)


def _is_conda_forge(entry: ChannelEntry) -> bool:
    return read_channel(entry.name).name.rpartition("/")[2] == "conda-forge"


def _swap(text: str, one: Span, two: Span) -> Edit:
    first, second = text[one.start : one.end], text[two.start : two.end]
    replacements = (
        Replacement(one.start, one.end, second),
        Replacement(two.start, two.end, first),
    )
    return Edit(f"put {second} before {first}", replacements)


def check_channel_references(spec: EnvironmentSpec, context: CheckContext) -> Iterator[Problem]:
    """Find `channel::package` whose channel is not listed (EB404), and their addresses."""
    listed = {read_channel(entry.name).conda_name for entry in spec.channels}
    # `defaults` is a group: its members count as listed with it.
    if any(entry.name == "defaults" for entry in spec.channels):
        listed |= {"main", "r", "msys2", "pkgs/main", "pkgs/r", "pkgs/msys2", "anaconda"}
    for item in spec.dependencies_on(context.platform):
        if item.match is None or item.match.channel is None:
            continue
        channel = read_channel(item.match.channel)
        yield from _address_problems(channel, item.match.channel, item.span, context)
        known = channel.conda_name in listed or channel.name in context.known_channels
        if not known and channel.form is not ChannelForm.INVALID:
            # Told once: the next lines of that channel need no other mending.
            listed.add(channel.conda_name)
            message = (
                f"the channel `{channel.name}` of `{item.match.name}` is not under `channels:`"
            )
            yield make_problem("EB404", message, item.span, f"add `{channel.name}` to the channels")


def check_addresses(spec: EnvironmentSpec, context: CheckContext) -> Iterator[Problem]:
    """Judge each channel's address (EB406 to EB413)."""
    for entry in spec.channels:
        if entry.name == NODEFAULTS or "\ufffd" in entry.name:
            continue
        channel = read_channel(entry.name)
        yield from _address_problems(channel, entry.name, entry.span, context)
        name = channel.conda_name
        if name in RETIRED and channel.name not in context.known_channels:
            message = f"`{name}` gets no new releases: {RETIRED[name]}"
            yield make_problem("EB413", message, entry.span)


def _address_problems(
    channel: ChannelText, written: str, span: Span, context: CheckContext
) -> Iterator[Problem]:
    shown = redact_url(written)
    if channel.secret is not None:
        hint = "move it to the credential store, then renew it"
        yield make_problem("EB406", f"`{shown}` holds a secret", span, hint)
    if "{{" in written:
        yield make_problem("EB116", f"`{shown}` is an unfilled placeholder", span)
    elif channel.variable:
        message = f"`{shown}`: `{channel.variable}` is not filled in"
        yield make_problem("EB408", message, span, "configure the channel under a name")
    elif channel.form is ChannelForm.INVALID:
        yield make_problem("EB412", f"`{shown}` is no channel", span, _invalid_hint(written))
    elif channel.form is ChannelForm.FOLDER:
        yield make_problem("EB409", f"`{shown}` is a folder on this machine", span)
    elif channel.form is ChannelForm.ADDRESS:
        yield from _host_problems(channel, shown, span, context)


def _invalid_hint(written: str) -> str:
    if " " in written or "," in written:
        return "list one channel a line"
    return "a channel is a name such as `conda-forge`, or an address"


def _host_problems(
    channel: ChannelText, shown: str, span: Span, context: CheckContext
) -> Iterator[Problem]:
    if is_link_local(channel.host):
        yield make_problem("EB410", f"`{shown}` is a link-local address", span)
        return
    loopback = is_loopback(channel.host)
    if channel.scheme == "http" and not loopback:
        yield make_problem("EB407", f"`{shown}` is fetched over http", span, "use https")
    known = channel.host in PUBLIC_HOSTS or channel.host in context.known_hosts or loopback
    if not known and channel.scheme in {"http", "https"}:
        message = f"`{channel.host}` is no known host of channels"
        yield make_problem("EB411", message, span, "configure it as a channel when you trust it")
