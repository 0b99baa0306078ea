"""Kubernetes: a Job that runs in an image of the environment, on GPUs.

Source: the API reference of batch/v1; the restricted profile of the Pod Security Standards; the
device plugin of NVIDIA (`nvidia.com/gpu`).
"""

from collections.abc import Sequence

from envbench.formats.exports import dockerfile_micromamba, dockerfile_pixi
from envbench.formats.exports.contents import package_names
from envbench.formats.exports.image_parts import ARCHITECTURES, name_in_words
from envbench.formats.exports.images import check_base
from envbench.formats.exports.quoting import MARK, name_for_hosts, quote_yaml
from envbench.formats.exports.recipe_locks import one_of
from envbench.formats.exports.variables import find_variable_losses, sort_variables
from envbench.model.errors import UsageError
from envbench.model.export_options import ExportOptions
from envbench.model.lock import ExportedFile, Lock, Loss
from envbench.model.locked_set import EVERY_ASPECT

KEPT = EVERY_ASPECT
"""The environment is in the image; that is told by a loss of its own."""
PATH = "job.yaml"
PLACEHOLDER = "registry.example.com/{name}:latest"
_USERS = {"micromamba": dockerfile_micromamba.USER_ID, "pixi": dockerfile_pixi.USER_ID}


def write(locks: Sequence[Lock], options: ExportOptions) -> tuple[ExportedFile, ...]:
    """Write the manifest of the job.

    Raises:
        UsageError: The environment is not for Linux, the base is unknown, or the image has no
            name that a registry takes.
    """
    lock = one_of(locks, "a container of a cluster", ARCHITECTURES)
    check_base(options.base)
    if options.gpus < 0:
        raise UsageError(f"a job cannot ask for {options.gpus} GPUs", hint="0 asks for none.")
    if any(character.isspace() for character in options.image):
        raise UsageError("the name of the image holds a blank", where="image")
    lines = [*_head(lock), *_pod_lines(lock, options), *_container_lines(lock, options)]
    return (ExportedFile(PATH, "\n".join(lines) + "\n"),)


def find_losses(lock: Lock) -> tuple[Loss, ...]:
    """Say that the job only names what holds the environment."""
    why = (
        "The job names an image and holds no package. Build the image from the lock (format"
        " dockerfile), push it, and name it with --set image=NAME."
    )
    place = "as a Secret of the cluster, with secretKeyRef"
    return (Loss("packages", (), why), *find_variable_losses(lock, place))


def _head(lock: Lock) -> list[str]:
    name = name_for_hosts(lock.name)
    return [
        f"# {name_in_words(lock)} in a job: runs one program in it.",
        "#",
        f"#   kubectl create --filename {PATH}",
        f"#   kubectl logs --follow --selector app.kubernetes.io/name={name}",
        "#",
        f"# {MARK}",
        'apiVersion: "batch/v1"',
        'kind: "Job"',
        "metadata:",
        "  # The cluster adds the end: each `kubectl create` is a run of its own.",
        f"  generateName: {quote_yaml(f'{name}-')}",
        "  labels:",
        *_label_lines(name, 4),
        "spec:",
        "  # A program that fails is not started again: an error in it would cost the GPU's time twice.",
        "  backoffLimit: 0",
        "  # The finished job and its log stay for a day.",
        "  ttlSecondsAfterFinished: 86400",
        "  template:",
        "    metadata:",
        "      labels:",
        *_label_lines(name, 8),
    ]


def _label_lines(name: str, indent: int) -> list[str]:
    blank = " " * indent
    return [
        f"{blank}app.kubernetes.io/name: {quote_yaml(name)}",
        f'{blank}app.kubernetes.io/managed-by: "envbench"',
    ]


def _pod_lines(lock: Lock, options: ExportOptions) -> list[str]:
    user = _USERS[options.base]
    return [
        "    spec:",
        '      restartPolicy: "Never"',
        "      # The program does not talk to the cluster.",
        "      automountServiceAccountToken: false",
        "      nodeSelector:",
        f"        kubernetes.io/arch: {quote_yaml(ARCHITECTURES[lock.platform][0])}",
        '        kubernetes.io/os: "linux"',
        "      securityContext:",
        "        runAsNonRoot: true",
        "        # The user of the image, as a number: from a name the cluster cannot tell that it is",
        "        # not root.",
        f"        runAsUser: {user}",
        f"        runAsGroup: {user}",
        "        # Lets this user write to volumes.",
        f"        fsGroup: {user}",
        "        seccompProfile:",
        '          type: "RuntimeDefault"',
        *_toleration_lines(options),
        "      volumes:",
        "        # Workers of data loaders hand over batches in shared memory; a container has 64 MiB of it",
        "        # unless it brings its own. What is used counts as memory of the container.",
        '        - name: "shared-memory"',
        "          emptyDir:",
        '            medium: "Memory"',
        '            sizeLimit: "8Gi"',
    ]


def _toleration_lines(options: ExportOptions) -> list[str]:
    if not options.gpus:
        return []
    return [
        "      # Nodes with GPUs are often kept free of everything else.",
        "      tolerations:",
        '        - key: "nvidia.com/gpu"',
        '          operator: "Exists"',
        '          effect: "NoSchedule"',
    ]


def _container_lines(lock: Lock, options: ExportOptions) -> list[str]:
    return [
        "      containers:",
        '        - name: "main"',
        *_image_lines(lock, options),
        "          # The program to run. `args`, not `command`: the entry point of the image activates the",
        "          # environment.",
        "          args:",
        *[f"            - {quote_yaml(argument)}" for argument in _program(lock, options)],
        *_variable_lines(lock),
        "          # What the program needs is a guess until it has been measured.",
        "          resources:",
        "            requests:",
        '              cpu: "4"',
        '              memory: "16Gi"',
        "            limits:",
        '              memory: "16Gi"',
        *_gpu_lines(options),
        "          securityContext:",
        "            allowPrivilegeEscalation: false",
        "            capabilities:",
        "              drop:",
        '                - "ALL"',
        "          volumeMounts:",
        '            - name: "shared-memory"',
        '              mountPath: "/dev/shm"',
    ]


def _image_lines(lock: Lock, options: ExportOptions) -> list[str]:
    if options.image:
        return [f"          image: {quote_yaml(options.image)}"]
    name = PLACEHOLDER.format(name=name_for_hosts(lock.name))
    return [
        "          # Replace it by the image that was built from the lock, best with its digest.",
        f"          image: {quote_yaml(name)}",
    ]


def _program(lock: Lock, options: ExportOptions) -> tuple[str, ...]:
    """Choose what shows that the environment works; whoever uses the file puts a program here."""
    if options.gpus and package_names(lock) & {"pytorch", "torch", "pytorch-gpu"}:
        return ("python", "-c", "import torch; print(torch.cuda.get_device_name())")
    return ("python", "-c", "import sys; print(sys.version)")


def _gpu_lines(options: ExportOptions) -> list[str]:
    if not options.gpus:
        return []
    return [
        "              # Whole GPUs, and in the limits only: the request is the same.",
        f'              nvidia.com/gpu: "{options.gpus}"',
    ]


def _variable_lines(lock: Lock) -> list[str]:
    variables = sort_variables(lock).said
    if not variables:
        return []
    lines = ["          # The variables that belong to the environment.", "          env:"]
    for name, value in variables:
        # Kubernetes puts other variables in place of $(NAME); $$ stands for a dollar.
        text = quote_yaml(value.replace("$", "$$"))
        lines += [f"            - name: {quote_yaml(name)}", f"              value: {text}"]
    return lines
