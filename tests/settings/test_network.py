"""Proxies, certificates and patience."""

from envbench.model.redaction import redact
from envbench.settings.network import NetworkSettings


def test_defaults_are_condas(desk):
    assert desk.load().network == NetworkSettings()


def test_condarc(desk):
    ca = desk.write("ca.pem", "x")
    found = desk.condarc(
        "remote_max_retries: 6\nremote_read_timeout_secs: 12.5\nremote_connect_timeout_secs: 3\n"
        f"ssl_verify: ~/{ca.name}\noffline: true\nclient_ssl_cert: /c.pem\n"
        "client_ssl_cert_key: /k.pem\n"
    )
    network = found.network
    assert (network.max_retries, network.read_timeout_s, network.connect_timeout_s) == (6, 12.5, 3)
    assert (network.ssl_verify, network.ca_file, network.offline) == (True, str(ca), True)
    assert (network.client_cert, network.client_key) == ("/c.pem", "/k.pem")
    assert network.variables() == {"SSL_CERT_FILE": str(ca)}
    assert found.problems == ()


def test_certificates_of_the_environment(desk):
    ca = str(desk.write("ca.pem", "x"))
    assert desk.load(REQUESTS_CA_BUNDLE=ca, SSL_CERT_FILE="/other").network.ca_file == ca
    assert desk.condarc("ssl_verify: false", SSL_CERT_FILE=ca).network.ca_file is None


def test_a_missing_bundle_is_a_problem(desk):
    settings = desk.condarc("ssl_verify: /no/such.pem")
    assert "/no/such.pem" in settings.problems[0].message


def test_a_key_needs_its_certificate(desk):
    assert (
        "client_ssl_cert is needed" in desk.condarc("client_ssl_cert_key: /k").problems[0].message
    )


def test_proxies_of_condarc_come_before_those_of_the_environment(desk):
    text = "proxy_servers: {http: 'http://me:hunter22@p:1', https: 'http://q:2', ftp: x}"
    settings = desk.condarc(text, https_proxy="http://env:3", NO_PROXY="localhost, .corp")
    network = settings.network
    assert network.proxies == {"http": "http://me:hunter22@p:1", "https": "http://q:2"}
    assert network.no_proxy == ("localhost", ".corp")
    assert network.variables()["HTTPS_PROXY"] == "http://q:2"
    assert "ftp" in settings.problems[0].message
    assert "hunter22" not in repr((settings, settings.values))
    assert "hunter22" not in redact("proxy says hunter22")


def test_proxies_of_the_environment(desk):
    assert desk.load(HTTPS_PROXY="http://p:1").network.proxies == {"https": "http://p:1"}
    found = desk.load(ALL_PROXY="http://a:1", http_proxy="http://b:2")
    assert found.network.proxies == {"http": "http://b:2", "https": "http://a:1"}
    sources = {value.key: value.source for value in found.values}
    assert sources["network.proxies"] == "http_proxy, ALL_PROXY"
    assert desk.condarc("proxy_servers: {all: 'http://x:1'}").network.proxies == {
        "http": "http://x:1",
        "https": "http://x:1",
    }
