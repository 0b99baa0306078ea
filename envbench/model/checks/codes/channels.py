"""EB4xx: channels."""

from envbench.model.checks.codes.entry import CodeEntry
from envbench.model.problem import Severity

CHANNELS = (
    CodeEntry(
        "EB401",
        "no channels",
        Severity.WARNING,
        "Without `channels` each machine uses its own configured ones: the same file gives another"
        " environment elsewhere.",
    ),
    CodeEntry(
        "EB402",
        "channel with terms of service",
        Severity.WARNING,
        "Anaconda's `defaults` channels ask organisations of more than 200 people for a paid"
        " licence. `conda-forge` has no such terms.",
    ),
    CodeEntry(
        "EB403",
        "channel order",
        Severity.WARNING,
        "Channels come in order of priority. conda-forge and defaults are built against different"
        " libraries; mixed, with defaults first, they give broken or unsolvable environments.",
    ),
    CodeEntry(
        "EB404",
        "channel of a dependency is not listed",
        Severity.WARNING,
        "`channel::package` names a channel that is not under `channels:`. Some tools add it, some"
        " find nothing.",
    ),
    CodeEntry(
        "EB405", "duplicate channel", Severity.WARNING, "The channel is listed more than once."
    ),
    CodeEntry(
        "EB406",
        "secret in a URL",
        Severity.WARNING,
        "The file holds a password or a token. Everyone who gets the file gets the secret, and"
        " tools copy it into logs, locks and environments. Move it to the credential store and"
        " change it.",
    ),
    CodeEntry(
        "EB407",
        "unencrypted address",
        Severity.WARNING,
        "Whoever sits on the way can replace packages that come over http.",
    ),
    CodeEntry(
        "EB408",
        "variable in a channel",
        Severity.ERROR,
        "`$NAME` in a URL is not filled in: it could send a secret to a stranger. Configure the"
        " channel under a name instead.",
    ),
    CodeEntry(
        "EB409",
        "local channel",
        Severity.WARNING,
        "A channel in a local folder exists on this machine only, and its packages have nobody to"
        " vouch for them.",
    ),
    CodeEntry(
        "EB410",
        "link-local address",
        Severity.WARNING,
        "The address reaches services of this machine or its host, such as the metadata service of"
        " a cloud, not a channel on the network.",
    ),
    CodeEntry(
        "EB411",
        "unknown host",
        Severity.WARNING,
        "The channel lies on a host that is neither a public conda service nor configured here.",
    ),
    CodeEntry(
        "EB412", "invalid channel", Severity.ERROR, "The text names no channel and no address."
    ),
    CodeEntry(
        "EB413",
        "channel without new releases",
        Severity.INFO,
        "The channel gets no new releases; its packages live elsewhere now.",
    ),
)
