"""JupyterLab: the server application comes up without listening, and its pages are there."""

import os

DISTRIBUTIONS = ("jupyterlab",)
CONDA_NAMES = ("jupyterlab",)
RELATED = ("jupyter-server", "jupyterlab-server", "notebook", "jupyter-lsp", "tornado", "nbformat")
MODULES = ("jupyterlab", "jupyterlab.commands", "jupyterlab.labapp", "jupyter_server.serverapp")


def prepare():
    """Keep settings and run files of the user out of it, and ours in the folder of this run."""
    for name in ("JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR"):
        os.environ[name] = os.path.abspath(name.lower())


def facts(probing):
    """Name the versions and where the pages lie."""
    modules = probing.modules
    probing.leave_unchecked("pages in a browser: no server listens, nothing is opened")
    return {
        "version": modules["jupyterlab"].__version__,
        "application": modules["jupyterlab.commands"].get_app_dir(),
    }


def checks(probing):
    """The built pages are complete; the extension loads into a server; a notebook is read."""
    commands = probing.modules["jupyterlab.commands"]

    def pages():
        static = os.path.join(commands.get_app_dir(), "static")
        names = os.listdir(static) if os.path.isdir(static) else []
        if "index.html" not in names or not any(name.endswith(".js") for name in names):
            raise RuntimeError("%s has no built pages" % static)
        return 0.0

    def server():
        # The socket of the server is never opened, nor is a browser.
        application = probing.modules["jupyter_server.serverapp"].ServerApp()
        application.initialize(
            argv=["--ServerApp.jpserver_extensions={'jupyterlab': True}", "--allow-root"],
            new_httpserver=False,
            find_extensions=False,
        )
        extension = application.extension_manager.extensions.get("jupyterlab")
        if extension is None:
            raise RuntimeError("the server does not know the extension jupyterlab")
        return probing.differ(bool(extension.enabled), True)

    yield "pages", "cpu", 0.0, pages
    yield "server", "cpu", 0.0, server
