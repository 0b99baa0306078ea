"""Packages that need each other in certain versions: ranges, names that came or went, protobuf, pydantic.

Source: protocolbuffers/protobuf#10064, the version checks of protobuf 4 to 6, jax, transformers,
pandas, TensorFlow Probability, xformers and pkg_resources, and the threads named in the rows.
"""

from envbench.model.diagnosis import Confidence
from envbench.probes.diagnosis.rule import Fix, Rank, Rule
from envbench.probes.diagnosis.rules.version_fields import (
    find,
    name_user,
    read_circle,
    read_jaxlib,
    read_name,
    read_protobuf,
    read_pydantic,
    read_range,
    read_removal,
)

_NAME = r"[A-Za-z][\w.-]*"
_VERSION = r"v?\d[\w.!+*-]*\w|\d"
_OPERATOR = r"(?:===?|~=|>=|<=|!=|>|<)"
_RANGE = rf"{_OPERATOR} ?\d[\w.*+!-]*(?:, ?{_OPERATOR} ?\d[\w.*+!-]*)*"

RULES = (
    Rule(
        code="shadow.module",
        pattern=r"(?:cannot import name '(?P<name>[\w.]+)' from )?partially initialized module (?P<module>'[\w.]+')(?:[^\n(]{0,80}\((?:most likely|probably) due to a"
        r" circular import\))?(?: \((?P<path>/[^)\n]+|<[^)\n]+)\))?"
        r"|module (?P<module2>'[\w.]+') has no attribute '\w+' \(consider renaming '?(?P<path2>[^'\n]+?)'?"
        r" (?:since|if) it has the same name",
        title="a file of yours has the name of the module {module}: {path}",
        cause="Python found this file first and took it for the module, while that was being imported.",
        fixes=(Fix("{fix}"), Fix("rename {path}, or take its folder off the path")),
        rank=Rank.SPECIFIC,
        refine=read_circle,
    ),
    Rule(
        code="pb.stale_descriptors",
        pattern=r"Descriptors (?:cannot|should)(?: not)? be created directly"
        r"|generated code is out of date and must be regenerated with protoc",
        title="code generated for an old protobuf runs with a new one",
        cause="The `_pb2` files of {user_or_code} were generated before protobuf 4, which refuses them.",
        fixes=(
            Fix("take a newer {user}"),
            Fix("take protobuf 3.20", requires=("protobuf <=3.20.3",)),
        ),
        rank=Rank.SPECIFIC,
        refine=read_protobuf,
        packages=("protobuf", "{user}"),
        references=("protocolbuffers/protobuf#10064",),
    ),
    Rule(
        code="pb.stale_descriptors",
        pattern=r"'?(?:MessageFactory|SymbolDatabase|FieldDescriptor|google\.protobuf\.[\w.]+|MessageDescriptor)'?"
        r"[^\n]{0,40}has no attribute '(?:GetPrototype|label|CreatePrototype|GetMessages)'"
        r"|No module named 'google\.protobuf\.pyext|cannot import name '(?:reflection|service|symbol_database)'"
        r" from 'google\.protobuf'"
        r"|couldn't (?:build|add) (?:file content|proto file)|Couldn't build proto file into descriptor pool"
        r"|duplicate file name|__init__\(\) got an unexpected keyword argument '(?:including_default_value_fields|"
        r"serialized_options|file|create_key)'",
        title="{user_or_code} was made for an older protobuf than{runtime_said} here",
        cause="It uses what newer releases of protobuf no longer have.",
        fixes=(
            Fix("take a newer {user}"),
            Fix("take an older protobuf", requires=("protobuf <5",)),
        ),
        refine=read_protobuf,
        packages=("protobuf", "{user}"),
        references=("protocolbuffers/protobuf#10064",),
    ),
    Rule(
        code="pb.runtime_too_old",
        pattern=r"cannot import name '(?:runtime_version|builder)' from 'google\.protobuf"
        r"|No module named 'google\.protobuf\.(?:runtime_version|internal\.builder)"
        r"|Detected (?:incompatible|mismatched) Protobuf Gencode/Runtime (?:major )?versions?[^\n]*?"
        r"gencode (?P<gencode>[\d.]+)[^\n]*? runtime (?P<runtime>[\d.]+\d)"
        r"|Runtime version cannot be older than the linked gencode version"
        r"|program (?:was compiled against|requires) version (?P<gencode2>\d[\d.]*\d) of the Protocol Buffer runtime"
        r" library[^\n]{0,60}installed version (?:\(|is )(?P<runtime2>\d[\d.]*\d)"
        r"|(?:module|package) 'google\.protobuf[\w.]*' has no attribute '(?:runtime_version|builder|_internal_\w+)'"
        r"|Couldn't parse file content",
        title="protobuf{runtime} is older than what {user_or_code} was generated for",
        cause="The `_pb2` files were generated for{wanted_said}; the library at run time must not be older.",
        fixes=(
            Fix("raise protobuf to {wanted} or newer", requires=("protobuf >={wanted}",)),
            Fix("raise protobuf to the release that its users ask for"),
        ),
        rank=Rank.SPECIFIC,
        refine=read_protobuf,
        packages=("protobuf", "{user}"),
    ),
    Rule(
        code="pin.jaxlib",
        pattern=r"jaxlib (?:is )?version (?P<jaxlib>[\d.\w]+\d)[^\n]{0,40} (?:but|is newer than|is older than|and)"
        r"[^\n]{0,60}?jax[^\n]{0,40}?(?:requires version (?P<wanted>[<>=!]+ ?[\d.]+\d)|version (?P<jax>[\d.]+\d))?"
        r"|JAX plugin \w+ version (?P<jaxlib2>[\d.]+\d) is installed, but it is not compatible with the installed"
        r" jaxlib version (?P<jax2>[\d.]+\d)"
        r"|jax(?:lib)?[^\n]{0,40}(?:incompatible|mismatch|not compatible)[^\n]{0,60}(?:jaxlib|plugin)"
        r"|Mismatched PJRT plugin|PJRT[^\n]{0,40} API version \([\d.]+\)[^\n]{0,40} framework"
        r"|No module named 'jaxlib\.\w+",
        title="jax{jax_said} and jaxlib {jaxlib} do not belong together",
        cause="jax, jaxlib and the GPU plugin are released together, and each takes only the others' near "
        "releases. {wanted}",
        fixes=(
            Fix(
                "take jaxlib and the plugin of the release of jax",
                requires=("jaxlib ={jax_exact}",),
            ),
            Fix("install all of them at once", "pip install -U jax jaxlib"),
        ),
        rank=Rank.SPECIFIC,
        refine=read_jaxlib,
        packages=("jax", "jaxlib"),
        references=("https://docs.jax.dev/en/latest/jep/9419-jax-versioning.html",),
    ),
    Rule(
        code="pin.torchvision",
        pattern=r"operator torchvision::\w+ does not exist|Could not run 'torchvision::\w+'"
        r"|Couldn't load custom C\+\+ ops|PyTorch and (?:torchvision|torchaudio|TorchAudio) were compiled with different"
        r" CUDA|Failed to load image Python extension|torchvision[^\n]{0,60}(?:incompatible|not compatible)[^\n]{0,40}torch",
        title="torch and torchvision are not a pair",
        cause="torchvision's operators are built against exactly one release and one CUDA variant of torch; "
        "with another they are not registered.",
        fixes=(
            Fix(
                "take both of one release, from one source: 0.N+5 of torchvision with 2.N of torch"
            ),
            Fix("reinstall both at once", "pip install --force-reinstall torch torchvision"),
        ),
        rank=Rank.SPECIFIC,
        packages=("torch", "torchvision"),
        references=("pytorch/vision#8985", "pytorch/pytorch#157648"),
    ),
    Rule(
        code="pin.pydantic",
        pattern=r"has been (?:moved to|removed from)[^\n]{0,60}pydantic|errors\.pydantic\.dev|PydanticImportError"
        r"|PydanticUserError|`BaseSettings` has been moved|'(?:FieldInfo|ModelField|BaseModel)'[^\n]{0,40} has no"
        r" attribute '(?:model_\w+|__fields_set__|model_fields)'"
        r"|cannot import name '(?:RootModel|ConfigDict|field_validator|model_validator|TypeAdapter|computed_field|"
        r"field_serializer|model_serializer|AliasChoices|validate_call)' from 'pydantic"
        r"|'(?:FieldInfo|ModelField|ModelMetaclass|UndefinedType)' object has no attribute"
        r"|no validator found for <class|No module named 'pydantic(?:\.v1|_core|\.deprecated)'"
        r"|unable to infer type for attribute|pydantic-core version[^\n]{0,40}incompatible",
        title="{user_or_code} and this pydantic are of different generations",
        cause="pydantic 2 changed its interface: packages are written for 1 or for 2.",
        fixes=(
            Fix("take a newer {user}, made for the pydantic that is installed"),
            Fix(
                "take the generation of pydantic that the users need",
                requires=("pydantic {pydantic}",),
            ),
        ),
        refine=read_pydantic,
        packages=("pydantic", "{user}"),
    ),
    Rule(
        code="pin.runtime_check",
        pattern=rf"(?P<name>{_NAME}) ?(?P<wanted>{_RANGE}) is required for a normal functioning of this module, but"
        rf" found (?:{_NAME}==)?(?P<found>[\w.+-]+)"
        rf"|(?P<user2>{_NAME}) requires version '(?P<wanted2>[^']+)' or newer of '(?P<name2>[^']+)' \(version"
        rf" '(?P<found2>[^']+)'"
        rf"|This version of (?P<user3>[\w ]+?) requires (?P<name3>{_NAME}) version (?P<wanted3>{_RANGE})[;.,]"
        rf"[^\n]{{0,60}}installation of version (?P<found3>[\w.+-]+\w)"
        rf"|The (?P<name4>{_NAME}) package installed is at version (?P<found4>[\w.]+\w),[^\n]{{0,120}}?depends on"
        rf" (?:{_NAME}) ?(?P<wanted4>{_RANGE})"
        rf"|(?P<name5>{_NAME}) ?(?P<wanted5>{_RANGE}),? (?:is |are )?(?:required|needed)[^\n]{{0,60}}?(?:but|,)[^\n]{{0,30}}?"
        rf"(?:found|got|have|installed|is)[^\n\d]{{0,30}}(?P<found5>\d[\w.+]*)"
        rf"|(?P<user6>{_NAME}) (?:\d[\w.]* )?(?:requires|needs|depends on|has requirement) (?P<name6>{_NAME})(?:\[\w+\])?"
        rf" ?(?P<wanted6>{_RANGE})(?:[;,.]? (?:but|and|which|however)[^\n\d]{{0,60}}(?P<found6>\d[\w.+]*))?"
        rf"|\((?P<name7>{_NAME}) (?P<found7>\d[\w.+]*) \([^)]*\), Requirement\.parse\('{_NAME}(?P<wanted7>[^']+)'\)"
        rf"(?:, \{{'(?P<user7>{_NAME})'\}})?"
        rf"|(?:Using|requires?|needs?|at least|minimum(?: required)?|please (?:install|upgrade(?: to)?|update)) "
        rf"(?P<name8>{_NAME}) ?(?:version )?(?P<wanted8>{_RANGE})(?:[^\n\d]{{0,60}}(?:found|got|have|installed|is|detected)"
        rf"[^\n\d]{{0,30}}(?P<found8>\d[\w.+]*))?"
        rf"|(?:requires?|needs?|expects?)(?: at least)? (?P<name9>{_NAME})(?: version)? (?P<wanted9>\d[\w.]*)(?:\+|"
        rf" or (?:newer|later|higher|above|greater))[^\n\d]{{0,80}}(?P<found9>\d[\w.+]*)?"
        rf"|(?P<user11>{_NAME}) (?:requires?|needs?)(?: at least)? version (?P<wanted11>{_VERSION})(?: or (?:newer|later|higher))? of"
        rf" (?P<name11>{_NAME})(?:[^\d]{{0,40}}?(?:found|have|installed)[^\d]{{0,20}}(?P<found11>\d[\w.+]*))?"
        rf"|The '(?P<name10>{_NAME})(?P<wanted10>{_OPERATOR}[^']+)' distribution was not found(?: and is required by (?P<user10>{_NAME}))?",
        title="{user_or_package} needs {name} {wanted}{found_said}",
        cause="The package checks this itself when it is imported, and refuses to go on.",
        fixes=(
            Fix("bring {name} into the range", requires=("{name} {wanted}",)),
            Fix("take another release of {user}"),
        ),
        rank=Rank.SPECIFIC,
        refine=read_range,
        packages=("{name}", "{user}"),
    ),
    Rule(
        code="pin.runtime_check",
        pattern=r"Keras 3[^\n]{0,80}not (?:yet )?supported|(?:not|no longer) (?:supported|available) (?:in|by|with) Keras \d|install the backwards-compatible tf-keras"
        r"|Keras 2[^\n]{0,60}(?:no longer|not) supported|requires? the `?tf[-_]keras`? package",
        title="this Keras is of another generation than its user takes",
        cause="Keras 3 is another library than the Keras that belonged to TensorFlow before 2.16.",
        fixes=(Fix("add tf-keras", requires=("tf-keras >=0",)),),
        packages=("keras", "tf-keras"),
    ),
    Rule(
        code="pin.runtime_check",
        pattern=r"was built (?:for|with|against):? ?(?:PyTorch|torch)[: ]+(?P<built>[\d.]+\w*(?:\+\w+)?)[^\n]{0,80}"
        r"(?:you have|but|found|installed|running)[^\n\d]{0,20}(?P<have>[\d.]+\w*(?:\+\w+)?)"
        r"|xFormers (?:can't load|wasn't build) ",
        title="{user_or_it} was built for PyTorch {built}, and this is {have}",
        cause="Its compiled part fits one release and one CUDA variant of PyTorch only.",
        fixes=(Fix("take the release of {user_or_it} that belongs to this PyTorch"),),
        refine=lambda fields, evidence: {
            "built": fields["built"] or "another",
            "have": fields["have"] or "not it",
            "user": evidence.importer("torch"),
            "user_or_it": evidence.importer("torch") or "an extension",
        },
        packages=("{user}", "torch"),
    ),
    Rule(
        code="abi.python_tag",
        pattern=r"(?:compiled|built) for Python (?P<built>\d\.\d+)[^\n]{0,80}(?:interpreter|Python)[^\n]{0,40}?(?P<now>\d\.\d+)"
        r"|Python version mismatch: module was compiled"
        r"|bad magic number in|module was compiled for Python (?P<built2>[\d.]+)|RuntimeWarning: compile time Python version"
        r"|dynamic module does not define (?:module export|init) function",
        title="a compiled module is for another Python than this one",
        cause="Compiled modules, and byte code, fit one minor version of Python only.",
        fixes=(Fix("reinstall the package with this environment's Python"),),
        rank=Rank.SPECIFIC,
        refine=lambda fields, evidence: {**fields, "user": evidence.importer()},
        packages=("{user}",),
    ),
    Rule(
        code="pin.python",
        pattern=r"unsupported operand type\(s\) for \|: '\w+' and '\w+'|'type' object is not subscriptable"
        r"|(?:requires|needs|only supports|supports only) (?:a )?Python ?(?:version )?(?P<wanted>(?:>=? ?)?\d\.\d+)"
        r"|Python (?P<wanted2>\d\.\d+)(?:\.\d+)? or (?:newer|later|higher|above) is required"
        r"|f-string: (?:unmatched|expecting)|SyntaxError: (?:invalid syntax|expected ':'|multiple exception types must)",
        title="{user_or_code} is written for another Python than {python_said}",
        cause="It uses what this version of Python does not have.",
        fixes=(
            Fix("raise python to {wanted}", requires=("python >={wanted}",)),
            Fix("take a release of {user} that supports this Python"),
        ),
        rank=Rank.SYMPTOM,
        refine=lambda fields, evidence: {
            "wanted": find(fields, "wanted").strip(">= "),
            "user": evidence.importer(),
            "user_or_code": evidence.importer() or "the code that runs",
            "python_said": evidence.python or "this",
        },
        packages=("python", "{user}"),
    ),
    Rule(
        code="pin.api",
        pattern=r"cannot import name (?P<name>'[\w.]+') from (?P<module>'[\w.]+')(?: \((?P<path>[^)\n]+)\))?"
        r"|module (?P<module2>'[\w.]+') has no attribute (?P<name2>'\w+')",
        title="{user_or_code} and {package}{version_said} do not fit: {module} has no {name}",
        cause="The name is not in the installed release: {package} is older, or newer, than the one that its "
        "user was written for.",
        fixes=(
            Fix("{fix}"),
            Fix(
                "take {package} and {user} of one time; the release notes of {package} name the change"
            ),
        ),
        refine=read_name,
        rank=Rank.SYMPTOM,
        packages=("{package}", "{user}"),
    ),
    Rule(
        code="pin.api",
        pattern=r"\b(?:was|were|is|are|been) (?:removed|dropped|deleted|expired)\b[^\n]{0,80}? (?:in|from|since|as of|with)"
        r" (?:the )?(?P<name>[A-Za-z][\w-]*) (?:version |release )?v?(?P<release>\d[\d.]*)",
        title="{user_or_code} is too old for this {name}: it uses what {release} took away",
        cause="The message itself says that the name is gone, and since which release.",
        fixes=(
            Fix("take a newer {user}"),
            Fix("take {name} below {release}", requires=("{name} <{release}",)),
        ),
        rank=Rank.SPECIFIC,
        in_log=False,
        refine=read_removal,
        packages=("{name}", "{user}"),
    ),
    Rule(
        code="pin.api",
        pattern=r"(?P<module>(?!numpy\.)[A-Za-z_]\w*(?:\.\w+)*)\.(?P<name>\w+) (?:size changed, may indicate binary|has the wrong size, try)",
        title="{user_or_code} was compiled against another {package} than{version_said} here: {name} has another size",
        cause="Compiled modules that share each other's types fit only in the versions they were built in.",
        fixes=(Fix("take {package} and {user} of one time, from one source"),),
        refine=read_name,
        rank=Rank.SPECIFIC,
        packages=("{package}", "{user}"),
    ),
    Rule(
        code="pin.api",
        pattern=r"(?P<module>[\w.]+) does not export expected C (?:function|variable) (?P<name>\w+)"
        r"|(?P<module2>[\w.]+) has an unexpected signature for C function (?P<name2>\w+)"
        r"|C (?:function|variable) (?P<module3>[\w.]+)\.(?P<name3>\w+) has wrong signature",
        title="{user_or_code} was compiled against another {package} than{version_said} here: {name}",
        cause="Compiled modules that use each other's C functions fit only in the versions they were built in.",
        fixes=(Fix("take {package} and {user} of one time, from one source"),),
        refine=read_name,
        rank=Rank.SPECIFIC,
        packages=("{package}", "{user}"),
    ),
    Rule(
        code="pin.api",
        pattern=r"(?P<name>[\w.]+)\(\) got an unexpected keyword argument '(?P<keyword>\w+)'",
        title="{user_or_code} calls {name}() with {keyword}, which this release does not take",
        cause="The function belongs to a package that is older, or newer, than the one its caller was written for.",
        fixes=(Fix("take {user} and what it calls of one time"),),
        rank=Rank.LAST,
        confidence=Confidence.GUESS,
        refine=lambda fields, evidence: {
            **fields,
            "user": evidence.importer(),
            "user_or_code": evidence.importer() or "the code that runs",
        },
        packages=("{user}",),
    ),
    Rule(
        code="pin.api",
        pattern=r"^AttributeError: '(?P<name>\w+)' object has no attribute '(?P<keyword>\w+)'",
        title="{user_or_code} uses {name}.{keyword}, which this release does not have",
        cause="The object belongs to a package that is older, or newer, than the one its user was written for.",
        fixes=(Fix("take {user} and the package of {name} of one time"),),
        rank=Rank.LAST,
        confidence=Confidence.GUESS,
        in_log=False,
        refine=lambda fields, evidence: name_user(fields, evidence),
        packages=("{user}",),
    ),
    Rule(
        code="pin.pydantic",
        pattern=r"issubclass\(\) arg 1 must be a class|Pydantic V1 functionality isn't compatible with Python",
        title="this pydantic is older than this Python, or than its users, allow",
        cause="pydantic 1 takes type annotations apart in ways that newer releases of Python and of "
        "typing_extensions no longer have.",
        fixes=(
            Fix("take pydantic 2 and users made for it", requires=("pydantic >=2",)),
            Fix("take an older Python with pydantic 1"),
        ),
        rank=Rank.SYMPTOM,
        refine=lambda fields, evidence: fields if "pydantic" in evidence.importers else None,
        packages=("pydantic",),
    ),
    Rule(
        code="pin.duplicate",
        pattern=r"multiple (?P<name>[A-Za-z][\w-]*) packages are installed(?:: (?P<listed>[^\n.]+))?"
        r"|Only one of them may be installed",
        title="several packages bring the same module: {listed_or_name}",
        cause="They overwrite each other's files, so that parts of both are mixed.",
        fixes=(Fix("remove all of them, then install the one that fits this CUDA"),),
        rank=Rank.SPECIFIC,
        refine=lambda fields, evidence: {
            **fields,
            "listed_or_name": fields["listed"] or fields["name"] or evidence.importer(),
        },
        packages=("{name}",),
    ),
)
