"""Frameworks, CUDA and drivers that do not go together."""

from envbench.model.conflict import CoreKind
from tests.conflicts.case import HEAVY, WIDE, Case, Expected

IN = CoreKind.INCOMPATIBLE

GPU = (
    Case(
        name="torchvision-too-new",
        text="""\
name: vision
channels:
  - pytorch
  - nvidia
  - conda-forge
dependencies:
  - python=3.10
  - pytorch=1.13.1
  - torchvision=0.15.2    # bumped by a bot
  - numpy=1.26
  - pandas
  - ipykernel
  - pip
  - tqdm
""",
        cores=(Expected(IN, ("pytorch", "torchvision")),),
    ),
    Case(
        name="torchvision-between-two",
        text="""\
name: media
channels:
  - pytorch
  - nvidia
  - conda-forge
dependencies:
  - python=3.10
  # all three from one release, or so we thought
  - pytorch=2.0.1
  - torchvision=0.14.1
  - torchaudio=2.0.2
  - numpy=1.26
  - pip
  - requests
  - jupyterlab
  - matplotlib
  - pyyaml
  - scipy
""",
        cores=(
            Expected(IN, ("pytorch", "torchvision")),
            Expected(IN, ("torchvision", "torchaudio")),
        ),
        fix=("torchvision",),
    ),
    Case(
        name="torchvision-of-other-release",
        tree=WIDE,
        text="""\
name: vision
channels:
  - conda-forge
dependencies:
  - python=3.9
  - pytorch=1.13
  - torchvision=0.15
  - pandas
  - pip
  - tqdm
""",
        cores=(
            Expected(IN, ("python", "torchvision")),
            Expected(IN, ("pytorch", "torchvision")),
        ),
        fix=("torchvision",),
    ),
    Case(
        name="torchvision-build-against-cpu",
        text="""\
name: cpu-first
channels:
  - pytorch
  - nvidia
  - conda-forge
dependencies:
  - python=3.10
  - pytorch=2.0.1=*cpu*
  - torchvision=0.15.2=*cu118
  - torchaudio
  - pip
  - tqdm
""",
        cores=(Expected(IN, ("pytorch", "torchvision")),),
    ),
    Case(
        name="cpuonly-against-cuda-build",
        text="""\
name: mixed
channels:
  - pytorch
  - nvidia
  - conda-forge
dependencies:
  - python=3.10
  - pytorch=2.1.0=*cuda11.8*
  - cpuonly                  # left over from CI
  - numpy=1.26
  - pip
  - tqdm
""",
        cores=(Expected(IN, ("pytorch", "cpuonly")),),
        daily=True,
    ),
    Case(
        name="pytorch-cuda-11.7-alone",
        text="""\
name: cuda117
channels:
  - pytorch
  - nvidia
  - conda-forge
dependencies:
  - python=3.10
  - pytorch=2.0.1
  - pytorch-cuda=11.7
  - numpy=1.26
  - pip
  - tqdm
""",
        cores=(Expected(IN, ("pytorch-cuda",)),),
        fix=("pytorch-cuda",),
        daily=True,
    ),
    Case(
        name="pytorch-cuda-of-other-release",
        text="""\
name: cuda118
channels:
  - pytorch
  - nvidia
  - conda-forge
dependencies:
  - python=3.11
  - pytorch::pytorch=2.5.1
  - pytorch-cuda=11.8
  - torchvision=0.20
  - pip
  - tqdm
  - pandas>=2
  - scikit-learn
  - jupyterlab
  - ipywidgets
  - pillow
""",
        cores=(
            Expected(IN, ("pytorch", "pytorch-cuda")),
            Expected(IN, ("pytorch-cuda", "torchvision")),
        ),
        fix=("pytorch-cuda",),
    ),
    Case(
        name="forge-pytorch-and-cuda-11.8",
        text="""\
name: forge
channels:
  - conda-forge
dependencies:
  - python=3.12
  - pytorch=2.7.1=cuda*
  - cuda-version=11.8
  - pandas
  - pip
  - tqdm
  - scikit-learn
  - jupyterlab
  - matplotlib
  - pyyaml
""",
        cores=(Expected(IN, ("pytorch", "cuda-version")),),
        fix=("cuda-version",),
    ),
    Case(
        name="cudnn-8",
        text="""\
name: cudnn
channels:
  - conda-forge
dependencies:
  - python=3.12
  - pytorch=2.9.1=cuda*
  - cudnn=8          # from the wiki
  - scikit-learn
  - pip
  - tqdm
  - pandas
  - matplotlib
  - jupyterlab
  - pyyaml
""",
        cores=(
            Expected(IN, ("python", "pytorch")),
            Expected(IN, ("pytorch", "cudnn")),
        ),
    ),
    Case(
        name="nccl-2.22",
        text="""\
name: cluster
channels:
  - conda-forge
dependencies:
  - python=3.11
  - nccl=2.22            # as on the nodes
  - pytorch=2.9.1=cuda*
  - pip
  - requests
  - tqdm
""",
        cores=(Expected(IN, ("nccl", "pytorch")),),
    ),
    Case(
        name="libtorch-of-other-release",
        text="""\
name: bindings
channels:
  - conda-forge
dependencies:
  - python=3.12
  - libtorch=2.7
  - pytorch=2.6
  - cudnn
  - pip
  - tqdm
""",
        cores=(Expected(IN, ("libtorch", "pytorch")),),
    ),
    Case(
        name="mkl-2022",
        text="""\
name: mkl
channels:
  - conda-forge
dependencies:
  - python=3.12
  - mkl=2022
  - numpy=2.2
  - pytorch=2.7.1=cpu_mkl*
  - pip
  - tqdm
""",
        cores=(Expected(IN, ("mkl", "pytorch")),),
    ),
    Case(
        name="pytorch-2.0-and-python-3.12",
        text="""\
name: upgrade
channels:
  - pytorch
  - nvidia
  - conda-forge
dependencies:
  - python=3.12
  - pytorch=2.0.1
  - torchvision
  - pandas
  - pip
  - tqdm
""",
        cores=(Expected(IN, ("python", "pytorch")),),
    ),
    Case(
        name="cupy-14-and-cuda-11.8",
        text="""\
name: cupy
channels:
  - conda-forge
dependencies:
  - python=3.11
  - cupy=14
  - cuda-version=11.8
  - numba
  - pip
  - tqdm
""",
        cores=(Expected(IN, ("cupy", "cuda-version")),),
    ),
    Case(
        name="jaxlib-of-other-release",
        text="""\
name: jax
channels:
  - conda-forge
dependencies:
  - python=3.12
  - jax=0.4.35
  - jaxlib=0.5.2
  - numpy
  - pip
  - tqdm
  - scipy
  - matplotlib
  - pandas
  - ipykernel
""",
        cores=(Expected(IN, ("jax", "jaxlib")),),
    ),
    Case(
        name="jax-0.9-and-python-3.10",
        text="""\
name: jax
channels:
  - conda-forge
dependencies:
  - python=3.10
  - jax=0.9.2
  - jaxlib
  - numpy
  - pip
  - tqdm
""",
        cores=(Expected(IN, ("python", "jax")),),
    ),
    Case(
        name="jaxlib-cuda-and-cuda-12.4",
        text="""\
name: jax-gpu
channels:
  - conda-forge
dependencies:
  - python=3.13
  - jax
  - jaxlib=0.5.2=*cuda*
  - cuda-version=12.4
  - pip
  - tqdm
""",
        cores=(Expected(IN, ("jaxlib", "cuda-version")),),
    ),
    Case(
        name="flax-and-two-jaxes",
        tree=WIDE,
        text="""\
name: flax
channels:
  - conda-forge
dependencies:
  - python=3.11
  - jax=0.3.25
  - jaxlib=0.3.22
  - flax=0.8
  - pip
  - tqdm
""",
        cores=(
            Expected(IN, ("python", "jaxlib")),
            Expected(IN, ("jax", "flax")),
            Expected(IN, ("jaxlib", "flax")),
        ),
        time_class=HEAVY,
    ),
    Case(
        name="tensorflow-2.10-and-python-3.11",
        tree=WIDE,
        text="""\
name: tf
channels:
  - conda-forge
dependencies:
  - python=3.11
  - tensorflow=2.10   # last one with the old optimizer
  - numpy
  - pandas
  - pip
  - tqdm
""",
        cores=(Expected(IN, ("python", "tensorflow")),),
        time_class=HEAVY,
    ),
    Case(
        name="tensorflow-and-new-typing-extensions",
        tree=WIDE,
        text="""\
name: tf-openai
channels:
  - conda-forge
dependencies:
  - python=3.11
  - tensorflow=2.13.1
  - typing_extensions>=4.6    # openai wants it
  - pandas
  - pip
  - tqdm
  - numpy
  - matplotlib
  - scikit-learn
  - jupyterlab
  - ipykernel
""",
        cores=(Expected(IN, ("tensorflow", "typing_extensions")),),
        time_class=HEAVY,
    ),
    Case(
        name="tensorflow-2.15-and-keras-3",
        tree=WIDE,
        text="""\
name: keras3
channels:
  - conda-forge
dependencies:
  - python=3.11
  - tensorflow=2.15
  - keras=3
  - numpy
  - pip
  - tqdm
""",
        cores=(Expected(IN, ("tensorflow", "keras")),),
    ),
    Case(
        name="tensorflow-and-protobuf-5.29",
        text="""\
name: proto
channels:
  - conda-forge
dependencies:
  - python=3.12
  - tensorflow=2.18
  - protobuf=5.29.3
  - pip
  - requests
  - tqdm
  - pandas
  - matplotlib
  - scikit-learn
  - ipykernel
  - pillow
""",
        cores=(Expected(IN, ("tensorflow", "protobuf")),),
    ),
    Case(
        name="tensorflow-2.17-alone",
        text="""\
name: tf
channels:
  - conda-forge
dependencies:
  - python=3.11
  - tensorflow=2.17
  - pandas
  - pip
  - requests
  - tqdm
""",
        cores=(Expected(IN, ("tensorflow",)),),
        fix=("tensorflow",),
    ),
    Case(
        name="tensorflow-cuda-12.0-and-pytorch-11.8",
        tree=WIDE,
        text="""\
name: both
channels:
  - conda-forge
dependencies:
  - python=3.11
  - tensorflow=2.15=cuda120*
  - pytorch-gpu=2.3
  - cuda-version=11.8
  - pip
  - tqdm
""",
        cores=(Expected(IN, ("tensorflow", "pytorch-gpu")),),
        time_class=HEAVY,
    ),
    Case(
        name="python-3.13-for-two-frameworks",
        text="""\
name: both
channels:
  - pytorch
  - nvidia
  - conda-forge
dependencies:
  - python=3.13       # newest is best
  - tensorflow=2.18
  - pytorch::pytorch=2.5.1
  - numpy
  - pip
  - tqdm
  - pandas
  - matplotlib
  - scikit-learn
  - jupyterlab
  - seaborn
""",
        cores=(
            Expected(IN, ("python", "tensorflow")),
            Expected(IN, ("python", "pytorch")),
        ),
        fix=("python",),
    ),
    Case(
        name="faiss-gpu",
        text="""\
name: search
channels:
  - pytorch
  - nvidia
  - conda-forge
dependencies:
  - python=3.10
  - faiss-gpu=1.7.3
  - pytorch=2.0.1
  - pip
  - requests
  - tqdm
""",
        cores=(Expected(IN, ("python", "faiss-gpu")),),
    ),
    Case(
        name="lightning-and-old-pytorch",
        tree=WIDE,
        text="""\
name: lightning
channels:
  - pytorch
  - conda-forge
dependencies:
  - python=3.10
  - pytorch-lightning=2.6
  - pytorch::pytorch=1.13.1
  - pandas
  - pip
  - tqdm
""",
        cores=(Expected(IN, ("pytorch-lightning", "pytorch")),),
        time_class=HEAVY,
    ),
)
