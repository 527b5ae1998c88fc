"""Values that no rendered file has, where there is helm: what comes of them is valid, or helm refuses them."""

from collections.abc import Iterator
from typing import Any, Final

import pytest

from chassis.process.settings import Settings
from tests.deploy import chart

HELM: Final = chart.find_helm()
pytestmark = pytest.mark.skipif(HELM is None, reason="helm was not found: `make chart` builds it")
TOKEN: Final = "kafka.saslMechanism=OAUTHBEARER,kafka.token.url=https://issuer.example.org/token,kafka.token.scope=bus"
NO_CERTIFICATES: Final = "http.tls.enabled=false,http.clientCertificates.enabled=false"
ISSUER: Final = "http.oidc.issuer=https://issuer.example.org,http.oidc.audience=afterward"
NOTHING_MORE: Final = (
    "migrations.enabled=false,topics.enabled=false,podDisruptionBudget.enabled=false,networkPolicy.enabled=false"
)


def render(name: str, *options: str) -> list[chart.Manifest]:
    assert HELM is not None
    return chart.loaded(chart.render(HELM, name, *options))


def one(manifests: list[chart.Manifest], kind: str, name: str) -> dict[str, Any]:
    (found,) = [manifest for manifest in manifests if (manifest["kind"], manifest["metadata"]["name"]) == (kind, name)]
    return found


@pytest.mark.parametrize("name", list(chart.SETS))
@pytest.mark.parametrize(
    "options",
    [
        ("--set", "kafka.securityProtocol=SSL"),
        ("--set", TOKEN),
        ("--set", f"{NO_CERTIFICATES},{ISSUER}"),
        ("--set", NOTHING_MORE),
        ("--set-json", "networkPolicy.readers=[]", "--set-json", "networkPolicy.prometheus=[]"),
        ("--set-json", 'image.pullSecrets=["ours"]', "--set-json", 'tolerations=[{"operator": "Exists"}]'),
    ],
    ids=lambda options: options[1].split("=", 1)[0],
)
def test_what_values_make_is_valid_and_of_known_settings(name: str, options: tuple[str, ...]) -> None:
    manifests = render(name, *options)
    samples = {manifest["kind"]: manifest for manifest in manifests} | {
        f"first {manifest['kind']}": manifest for manifest in reversed(manifests)
    }  # processes are alike
    assert not [why for manifest in samples.values() if (why := chart.why_invalid(manifest))]
    assert set(_variables(manifests)) <= {f"AFTERWARD_{field.upper()}" for field in Settings.model_fields}


def _variables(manifests: list[chart.Manifest]) -> Iterator[str]:
    for manifest in manifests:
        if manifest["kind"] == "ConfigMap":
            yield from (key for key in manifest["data"] if key.isupper())


def test_who_proves_who_they_are_by_token_or_certificate_needs_no_password() -> None:
    by_token = render("full", "--set", TOKEN)
    assert "authentication" not in one(by_token, "KafkaUser", "intake")["spec"]
    asked = one(by_token, "TriggerAuthentication", "afterward-intake")["spec"]
    assert {entry["name"] for entry in asked["env"]} <= one(by_token, "ConfigMap", "afterward-intake")["data"].keys()
    by_certificate = render("full", "--set", "kafka.securityProtocol=SSL")
    assert one(by_certificate, "KafkaUser", "intake")["spec"]["authentication"] == {"type": "tls"}
    for manifests in (by_token, by_certificate):
        assert "kafka-password" not in str(one(manifests, "StatefulSet", "afterward-intake"))


def test_a_large_number_is_given_as_it_was_written() -> None:
    manifests = render("default", "--set-json", "settings.AFTERWARD_READ_AHEAD_MAX_BYTES=8388608")
    assert one(manifests, "ConfigMap", "afterward-intake")["data"]["AFTERWARD_READ_AHEAD_MAX_BYTES"] == "8388608"


def test_another_number_of_replicas_restarts_nobody_and_another_setting_one_process() -> None:
    def pods_of(manifests: list[chart.Manifest]) -> dict[str, Any]:
        sets = [manifest for manifest in manifests if manifest["kind"] == "StatefulSet"]
        return {manifest["metadata"]["name"]: manifest["spec"]["template"] for manifest in sets}

    before = pods_of(render("default"))
    assert pods_of(render("default", "--set", "processes.intake.replicas=5")) == before
    after = pods_of(render("default", "--set", "processes.intake.settings.AFTERWARD_WORKERS=3"))
    assert [name for name in before if before[name] != after[name]] == ["afterward-intake"]


def test_a_new_image_is_a_new_job_and_the_same_image_is_the_same_job() -> None:
    def jobs(*options: str) -> set[str]:
        return {job["metadata"]["name"] for job in render("default", *options) if job["kind"] == "Job"}

    assert jobs() == jobs("--set", "processes.intake.replicas=5")
    assert not jobs() & jobs("--set", "image.tag=0.2.0")


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("processes.intake.replicas=7", "/processes/intake/replicas"),
        ("strimzi.outside={someone}", "someone belongs to no family"),
        ("http.clientCertificates.enabled=false,http.oidc.issuer=", "/http"),
    ],
)
def test_helm_refuses_what_cannot_be_and_says_where(option: str, message: str) -> None:
    with pytest.raises(chart.HelmFailed, match=message):
        render("full", "--set", option)
