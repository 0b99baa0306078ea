"""Real frameworks made to compute wrongly: every probe that computes notices."""

import json
import os
import subprocess

import pytest

from envbench.probes.catalog import PAYLOADS
from tests.probes.payloads.environments import RECIPES, make_environment

pytestmark = [pytest.mark.slow, pytest.mark.network, pytest.mark.timeout(1800)]

# Runs in the environment: the payload's own checks, after something was done to what it imports.
RUN = """
import importlib, importlib.util, json, os, sys
folder, probe, harm, wanted = sys.argv[1:]
def load(name):
    spec = importlib.util.spec_from_file_location(name, os.path.join(folder, name + ".py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
payload, checking = load("probe_" + probe), load("checking")
probing = checking.Probing("", load("surroundings"), load)
for name in payload.MODULES:
    probing.modules[name] = importlib.import_module(name)
def spoil(owner, name, change):
    healthy = getattr(owner, name)
    setattr(owner, name, lambda *given, **named: change(healthy(*given, **named), given))
exec(harm, dict(probing.modules, spoil=spoil))
[(tolerance, compute)] = [check[2:] for check in payload.checks(probing) if check[0] == wanted]
print(json.dumps([repr(float(compute())), tolerance]))
"""

HARMS = (
    ("numpy", "qr_256", "spoil(numpy.linalg, 'qr', lambda out, _: (out[0], out[1] * 1.001))"),
    ("numpy", "solve_256", "spoil(numpy.linalg, 'solve', lambda out, _: out + 1e-3)"),
    ("numpy", "fft_256", "spoil(numpy.fft, 'fft', lambda out, _: out * numpy.nan)"),
    ("scipy", "lu_128", "spoil(scipy.linalg, 'lu_solve', lambda out, _: out * 1.0001)"),
    ("scipy", "quadrature", "spoil(scipy.integrate, 'quad', lambda out, _: (out[0] + 1e-6, 0))"),
    ("pandas", "join", "spoil(pandas.DataFrame, 'merge', lambda out, _: out.iloc[1:])"),
    ("pandas", "csv", "spoil(pandas, 'read_csv', lambda out, _: out + 1)"),
    ("sklearn", "ridge", "spoil(sklearn.linear_model.Ridge, 'fit', lambda out, _: (setattr(out, 'coef_', out.coef_ + 1e-4), out)[1])"),
    ("sklearn", "kmeans", "spoil(sklearn.cluster.KMeans, 'fit_predict', lambda out, _: out * 0)"),
    ("xgboost", "mistakes", "spoil(xgboost.Booster, 'predict', lambda out, _: out * 0)"),
    ("lightgbm", "regression", "spoil(lightgbm.Booster, 'predict', lambda out, _: out + 0.2)"),
    ("opencv", "blur", "spoil(cv2, 'GaussianBlur', lambda out, _: out + 1)"),
    ("opencv", "png", "spoil(cv2, 'imdecode', lambda out, _: None)"),
    ("onnxruntime", "matmul_cpu", "spoil(onnxruntime.InferenceSession, 'run', lambda out, _: [out[0] * 1.01])"),
    ("jax", "gradient", "spoil(globals()['jax.numpy'], 'sin', lambda out, _: out * 1.01)"),
    ("torch", "matmul_fp32", "spoil(torch.Tensor, '__matmul__', lambda out, _: out * 1.001 if out.dtype == torch.float32 else out)"),
    ("torch", "conv2d", "spoil(torch.nn.functional, 'conv2d', lambda out, _: out * 1.001 if out.dtype == torch.float32 else out)"),
    ("torch", "autograd", "spoil(torch.Tensor, '__pow__', lambda out, _: out * 1.001)"),
    ("transformers", "kv_cache", "spoil(transformers.GPT2LMHeadModel, 'forward', lambda out, given: (out.logits.mul_(1.01 if given[1].shape[1] == 1 else 1), out)[1])"),
    ("transformers", "generate", "spoil(transformers.GPT2LMHeadModel, 'generate', lambda out, _: (out + 1) % 64)"),
    ("langchain", "chain", "spoil(globals()['langchain_core.output_parsers'].CommaSeparatedListOutputParser, 'parse', lambda out, _: out[:1])"),
    ("openai", "answer", "import openai.types.chat as chat; spoil(chat.ChatCompletion, 'model_validate', lambda out, _: (setattr(out.choices[0].message, 'content', ''), out)[1])"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("probe", "check", "harm"), HARMS, ids=[f"{probe}-{check}" for probe, check, _ in HARMS]
)
def test_a_framework_that_computes_wrongly_is_noticed(probe, check, harm, tmp_path):
    prefix = make_environment(RECIPES[0])

    def measure(done: str) -> tuple[float, float]:
        command = [prefix / "bin/python", "-B", "-c", RUN, PAYLOADS, probe, done, check]
        ran = subprocess.run(
            command,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "OMP_NUM_THREADS": "2"},
        )
        assert ran.returncode == 0, ran.stderr
        error, tolerance = json.loads(ran.stdout.splitlines()[-1])
        return float(error), tolerance

    error, tolerance = measure("pass")
    assert error <= tolerance
    error, tolerance = measure(harm)
    assert not error <= tolerance
