"""Lines that the box, the platform or the order of the channels keeps from being satisfied."""

from envbench.model.conflict import CoreKind
from tests.conflicts.case import HEAVY, WIDE, Case, Expected

BOXES = (
    Case(
        name="no-driver",
        text="""\
name: laptop
channels:
  - conda-forge
dependencies:
  - python=3.12
  - pytorch-gpu         # same file as on the cluster
  - numpy>=2
  - pandas
  - pip
  - requests
  - matplotlib
  - scikit-learn
  - jupyterlab
  - ipykernel
  - tqdm
""",
        cuda=None,
        cores=(Expected(CoreKind.MISSING_VIRTUAL, ("pytorch-gpu",)),),
        daily=True,
    ),
    Case(
        name="no-driver-for-a-build",
        text="""\
name: ci
channels:
  - conda-forge
dependencies:
  - python=3.12
  - pytorch=2.7.1=cuda*
  - numpy
  - pip
  - requests
  - tqdm
""",
        cuda=None,
        cores=(Expected(CoreKind.MISSING_VIRTUAL, ("pytorch",)),),
        fix=("pytorch",),
    ),
    Case(
        name="no-driver-two-lines",
        text="""\
name: ci
channels:
  - conda-forge
dependencies:
  - python=3.12
  - pytorch=2.6
  - pandas
  - pip
  - requests
  - tqdm
""",
        cuda=None,
        cores=(Expected(CoreKind.MISSING_VIRTUAL, ("python", "pytorch")),),
    ),
    Case(
        name="old-driver",
        text="""\
name: v100
channels:
  - conda-forge
dependencies:
  - python=3.12
  - pytorch=2.7.1=cuda*
  - numpy>=2
  - pip
  - requests
  - tqdm
  - pandas
  - matplotlib
  - scikit-learn
""",
        cuda="11.4",
        cores=(Expected(CoreKind.MISSING_VIRTUAL, ("pytorch",)),),
    ),
    Case(
        name="old-driver-for-cuda-version",
        text="""\
name: v100
channels:
  - conda-forge
dependencies:
  - python=3.12
  - pytorch=2.7.1
  - cuda-version=12.8
  - pandas
  - pip
  - tqdm
""",
        cuda="11.8",
        cores=(Expected(CoreKind.MISSING_VIRTUAL, ("cuda-version",)),),
        fix=("cuda-version",),
    ),
    Case(
        name="old-driver-for-jax",
        text="""\
name: jax-gpu
channels:
  - conda-forge
dependencies:
  - python=3.12
  - jax
  - jaxlib=0.7.2=*cuda*
  - pip
  - scipy
  - tqdm
""",
        cuda="11.8",
        cores=(Expected(CoreKind.MISSING_VIRTUAL, ("jaxlib",)),),
        fix=("jaxlib",),
        daily=True,
    ),
    Case(
        name="old-glibc",
        text="""\
name: centos7
channels:
  - conda-forge
dependencies:
  - python=3.12
  - pytorch-gpu=2.9.1
  - numpy>=2
  - pandas
  - pip
  - tqdm
""",
        glibc="2.17",
        cores=(Expected(CoreKind.MISSING_VIRTUAL, ("pytorch-gpu",)),),
        fix=("pytorch-gpu",),
    ),
    Case(
        name="no-archspec",
        text="""\
name: emulated
channels:
  - conda-forge
dependencies:
  - python=3.12
  - tensorflow=2.18=cpu*
  - pandas
  - pip
  - requests
  - tqdm
""",
        archspec=None,
        cores=(Expected(CoreKind.MISSING_VIRTUAL, ("tensorflow",)),),
    ),
    Case(
        name="only-for-windows",
        text="""\
name: exported-on-windows
channels:
  - conda-forge
dependencies:
  - python=3.12
  - pandas
  - win_inet_pton
  - wincertstore
  - requests
  - pip
""",
        cores=(
            Expected(CoreKind.PLATFORM, ("win_inet_pton",)),
            Expected(CoreKind.PLATFORM, ("wincertstore",)),
        ),
        fix=("win_inet_pton", "wincertstore"),
    ),
    Case(
        name="only-for-x86",
        text="""\
name: grace-hopper
channels:
  - conda-forge
dependencies:
  - numpy
  - scipy>=1.14
  - tzdata
  - ca-certificates
  - font-ttf-dejavu-sans-mono
  - zlib
""",
        platform="linux-aarch64",
        cores=(
            Expected(CoreKind.PLATFORM, ("numpy",)),
            Expected(CoreKind.PLATFORM, ("scipy",)),
            Expected(CoreKind.PLATFORM, ("zlib",)),
        ),
    ),
    Case(
        name="strict-hides-pytorch-gpu",
        text="""\
name: strict
channels:
  - pytorch
  - nvidia
  - conda-forge
dependencies:
  - python=3.12
  - pytorch-gpu=2.7.1
  - numpy>=2
  - pip
  - requests
  - tqdm
  - pandas
  - ipykernel
""",
        priority="strict",
        cores=(Expected(CoreKind.CHANNEL_PRIORITY, ("pytorch-gpu",)),),
        daily=True,
    ),
    Case(
        name="strict-hides-cuda-version",
        text="""\
name: strict
channels:
  - nvidia
  - conda-forge
dependencies:
  - python=3.12
  - cupy
  - cuda-version=12.8   # what the driver serves
  - numpy>=2
  - pip
  - tqdm
""",
        priority="strict",
        cores=(Expected(CoreKind.CHANNEL_PRIORITY, ("cupy", "cuda-version")),),
    ),
    Case(
        name="strict-hides-torchvision",
        text="""\
name: strict
channels:
  - pytorch
  - nvidia
  - conda-forge
dependencies:
  - python=3.12
  - pytorch=2.7.1
  - torchvision=0.22.0
  - numpy>=2
  - pip
  - tqdm
""",
        priority="strict",
        cores=(Expected(CoreKind.CHANNEL_PRIORITY, ("torchvision",)),),
    ),
    Case(
        name="strict-behind-2018",
        tree=WIDE,
        text="""\
name: strict
channels:
  - defaults-2018     # the mirror of the institute
  - conda-forge
dependencies:
  - python=3.11
  - numpy=1.26
  - pandas=2.1
  - scipy
  - pip
  - tqdm
""",
        priority="strict",
        cores=(
            Expected(CoreKind.CHANNEL_PRIORITY, ("python",)),
            Expected(CoreKind.CHANNEL_PRIORITY, ("numpy",)),
            Expected(CoreKind.CHANNEL_PRIORITY, ("pandas",)),
        ),
        time_class=HEAVY,
    ),
)
