"""What rattler says of some conflicts, cut to size."""

SOLVER_TEXTS = {
    "two_options": """\
Cannot solve the request because of: The following packages are incompatible
├─ tensorflow 2.18.* can be installed with any of the following options:
│  ├─ tensorflow 2.18.0 would require
│  │  └─ tensorflow-base ==2.18.0 cpu_py312h11d59fd_2, which can be installed with any of the following options:
│  │     └─ tensorflow-base 2.18.0 would require
│  │        └─ libprotobuf >=5.28.3,<5.28.4.0a0, which can be installed with any of the following options:
│  │           └─ libprotobuf 5.28.3
│  └─ tensorflow 2.18.0 would require
│     └─ tensorflow-base ==2.18.0 cpu_py311h726d943_2, which can be installed with any of the following options:
│        └─ tensorflow-base 2.18.0 would require
│           └─ libprotobuf >=5.28.3,<5.28.4.0a0, which can be installed with any of the following options:
│              └─ libprotobuf 5.28.3
└─ pytorch ==2.4 cuda* cannot be installed because there are no viable options:
   └─ pytorch 2.4.0 would require
      └─ libprotobuf >=4.25.3,<4.25.4.0a0, which cannot be installed because there are no viable options:
         ├─ libprotobuf 4.25.3, which conflicts with the versions reported above.
         └─ libprotobuf 4.25.3, which conflicts with the versions reported above.
""",
    "pandas": """\
Cannot solve the request because of: pandas 2.2.* cannot be installed because there are no viable options:
├─ pandas 2.2.3 would require
│  └─ python >=3.9,<3.10.0a0, for which no candidates were found.
├─ pandas 2.2.3 would require
│  └─ python >=3.13.0rc2,<3.14.0a0, for which no candidates were found.
├─ pandas 2.2.2 | 2.2.3 would require
│  └─ python >=3.12,<3.13.0a0, for which no candidates were found.
├─ pandas 2.2.2 would require
│  └─ numpy >=1.26.4,<2.0a0, for which no candidates were found.
├─ pandas 2.2.0 | 2.2.1 | 2.2.2 | 2.2.3 would require
│  └─ python >=3.11,<3.12.0a0, for which no candidates were found.
├─ pandas 2.2.0 | 2.2.2 | 2.2.3 would require
│  └─ python >=3.10,<3.11.0a0, for which no candidates were found.
└─ pandas 2.2.0 would require
   └─ numpy >=1.26.3,<2.0a0, for which no candidates were found.
""",
    "absl": """\
Cannot solve the request because of: pytorch 2.12.* cannot be installed because there are no viable options:
├─ pytorch 2.12.0 would require
│  └─ python >=3.13,<3.14.0a0, for which no candidates were found.
└─ pytorch 2.12.0 would require
   └─ python >=3.14,<3.15.0a0, for which no candidates were found.
The following packages are incompatible
├─ tensorflow 2.17.* can be installed with any of the following options:
│  └─ tensorflow 2.17.0 would require
│     └─ tensorflow-base ==2.17.0 cpu_py311h0e3e7eb_2, which can be installed with any of the following options:
│        └─ tensorflow-base 2.17.0 would require
│           └─ libgrpc >=1.62.2,<1.63.0a0, which can be installed with any of the following options:
│              └─ libgrpc 1.62.2 would require
│                 └─ libabseil >=20240116.1,<20240117.0a0, which can be installed with any of the following options:
│                    └─ libabseil 20240116.1
└─ pytorch 2.12.* cannot be installed because there are no viable options:
   └─ pytorch 2.12.0 would require
      └─ libabseil >=20260107.1,<20260108.0a0, which cannot be installed because there are no viable options:
         └─ libabseil 20260107.1, which conflicts with the versions reported above.
""",
    "torchvision": """\
Cannot solve the request because of: torchvision 0.15.* cannot be installed because there are no viable options:
├─ torchvision 0.15.2 would require
│  └─ pytorch ==2.0.1, for which no candidates were found.
├─ torchvision 0.15.2 would require
│  └─ python >=3.11,<3.12.0a0, for which no candidates were found.
├─ torchvision 0.15.0 would require
│  └─ pytorch ==2.0.0, for which no candidates were found.
├─ torchvision 0.15.0 | 0.15.2 would require
│  └─ python >=3.8,<3.9.0a0, for which no candidates were found.
└─ torchvision 0.15.0 | 0.15.2 would require
   └─ python >=3.10,<3.11.0a0, for which no candidates were found.
""",
    "jax": """\
Cannot solve the request because of: jax >=0.4.30 cannot be installed because there are no viable options:
├─ jax 0.7.0 | 0.7.1 | ... | 0.10.2 would require
│  └─ python >=3.11, for which no candidates were found.
├─ jax 0.4.31 | 0.4.34 | ... | 0.6.2 would require
│  └─ python >=3.10, for which no candidates were found.
└─ jax 0.4.31 would require
   └─ jaxlib >=0.4.30,<=0.4.31, which cannot be installed because there are no viable options:
      ├─ jaxlib 0.4.31 would require
      │  └─ python >=3.12,<3.13.0a0, for which no candidates were found.
      └─ jaxlib 0.4.31 would require
         └─ python >=3.11,<3.12.0a0, for which no candidates were found.
""",
    "h5py": """\
Cannot solve the request because of: h5py * cannot be installed because there are no viable options:
├─ h5py 3.16.0 would require
│  └─ hdf5 >=2.1.0,<3.0a0, for which no candidates were found.
├─ h5py 3.15.1 | 3.16.0 would require
│  └─ hdf5 >=1.14.6,<1.14.7.0a0, for which no candidates were found.
├─ h5py 3.13.0 would require
│  └─ hdf5 >=1.14.3,<1.14.4.0a0, for which no candidates were found.
├─ h5py 3.12.1 would require
│  └─ hdf5 >=1.14.4,<1.14.5.0a0, for which no candidates were found.
└─ h5py 3.7.0 would require
   └─ hdf5 >=1.12.2,<1.12.3.0a0, for which no candidates were found.
""",
    "protobuf": """\
Cannot solve the request because of: tensorflow 2.18.* cannot be installed because there are no viable options:
├─ tensorflow 2.18.0 would require
│  └─ tensorflow-base ==2.18.0 cpu_py312h11d59fd_2, which cannot be installed because there are no viable options:
│     └─ tensorflow-base 2.18.0 would require
│        └─ protobuf >=5.26,<6, for which no candidates were found.
└─ tensorflow 2.18.0 would require
   └─ tensorflow-base ==2.18.0 cpu_py311h726d943_2, which cannot be installed because there are no viable options:
      └─ tensorflow-base 2.18.0 would require
         └─ protobuf >=5.26,<6, for which no candidates were found.
""",
    "gpu": """\
Cannot solve the request because of: pytorch-gpu * cannot be installed because there are no viable options:
├─ pytorch-gpu 2.12.0 would require
│  └─ pytorch ==2.12.0 cuda*_mkl*300, which cannot be installed because there are no viable options:
│     └─ pytorch 2.12.0 would require
│        └─ cuda-version >=12.9,<13, for which no candidates were found.
├─ pytorch-gpu 2.10.0 would require
│  └─ pytorch ==2.10.0 cuda*_mkl*302, which cannot be installed because there are no viable options:
│     └─ pytorch 2.10.0 would require
│        └─ cuda-version >=12.9,<13, for which no candidates were found.
├─ pytorch-gpu 2.10.0 would require
│  └─ pytorch ==2.10.0 cuda*_mkl*301, which cannot be installed because there are no viable options:
│     └─ pytorch 2.10.0 would require
│        └─ cuda-version >=12.9,<13, for which no candidates were found.
├─ pytorch-gpu 2.9.1 would require
│  └─ pytorch ==2.9.1 cuda*_mkl*301, which cannot be installed because there are no viable options:
│     └─ pytorch 2.9.1 would require
│        └─ cuda-version >=12.9,<13, for which no candidates were found.
├─ pytorch-gpu 2.8.0 would require
│  └─ pytorch ==2.8.0 cuda*_mkl*302, which cannot be installed because there are no viable options:
│     └─ pytorch 2.8.0 would require
│        └─ cuda-version >=12.9,<13, for which no candidates were found.
├─ pytorch-gpu 2.7.1 would require
│  └─ pytorch ==2.7.1 cuda*_mkl*304, which cannot be installed because there are no viable options:
│     └─ pytorch 2.7.1 would require
│        └─ cuda-version >=12.9,<13, for which no candidates were found.
├─ pytorch-gpu 2.7.1 would require
│  └─ pytorch ==2.7.1 cuda*_mkl*302, which cannot be installed because there are no viable options:
│     └─ pytorch 2.7.1 would require
│        └─ cuda-version >=12.9,<13, for which no candidates were found.
├─ pytorch-gpu 2.7.1 would require
│  └─ pytorch ==2.7.1 cuda*_mkl*300, which cannot be installed because there are no viable options:
│     └─ pytorch 2.7.1 would require
│        └─ cuda-version >=12.6,<13, for which no candidates were found.
├─ pytorch-gpu 2.7.0 would require
│  └─ pytorch ==2.7.0 cuda*_mkl*300, which cannot be installed because there are no viable options:
│     └─ pytorch 2.7.0 would require
│        └─ cuda-version >=12.6,<13, for which no candidates were found.
├─ pytorch-gpu 2.6.0 would require
│  └─ pytorch ==2.6.0 cuda*_mkl*300, which cannot be installed because there are no viable options:
│     └─ pytorch 2.6.0 would require
│        └─ cuda-version >=12.6,<13, for which no candidates were found.
├─ pytorch-gpu 2.5.1 would require
│  └─ pytorch ==2.5.1 cuda*_mkl*313, which cannot be installed because there are no viable options:
│     └─ pytorch 2.5.1 would require
│        └─ cuda-version >=12.6,<13, for which no candidates were found.
├─ pytorch-gpu 2.5.1 would require
│  └─ pytorch ==2.5.1 cuda*_mkl*310, which cannot be installed because there are no viable options:
│     └─ pytorch 2.5.1 would require
│        └─ cuda-version >=12.6,<13, for which no candidates were found.
├─ pytorch-gpu 2.5.1 would require
│  └─ pytorch ==2.5.1 cuda*_mkl*309, which cannot be installed because there are no viable options:
│     └─ pytorch 2.5.1 would require
│        └─ cuda-version >=12.6,<13, for which no candidates were found.
├─ pytorch-gpu 2.5.1 would require
│  └─ pytorch ==2.5.1 cuda*306, which cannot be installed because there are no viable options:
│     └─ pytorch 2.5.1 would require
│        └─ cuda-version >=12.6,<13, for which no candidates were found.
├─ pytorch-gpu 2.5.1 would require
│  └─ pytorch ==2.5.1 cuda*305, which cannot be installed because there are no viable options:
│     └─ pytorch 2.5.1 would require
""",
    "arrow": """\
Cannot solve the request because of: tensorflow * cannot be installed because there are no viable options:
└─ tensorflow 2.18.0 would require
   └─ python >=3.12,<3.13.0a0, for which no candidates were found.
pyarrow 14.* cannot be installed because there are no viable options:
├─ pyarrow 14.0.2 would require
│  └─ python >=3.8,<3.9.0a0, for which no candidates were found.
├─ pyarrow 14.0.1 | 14.0.2 would require
│  └─ python >=3.10,<3.11.0a0, for which no candidates were found.
└─ pyarrow 14.0.1 | 14.0.2 would require
   └─ python >=3.12,<3.13.0a0, for which no candidates were found.
The following packages are incompatible
├─ tensorflow * cannot be installed because there are no viable options:
│  ├─ tensorflow 2.18.0 would require
│  │  └─ tensorflow-base ==2.18.0 cpu_py311h726d943_2, which cannot be installed because there are no viable options:
│  │     └─ tensorflow-base 2.18.0 would require
│  │        └─ libprotobuf >=5.28.3,<5.28.4.0a0, which cannot be installed because there are no viable options:
│  │           └─ libprotobuf 5.28.3, which conflicts with the versions reported above.
│  └─ tensorflow 2.17.0 would require
│     └─ tensorflow-base ==2.17.0 cpu_py311h0e3e7eb_2, which cannot be installed because there are no viable options:
│        └─ tensorflow-base 2.17.0 would require
│           ├─ libzlib >=1.3.1,<2.0a0, which cannot be installed because there are no viable options:
│           │  ├─ libzlib 1.3.2, which conflicts with the versions reported above.
│           │  ├─ libzlib 1.3.2, which conflicts with the versions reported above.
│           │  ├─ libzlib 1.3.1, which conflicts with the versions reported above.
│           │  ├─ libzlib 1.3.1, which conflicts with the versions reported above.
│           │  └─ libzlib 1.3.1, which conflicts with the versions reported above.
│           ├─ libgrpc >=1.62.2,<1.63.0a0, which cannot be installed because there are no viable options:
│           │  └─ libgrpc 1.62.2 would require
│           │     └─ libzlib >=1.2.13,<1.3.0a0, which cannot be installed because there are no viable options:
│           │        ├─ libzlib 1.2.13, which conflicts with the versions reported above.
│           │        ├─ libzlib 1.2.13, which conflicts with the versions reported above.
│           │        └─ libzlib 1.2.13, which conflicts with the versions reported above.
│           └─ libprotobuf >=4.25.3,<4.25.4.0a0, which cannot be installed because there are no viable options:
│              ├─ libprotobuf 4.25.3, which conflicts with the versions reported above.
│              └─ libprotobuf 4.25.3, which conflicts with the versions reported above.
└─ pyarrow 14.* cannot be installed because there are no viable options:
   ├─ pyarrow 14.0.2 would require
   │  └─ libarrow-substrait ==14.0.2 ha33d14e_48_cpu, which cannot be installed because there are no viable options:
   │     └─ libarrow-substrait 14.0.2 would require
   │        └─ libprotobuf >=5.27.5,<5.27.6.0a0, which cannot be installed because there are no viable options:
   │           └─ libprotobuf 5.27.5, which conflicts with the versions reported above.
   ├─ pyarrow 14.0.2 would require
   │  └─ libarrow-substrait ==14.0.2 ha33d14e_47_cpu, which cannot be installed because there are no viable options:
   │     └─ libarrow-substrait 14.0.2 would require
   │        └─ libprotobuf >=5.27.5,<5.27.6.0a0, which cannot be installed because there are no viable options:
   │           └─ libprotobuf 5.27.5, which conflicts with the versions reported above.
   ├─ pyarrow 14.0.2 would require
   │  └─ libarrow-substrait ==14.0.2 hce182e0_41_cpu, which cannot be installed because there are no viable options:
   │     └─ libarrow-substrait 14.0.2 would require
   │        └─ libprotobuf >=4.25.3,<4.25.4.0a0, which cannot be installed because there are no viable options:
   │           ├─ libprotobuf 4.25.3, which conflicts with the versions reported above.
   │           └─ libprotobuf 4.25.3, which conflicts with the versions reported above.
   ├─ pyarrow 14.0.2 would require
   │  └─ libarrow-substrait ==14.0.2 h61825be_31_cpu, which cannot be installed because there are no viable options:
   │     └─ libarrow-substrait 14.0.2 would require
   │        └─ libprotobuf >=4.25.3,<4.25.4.0a0, which cannot be installed because there are no viable options:
   │           ├─ libprotobuf 4.25.3, which conflicts with the versions reported above.
   │           └─ libprotobuf 4.25.3, which conflicts with the versions reported above.
   ├─ pyarrow 14.0.2 would require
   │  └─ libarrow-substrait ==14.0.2 h61825be_30_cpu, which cannot be installed because there are no viable options:
""",
    "gdal": """\
Cannot solve the request because of: The following packages are incompatible
├─ gdal 3.8.* cannot be installed because there are no viable options:
│  ├─ gdal 3.8.5 would require
│  │  ├─ python_abi 3.11.* *_cp311, which cannot be installed because there are no viable options:
│  │  │  ├─ python_abi 3.11, which conflicts with the versions reported above.
│  │  │  ├─ python_abi 3.11, which conflicts with the versions reported above.
│  │  │  ├─ python_abi 3.11, which conflicts with the versions reported above.
│  │  │  ├─ python_abi 3.11, which conflicts with the versions reported above.
│  │  │  ├─ python_abi 3.11, which conflicts with the versions reported above.
│  │  │  ├─ python_abi 3.11, which conflicts with the versions reported above.
│  │  │  └─ python_abi 3.11, which conflicts with the versions reported above.
│  │  └─ libgdal ==3.8.5 h77540a9_7, which cannot be installed because there are no viable options:
│  │     └─ libgdal 3.8.5 would require
│  │        └─ lz4-c >=1.9.3,<1.10.0a0, which cannot be installed because there are no viable options:
│  │           ├─ lz4-c 1.9.4, which conflicts with the versions reported above.
│  │           ├─ lz4-c 1.9.3, which conflicts with the versions reported above.
│  │           └─ lz4-c 1.9.3, which conflicts with the versions reported above.
│  ├─ gdal 3.8.5 would require
│  │  └─ libgdal ==3.8.5 h77540a9_7, which cannot be installed because there are no viable options:
│  │     └─ libgdal 3.8.5 would require
│  │        └─ lz4-c >=1.9.3,<1.10.0a0, which cannot be installed because there are no viable options:
│  │           ├─ lz4-c 1.9.4, which conflicts with the versions reported above.
│  │           ├─ lz4-c 1.9.3, which conflicts with the versions reported above.
│  │           └─ lz4-c 1.9.3, which conflicts with the versions reported above.
│  ├─ gdal 3.8.5 would require
│  │  └─ libgdal ==3.8.5 h77540a9_5, which cannot be installed because there are no viable options:
│  │     └─ libgdal 3.8.5 would require
│  │        └─ lz4-c >=1.9.3,<1.10.0a0, which cannot be installed because there are no viable options:
│  │           ├─ lz4-c 1.9.4, which conflicts with the versions reported above.
│  │           ├─ lz4-c 1.9.3, which conflicts with the versions reported above.
│  │           └─ lz4-c 1.9.3, which conflicts with the versions reported above.
│  ├─ gdal 3.8.5 would require
│  │  └─ libgdal ==3.8.5 hf9625ee_4, which cannot be installed because there are no viable options:
│  │     └─ libgdal 3.8.5 would require
│  │        └─ lz4-c >=1.9.3,<1.10.0a0, which cannot be installed because there are no viable options:
│  │           ├─ lz4-c 1.9.4, which conflicts with the versions reported above.
│  │           ├─ lz4-c 1.9.3, which conflicts with the versions reported above.
│  │           └─ lz4-c 1.9.3, which conflicts with the versions reported above.
│  ├─ gdal 3.8.5 would require
│  │  └─ libgdal ==3.8.5 hf9625ee_2, which cannot be installed because there are no viable options:
│  │     └─ libgdal 3.8.5 would require
│  │        └─ lz4-c >=1.9.3,<1.10.0a0, which cannot be installed because there are no viable options:
│  │           ├─ lz4-c 1.9.4, which conflicts with the versions reported above.
│  │           ├─ lz4-c 1.9.3, which conflicts with the versions reported above.
│  │           └─ lz4-c 1.9.3, which conflicts with the versions reported above.
│  ├─ gdal 3.8.4 would require
│  │  └─ libgdal ==3.8.4 h7c88fdf_5, which cannot be installed because there are no viable options:
│  │     └─ libgdal 3.8.4 would require
│  │        └─ lz4-c >=1.9.3,<1.10.0a0, which cannot be installed because there are no viable options:
│  │           ├─ lz4-c 1.9.4, which conflicts with the versions reported above.
│  │           ├─ lz4-c 1.9.3, which conflicts with the versions reported above.
│  │           └─ lz4-c 1.9.3, which conflicts with the versions reported above.
│  ├─ gdal 3.8.4 would require
│  │  └─ libgdal ==3.8.4 hab4ef92_3, which cannot be installed because there are no viable options:
│  │     └─ libgdal 3.8.4 would require
│  │        └─ lz4-c >=1.9.3,<1.10.0a0, which cannot be installed because there are no viable options:
│  │           ├─ lz4-c 1.9.4, which conflicts with the versions reported above.
│  │           ├─ lz4-c 1.9.3, which conflicts with the versions reported above.
│  │           └─ lz4-c 1.9.3, which conflicts with the versions reported above.
│  ├─ gdal 3.8.4 would require
""",
    "missing": """\
Cannot solve the request because of: No candidates were found for tensorflow 2.13.0.*.
""",
    "no cuda": """\
Cannot solve the request because of: pytorch 2.* cuda* cannot be installed because there are no viable options:
└─ pytorch 2.4.0 | 2.4.1 | ... | 2.12.0 would require
   └─ __cuda *, for which no candidates were found.
""",
    "priority": """\
Cannot solve the request because of: torchvision * cannot be installed because there are no viable options:
├─ torchvision 0.22.0 would require
│  └─ pytorch * cuda*, for which no candidates were found.
├─ torchvision 0.22.0 would require
│  └─ pytorch * cuda126*, for which no candidates were found.
└─ torchvision 0.22.0 | 0.26.0 would require
   └─ pytorch * cpu*, for which no candidates were found.
The following packages are incompatible
└─ torchvision * cannot be installed because there are no viable options:
   └─ torchvision 0.6.1 | 0.7.0 | ... | 0.20.1 is excluded because due to strict channel priority not using this option from: 'file:///channels/pytorch/'
""",
    "cuda": """\
Cannot solve the request because of: The following packages are incompatible
├─ cuda-toolkit 12.4.* can be installed with any of the following options:
│  └─ cuda-toolkit 12.4.0 would require
│     └─ cuda-libraries >=12.4.0, which can be installed with any of the following options:
│        └─ cuda-libraries 12.4.0
└─ pytorch-cuda 11.8.* cannot be installed because there are no viable options:
   └─ pytorch-cuda 11.8 would require
      └─ cuda-libraries >=11.8,<12.0, which cannot be installed because there are no viable options:
         └─ cuda-libraries 11.8.0, which conflicts with the versions reported above.
""",
}
"""By what they are about."""
