"""transformers: a tiny random GPT-2 made here, all at once against word by word."""

import inspect

DISTRIBUTIONS = ("transformers",)
CONDA_NAMES = ("transformers",)
RELATED = (
    "torch",
    "pytorch",
    "tokenizers",
    "safetensors",
    "huggingface-hub",
    "accelerate",
    "numpy",
)
MODULES = ("transformers", "torch")


def facts(probing):
    """Say which backend it computes with."""
    torch, transformers = probing.modules["torch"], probing.modules["transformers"]
    found = probing.load_beside("torch_devices").describe(torch, probing.surroundings)
    if not found["devices"]:
        probing.leave_unchecked("GPU: PyTorch reaches none here")
    probing.leave_unchecked("published models: nothing is fetched from outside")
    found.update(
        {
            "version": transformers.__version__,
            "torch": torch.__version__,
        }
    )
    return found


def checks(probing):
    """One pass over twelve words against twelve steps with the cache of keys and values."""
    torch, transformers = probing.modules["torch"], probing.modules["transformers"]
    torch.manual_seed(20)
    config = transformers.GPT2Config(
        vocab_size=64,
        n_positions=32,
        n_embd=32,
        n_layer=2,
        n_head=2,
        bos_token_id=0,
        eos_token_id=0,
    )
    words = torch.arange(12).reshape(1, 12) * 5 % 64

    def load():
        return transformers.GPT2LMHeadModel(config).eval()

    def cache(device):
        model, places = load().to(device), words.to(device)
        # Version 5 has given it another name.
        is_new = "cache" in inspect.signature(type(model).forward).parameters
        argument = "cache" if is_new else "past_key_values"
        with torch.no_grad():
            at_once = model(places, use_cache=False).logits
            steps, past = [], None
            for index in range(places.shape[1]):
                word = places[:, index : index + 1]
                step = model(word, use_cache=True, **{argument: past})
                steps.append(step.logits)
                past = step[argument]
        deviation = (torch.cat(steps, dim=1) - at_once).abs().max()
        if not at_once.abs().max() > 0:
            raise RuntimeError("the model answers nothing but zeros")
        return float(deviation)

    def generate():
        model = load()
        with torch.no_grad():
            written = model.generate(words, max_new_tokens=4, do_sample=False, pad_token_id=0)
            last = model(words).logits[0, -1].argmax()
        # The first new word is the likeliest one after the given words.
        same = written[0, :13].tolist() == [*words[0].tolist(), int(last)]
        return probing.differ(same and written.shape[1] >= 13, True)

    yield "kv_cache", "cpu", 1e-4, lambda: cache("cpu")
    yield "generate", "cpu", 0.0, generate
    if torch.cuda.is_available():
        label = probing.load_beside("torch_devices").name_device(torch, probing.surroundings, 0)
        yield "kv_cache_cuda0", label, 2e-3, lambda: cache("cuda:0")
