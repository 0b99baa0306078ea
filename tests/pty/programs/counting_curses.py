"""A trivial curses program: counts keys, shows the size, ends on `q`."""

import curses


def count(window: "curses.window") -> None:
    keys = 0
    while True:
        rows, columns = window.getmaxyx()
        window.erase()
        window.addstr(1, 2, f"keys {keys}")
        window.addstr(2, 2, f"size {columns}x{rows}")
        window.refresh()
        key = window.getch()
        if key == ord("q"):
            return
        if key == curses.KEY_RESIZE:
            curses.update_lines_cols()
        else:
            keys += 1


curses.wrapper(count)
