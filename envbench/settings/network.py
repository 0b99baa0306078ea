"""How the network is reached, from condarc and the usual environment variables."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from envbench.model.redaction import register_url_secret, split_url_secrets
from envbench.model.severity import Severity
from envbench.settings.condarc import CondaConfig
from envbench.settings.paths import expand_path
from envbench.settings.values import SettingProblem, SettingValue

_CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSettings:
    """What every download obeys. May hold passwords of proxies: never written, never in argv."""

    max_retries: int = 3
    connect_timeout_s: float = 9.15
    read_timeout_s: float = 60.0
    ssl_verify: bool = True
    ca_file: str | None = None
    """A bundle of certificates (PEM) to trust instead of the built-in ones."""
    client_cert: str | None = None
    client_key: str | None = None
    proxies: dict[str, str] = field(default_factory=dict, hash=False, repr=False)
    """`http` and `https` to the address of the proxy, secrets included."""
    no_proxy: tuple[str, ...] = ()
    """Hosts that are reached directly."""
    offline: bool = False

    def variables(self) -> dict[str, str]:
        """List environment variables for children (environments of processes are private)."""
        found: dict[str, str] = {}
        for scheme, url in self.proxies.items():
            found |= {f"{scheme.upper()}_PROXY": url, f"{scheme}_proxy": url}
        if self.no_proxy:
            found |= dict.fromkeys(("NO_PROXY", "no_proxy"), ",".join(self.no_proxy))
        if self.ca_file:
            found["SSL_CERT_FILE"] = self.ca_file
        return found


@dataclass(frozen=True, slots=True)
class NetworkReading:
    """The settings, and what was noticed on the way."""

    settings: NetworkSettings
    values: tuple[SettingValue, ...]
    problems: tuple[SettingProblem, ...]


def read_network(
    conda: CondaConfig, environ: Mapping[str, str], home: Path, *, offline: bool
) -> NetworkReading:
    """Join condarc's network keys with the environment's proxies and certificates."""
    problems: list[SettingProblem] = []
    ca_file, ca_source = _find_certificates(conda, environ, home)
    if ca_file and not Path(ca_file).exists():
        message = f"there is no file {ca_file}"
        problems.append(SettingProblem(ca_source, "ssl_verify", message, severity=Severity.ERROR))
    proxies, proxy_source = _find_proxies(conda, environ, problems)
    no_proxy = environ.get("NO_PROXY") or environ.get("no_proxy") or ""
    for url in proxies.values():
        _, secret = split_url_secrets(url)
        if secret:
            register_url_secret(secret)
    settings = NetworkSettings(
        max_retries=conda["remote_max_retries"],
        connect_timeout_s=conda["remote_connect_timeout_secs"],
        read_timeout_s=conda["remote_read_timeout_secs"],
        ssl_verify=conda["ssl_verify"] is not False,
        ca_file=ca_file,
        client_cert=_expand(conda["client_ssl_cert"], home),
        client_key=_expand(conda["client_ssl_cert_key"], home),
        proxies=proxies,
        no_proxy=tuple(part.strip() for part in no_proxy.split(",") if part.strip()),
        offline=offline or conda["offline"],
    )
    if settings.client_key and not settings.client_cert:
        source = conda.source("client_ssl_cert_key")
        message = "client_ssl_cert is needed too"
        problems.append(SettingProblem(source, "client_ssl_cert_key", message))
    shown = {scheme: split_url_secrets(url)[0] for scheme, url in proxies.items()}
    values = (
        SettingValue("network.ca_file", ca_file, ca_source),
        SettingValue("network.proxies", shown, proxy_source),
        SettingValue(
            "network.no_proxy", list(settings.no_proxy), "NO_PROXY" if no_proxy else "default"
        ),
    )
    return NetworkReading(settings, values, tuple(problems))


def _find_certificates(
    conda: CondaConfig, environ: Mapping[str, str], home: Path
) -> tuple[str | None, str]:
    verify = conda["ssl_verify"]
    if isinstance(verify, str) and verify != "truststore":
        return str(expand_path(verify, home)), conda.source("ssl_verify")
    if verify is not False:
        for variable in _CA_VARIABLES:
            if environ.get(variable):
                return environ[variable], variable
    return None, "default"


def _find_proxies(
    conda: CondaConfig, environ: Mapping[str, str], problems: list[SettingProblem]
) -> tuple[dict[str, str], str]:
    """Take condarc's proxies, else those of the environment, as conda does."""
    found: dict[str, str] = {}
    for scheme, url in conda["proxy_servers"].items():
        if scheme in {"http", "https"}:
            found[scheme] = url
        elif scheme == "all":
            found = {"http": url, "https": url} | found
        else:
            message = f"a proxy for {scheme} alone is not supported"
            problems.append(SettingProblem(conda.source("proxy_servers"), "proxy_servers", message))
    if found:
        return found, conda.source("proxy_servers")
    sources: list[str] = []
    for scheme in ("http", "https"):
        # HTTP_PROXY in capitals is left to servers' CGI scripts by some tools; conda reads both.
        for variable in (f"{scheme}_proxy", f"{scheme.upper()}_PROXY", "all_proxy", "ALL_PROXY"):
            if environ.get(variable):
                found[scheme] = environ[variable]
                sources.append(variable)
                break
    return found, ", ".join(dict.fromkeys(sources)) or "default"


def _expand(path: str | None, home: Path) -> str | None:
    return str(expand_path(path, home)) if path else None
