"""An editor for one `environment.yml`: its text, what is wrong in it, and what may be typed next."""

from envbench.ui.widgets.spec_editor.spec_editor import SpecEditor

__all__ = ["SpecEditor"]
