"""Names of users, asked once each, and never waited for long.

On clusters names come from a directory over the network, which may be slow or gone: one that does
not answer in time is shown by its number, and by its name once the answer is there.
"""

import pwd
import threading

from envbench.model.cleaning import clean

_PATIENCE_S = 0.3
_NAME_LIMIT = 64


class UserNames:
    """Turns numbers of users into names."""

    def __init__(self) -> None:
        """Begin with no name known."""
        self._known: dict[int, str] = {}
        self._asked: set[int] = set()

    def name(self, uid: int) -> str:
        """Tell the name; the number as text, as `ps` shows it, for who has none or none yet."""
        if uid not in self._known and uid not in self._asked:
            self._asked.add(uid)
            asking = threading.Thread(target=self._ask, args=(uid,), daemon=True)
            asking.start()
            asking.join(_PATIENCE_S)
        return self._known.get(uid, str(uid))

    def _ask(self, uid: int) -> None:
        try:
            name = clean(pwd.getpwuid(uid).pw_name, limit=_NAME_LIMIT)
        except (KeyError, OSError):
            name = str(uid)
        self._known[uid] = name
