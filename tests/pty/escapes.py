"""What pyte cannot parse, taken out of the stream: modes, questions, strings, key protocols."""

import re
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"\x1b\[(?P<prefix>[<=>?]?)(?P<parameters>[0-9;:]*)(?P<middle>[ -/]*)(?P<final>[@-~])"
    r"|\x1b(?P<kind>[\]PX^_])(?P<string>[^\x07\x1b]*)(?:\x07|\x1b\\)"
    r"|\x1b[()#%][ -~]"
    r"|\x1b(?![\[\]PX^_()#%])[ -~]"
)
_INCOMPLETE = re.compile(r"\x1b(?:\[[<=>?]?[0-9;:]*[ -/]*|[\]PX^_][^\x07\x1b]*\x1b?|[()#%])?\Z")
_PLAIN_MODES = {"7", "25"}


@dataclass
class Mode:
    """A private mode that was switched on or off."""

    number: int
    on: bool


@dataclass
class Question:
    """The program asks: `mode` (with its number), `cursor` or `device`."""

    what: str
    number: int = 0


@dataclass
class KeyProtocol:
    """Kitty's key protocol, pushed or popped."""

    pushed: bool


@dataclass
class ControlString:
    """An OSC, DCS, APC, PM or SOS string."""

    kind: str
    text: str


Token = str | Mode | Question | KeyProtocol | ControlString


@dataclass
class EscapeSieve:
    """Splits a stream into text that pyte understands and the rest, over reads."""

    _carried: str = field(default="")

    def feed(self, text: str) -> list[Token]:
        """Return the tokens that are whole by now."""
        text = self._carried + text
        if cut := _INCOMPLETE.search(text):
            self._carried, text = text[cut.start() :], text[: cut.start()]
        else:
            self._carried = ""
        tokens: list[Token] = []
        position = 0
        for match in _TOKEN.finditer(text):
            tokens.append(text[position : match.start()])
            tokens += _read_token(match)
            position = match.end()
        tokens.append(text[position:])
        return _join_texts(tokens)


def _read_token(match: re.Match[str]) -> list[Token]:
    if match["kind"]:
        return [ControlString(match["kind"], match["string"])]
    if not match["final"]:
        return [match[0]]
    return _read_sequence(match["prefix"], match["parameters"], match["middle"], match["final"])


def _read_sequence(prefix: str, parameters: str, middle: str, final: str) -> list[Token]:
    if prefix == "?" and not middle and final in "hl":
        return _read_modes(parameters.split(";"), final)
    if prefix == "?" and middle == "$" and final == "p":
        return [Question("mode", int(parameters or 0))]
    if not prefix and not middle and final == "n" and parameters == "6":
        return [Question("cursor")]
    if not prefix and not middle and final == "c":
        return [Question("device")]
    if prefix in {"<", ">", "="} and final == "u":
        return [KeyProtocol(prefix == ">")] if prefix != "=" else []
    if prefix or middle or final == "t":
        return []
    return [f"\x1b[{parameters.replace(':', ';')}{final}"]


def _read_modes(numbers: list[str], final: str) -> list[Token]:
    tokens: list[Token] = [Mode(int(number), final == "h") for number in numbers if number]
    return tokens + [f"\x1b[?{n}{final}" for n in numbers if n in _PLAIN_MODES]


def _join_texts(tokens: list[Token]) -> list[Token]:
    joined: list[Token] = []
    for token in tokens:
        if isinstance(token, str) and joined and isinstance(joined[-1], str):
            joined[-1] += token
        elif token != "":
            joined.append(token)
    return joined
