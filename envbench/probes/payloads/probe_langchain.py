"""LangChain: a chain of prompt, model and parser, without network."""

DISTRIBUTIONS = ("langchain-core",)
CONDA_NAMES = ("langchain-core",)
RELATED = ("langchain", "langchain-community", "langsmith", "pydantic", "pydantic-core")
MODULES = (
    "langchain_core",
    "langchain_core.language_models",
    "langchain_core.output_parsers",
    "langchain_core.prompts",
)


def facts(probing):
    """Name the version."""
    probing.leave_unchecked("models behind a network: the model of the chain is a stand-in")
    module = probing.modules["langchain_core"]
    version = getattr(module, "__version__", None)
    return {"version": version or probing.modules["langchain_core"].version.VERSION}


def checks(probing):
    """A prompt is filled in, a stand-in answers, the parser reads: exact."""
    modules = probing.modules

    def chain():
        prompt = modules["langchain_core.prompts"].ChatPromptTemplate.from_messages(
            [("system", "Answer with numbers."), ("human", "What is {question}?")]
        )
        model = modules["langchain_core.language_models"].FakeListChatModel(responses=["6, 7"])
        parser = modules["langchain_core.output_parsers"].CommaSeparatedListOutputParser()
        return probing.differ((prompt | model | parser).invoke({"question": "it"}), ["6", "7"])

    def prompt():
        template = modules["langchain_core.prompts"].PromptTemplate.from_template("{a} and {b}")
        return probing.differ(template.format(a="one", b="two"), "one and two")

    yield "chain", "cpu", 0.0, chain
    yield "prompt", "cpu", 0.0, prompt
