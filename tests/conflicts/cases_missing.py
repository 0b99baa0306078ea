"""Lines that nothing can satisfy: names, versions, builds and channels that do not exist."""

from envbench.model.conflict import CoreKind
from tests.conflicts.case import HEAVY, WIDE, Case, Expected

MISSING = (
    Case(
        name="article",
        tree=WIDE,
        text="""\
name: ml-article
channels:
  - conda-forge
  - pytorch
  - nvidia
dependencies:
  - python=3.9          # what the cluster has
  - pip
  - jupyterlab
  # the data stack
  - numpy=1.23.*
  - pandas
  - matplotlib
  - scikit-learn
  # deep learning
  - pytorch::pytorch=1.13.1
  - pytorch::torchvision=0.14.1
  - tensorflow=2.13.0   # as in the article
""",
        cores=(Expected(CoreKind.MISSING_VERSION, ("tensorflow",)),),
        fix=("tensorflow",),
        time_class=HEAVY,
        daily=True,
    ),
    Case(
        name="typo-pytroch",
        text="""\
name: vision
channels: # our mirror has all three
  - pytorch
  - nvidia
  - conda-forge
dependencies:
  - python=3.11
  - pytroch=2.1.0   # the model was trained with it
  - torchvision
  - numpy=1.26
  - pandas
  - pip
  - jupyterlab
  - matplotlib
  - tqdm
  - requests
""",
        cores=(Expected(CoreKind.MISSING_PACKAGE, ("pytroch",)),),
        fix=("pytroch",),
        daily=True,
    ),
    Case(
        name="torch-for-pytorch",
        text="""\
name: vision
channels:
  - pytorch
  - nvidia
  - conda-forge
dependencies:
  - python=3.11
  - pip
  - pytorch::torch=2.1.0   # as in requirements.txt
  - torchvision=0.16.0
  - numpy=1.26
  - tqdm
  - requests
""",
        cores=(Expected(CoreKind.MISSING_PACKAGE, ("torch",)),),
        fix=("torch",),
    ),
    Case(
        name="sklearn",
        text="""\
name: stats
channels:
  - conda-forge
dependencies:
  - python=3.12
  - numpy
  - pandas>=2.2
  - sklearn           # import name
  - matplotlib
  - ipykernel
  - scipy
  - seaborn
  - jupyterlab
  - requests
""",
        cores=(Expected(CoreKind.MISSING_PACKAGE, ("sklearn",)),),
        fix=("sklearn",),
    ),
    Case(
        name="jupyter-lab",
        text="""\
name: class
channels:
  - conda-forge
dependencies:
  - python=3.12
  - jupyter-lab>=4
  - numpy=2
  - pandas
  - scipy
  - matplotlib
""",
        cores=(Expected(CoreKind.MISSING_PACKAGE, ("jupyter-lab",)),),
        fix=("jupyter-lab",),
    ),
    Case(
        name="two-gaps",
        text="""\
name: old-numbers
channels:
  - conda-forge
dependencies:
  - python>=3.10,<3.12
  - pip
  # frozen long ago
  - numpy=1.24.9
  - scipy=1.10.2
  - pandas
  - requests
  - tqdm
""",
        cores=(
            Expected(CoreKind.MISSING_VERSION, ("numpy",)),
            Expected(CoreKind.MISSING_VERSION, ("scipy",)),
        ),
        fix=("numpy", "scipy"),
        daily=True,
    ),
    Case(
        name="keras-2-beside-tensorflow",
        text="""\
name: keras
channels:
  - conda-forge
dependencies:
  - python=3.12
  - tensorflow=2.18
  - keras=2          # the book uses it
  - pandas
  - pip
  - tqdm
""",
        cores=(Expected(CoreKind.MISSING_VERSION, ("keras",)),),
        fix=("keras",),
    ),
    Case(
        name="python-3.7-is-gone",
        tree=WIDE,
        text="""\
name: legacy
channels:
  - conda-forge
dependencies:
  - python=3.7      # the production image
  - jupyterlab
  - pandas
  - pip
  - requests
  - tqdm
""",
        cores=(Expected(CoreKind.MISSING_VERSION, ("python",)),),
        fix=("python",),
    ),
    Case(
        name="matplotlib-3-in-2018",
        tree=WIDE,
        text="""\
name: y2018
channels:
  - defaults-2018
dependencies:
  - python=3.6
  - matplotlib>=3
  - numpy
  - jupyter
  - pandas=0.23
  - pip
""",
        cores=(Expected(CoreKind.MISSING_VERSION, ("matplotlib",)),),
        fix=("matplotlib",),
    ),
    Case(
        name="no-build-for-cuda-11.6",
        text="""\
name: pinned-build
channels:
  - pytorch
  - nvidia
  - conda-forge
dependencies:
  - python=3.10
  - pytorch=2.1.0=*cuda11.6*   # the driver of the lab
  - torchvision=0.16.0
  - numpy=1.26
  - pandas
  - pip
  - matplotlib
  - jupyterlab
  - tqdm
""",
        cores=(Expected(CoreKind.MISSING_BUILD, ("pytorch",)),),
        fix=("pytorch",),
    ),
    Case(
        name="two-missing-builds",
        tree=WIDE,
        text="""\
name: builds
channels:
  - conda-forge
  - pytorch
dependencies:
  - python=3.9
  - pytorch::pytorch=1.13.1=*cuda11.8*
  - pytorch::torchvision=0.14.1=*cu118
  - numpy=1.23
  - pip
  - tqdm
""",
        cores=(
            Expected(CoreKind.MISSING_BUILD, ("pytorch",)),
            Expected(CoreKind.MISSING_BUILD, ("torchvision",)),
        ),
        fix=("pytorch", "torchvision"),
    ),
    Case(
        name="build-cuda118",
        text="""\
name: forge-gpu
channels:
  - conda-forge
dependencies:
  - python=3.12
  - pytorch=2.5.1=cuda118*
  - pandas
  - scikit-learn
  - pip
  - requests
  - tqdm
""",
        cores=(Expected(CoreKind.MISSING_BUILD, ("pytorch",)),),
    ),
    Case(
        name="openblas-by-name",
        text="""\
name: blas
channels:
  - pytorch
  - nvidia
  - conda-forge
dependencies:
  - python=3.11
  - pytorch=2.1.0
  - blas=*=openblas   # no MKL on this cluster
  - numpy=1.26
  - pip
  - tqdm
""",
        cores=(Expected(CoreKind.MISSING_BUILD, ("blas",)),),
        fix=("blas",),
    ),
    Case(
        name="numpy-of-pytorch",
        text="""\
name: channels
channels:
  - conda-forge
  - pytorch
  - nvidia
dependencies:
  - python=3.12
  - pytorch::numpy=1.26     # keep it from one channel
  - pandas
  - matplotlib
  - pip
  - tqdm
  - scipy
  - scikit-learn
  - jupyterlab
""",
        cores=(Expected(CoreKind.WRONG_CHANNEL, ("numpy",)),),
        fix=("numpy",),
        daily=True,
    ),
    Case(
        name="pytorch-of-nvidia",
        text="""\
name: channels
channels:
  - conda-forge
  - pytorch
  - nvidia
dependencies:
  - python=3.12
  - nvidia::pytorch        # GPU build
  - pandas
  - pip
  - requests
  - tqdm
""",
        cores=(Expected(CoreKind.WRONG_CHANNEL, ("pytorch",)),),
        fix=("pytorch",),
    ),
    Case(
        name="pytorch-cuda-of-forge",
        text="""\
name: channels
channels:
  - conda-forge
  - pytorch
  - nvidia
dependencies:
  - python=3.11
  - conda-forge::pytorch-cuda=11.8
  - pytorch::pytorch=2.1.0
  - pandas
  - pip
  - tqdm
""",
        cores=(Expected(CoreKind.WRONG_CHANNEL, ("pytorch-cuda",)),),
        fix=("pytorch-cuda",),
    ),
    Case(
        name="new-version-in-old-channel",
        text="""\
name: channels
channels:
  - pytorch
  - nvidia
  - conda-forge
dependencies:
  - python=3.12
  - pytorch::pytorch=2.7.1
  - numpy>=2
  - pandas
  - pip
  - tqdm
""",
        cores=(Expected(CoreKind.WRONG_CHANNEL, ("pytorch",)),),
        fix=("pytorch",),
    ),
)
