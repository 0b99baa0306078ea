"""openai: a client and an answer read by it; nothing is sent."""

DISTRIBUTIONS = ("openai",)
CONDA_NAMES = ("openai",)
RELATED = ("httpx", "pydantic", "pydantic-core")
MODULES = ("openai",)

_ADDRESS = "http://127.0.0.1:9/v1/"
"""Nobody listens there, and nothing is sent."""
_ANSWER = {
    "id": "probe",
    "object": "chat.completion",
    "created": 1,
    "model": "none",
    "choices": [
        {
            "index": 0,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": "forty-two"},
        }
    ],
}


def facts(probing):
    """Name the version."""
    probing.leave_unchecked("requests: nothing is sent, no key is needed")
    module = probing.modules["openai"]
    return {"version": getattr(module, "__version__", None) or module.version.VERSION}


def checks(probing):
    """The client keeps what it is given; an answer becomes an object."""
    openai = probing.modules["openai"]

    # Before version 1 there was no client of that name.
    is_new = hasattr(openai, "OpenAI")

    def client():
        if not is_new:
            made = openai.api_requestor.APIRequestor(key="probe", api_base=_ADDRESS)
            return probing.differ((made.api_base, made.api_key), (_ADDRESS, "probe"))
        made = openai.OpenAI(api_key="probe", base_url=_ADDRESS, max_retries=0)
        return probing.differ((str(made.base_url), made.api_key), (_ADDRESS, "probe"))

    def answer():
        if not is_new:
            read = openai.util.convert_to_openai_object(_ANSWER)
            return probing.differ(read.choices[0].message.content, "forty-two")
        from openai.types.chat import ChatCompletion

        parse = getattr(ChatCompletion, "model_validate", None) or ChatCompletion.parse_obj
        return probing.differ(parse(_ANSWER).choices[0].message.content, "forty-two")

    yield "client", "cpu", 0.0, client
    yield "answer", "cpu", 0.0, answer
