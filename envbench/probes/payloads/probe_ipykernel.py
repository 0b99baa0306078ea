"""ipykernel: a kernel of this environment starts and answers, over sockets in its own folder."""

import json
import os
import sys

DISTRIBUTIONS = ("ipykernel",)
CONDA_NAMES = ("ipykernel",)
RELATED = ("ipython", "jupyter-client", "jupyter-core", "pyzmq", "tornado", "traitlets")
MODULES = ("ipykernel", "IPython", "jupyter_client")

_START_LIMIT_S = 60


def prepare():
    """Keep histories and connection files in the folder of this run."""
    for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR"):
        os.environ[name] = os.path.abspath(name.lower())


def facts(probing):
    """Name the versions and the kernels that this prefix offers."""
    modules = probing.modules
    return {
        "version": modules["ipykernel"].__version__,
        "ipython": modules["IPython"].__version__,
        "jupyter_client": modules["jupyter_client"].__version__,
        "kernels": {name: _read_command(folder) for name, folder in _find_kernels().items()},
    }


def _find_kernels():
    folder = os.path.join(sys.prefix, "share", "jupyter", "kernels")
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    return {name: os.path.join(folder, name) for name in names}


def _read_command(folder):
    try:
        with open(os.path.join(folder, "kernel.json"), encoding="utf-8") as file:
            return " ".join(map(str, json.load(file).get("argv", ())))
    except (OSError, ValueError, AttributeError):
        return ""


def checks(probing):
    """Start a kernel, have it multiply, and have it say which Python it is."""
    manager_type = probing.modules["jupyter_client"].KernelManager

    def ask():
        manager = manager_type(transport="ipc", ip=os.path.abspath("kernel"))
        spec = manager.kernel_spec
        # The kernel of this very interpreter, whatever the user has registered under the name.
        spec.argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        manager.start_kernel()
        client = manager.client()
        try:
            client.start_channels()
            client.wait_for_ready(timeout=_START_LIMIT_S)
            answers = []
            client.execute_interactive(
                "import sys; print(6 * 7, sys.prefix)",
                timeout=_START_LIMIT_S,
                output_hook=lambda message: answers.append(message["content"].get("text", "")),
            )
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
        return probing.differ("".join(answers).strip(), "42 %s" % sys.prefix)

    yield "kernel", "cpu", 0.0, ask
