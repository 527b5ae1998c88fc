"""The operator's file of subscriptions: what it means, and what is said when it cannot be used."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas.topics import by_service
from services.contact.domain import Subscriber
from services.contact.domain.endings import endings
from services.contact.subscriptions import SERVICE, BadSubscriptions, deliverable_events, load
from tests.journeys.stack import afterward

GOOD = """
[mail]
host = "smtp.example.org"
sender = "afterward@example.org"
password_file = "smtp.password"

[[subscriptions]]
id = "xinzhuang"
types = ["PrimaryCareNotified", "AlertForwarded"]
since = 2020-10-01T00:00:00+08:00
institution_id = "cn-sh-mh-xinzhuang"
webhook = { url = "https://clinic.example.org/afterward", secret_file = "xinzhuang.secret" }

[[subscriptions]]
id = "desk"
types = ["AlertEscalated"]
since = 2020-10-01T00:00:00+08:00
email = { to = "desk@example.org" }

[[subscriptions]]
id = "record"
types = ["Discharged"]
since = 2020-09-30T16:00:00Z
log = true
"""
SINCE = datetime(2020, 9, 30, 16, tzinfo=UTC)


def one(way: str, types: str = '["Discharged"]', name: str = "one") -> str:
    """A file with a single subscription."""
    return f'[[subscriptions]]\nid = "{name}"\ntypes = {types}\nsince = 2020-10-01T00:00:00Z\n{way}\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "subscriptions.toml"


def test_a_file_says_who_wants_what_and_how_they_are_told(file: Path) -> None:
    file.write_text(GOOD)
    found = load(file)
    assert found.subscribers == (
        Subscriber("xinzhuang", frozenset({"PrimaryCareNotified", "AlertForwarded"}), SINCE, "cn-sh-mh-xinzhuang"),
        Subscriber("desk", frozenset({"AlertEscalated"}), SINCE),
        Subscriber("record", frozenset({"Discharged"}), SINCE),
    )
    webhook, mail = found.subscriptions[0].webhook, found.mail
    assert webhook is not None
    assert mail is not None
    assert (webhook.secret_file, mail.password_file) == (
        file.parent / "xinzhuang.secret",
        file.parent / "smtp.password",
    )
    assert (mail.tls, mail.port, webhook.allow_private) == ("starttls", 587, False)


def test_without_a_file_there_are_none() -> None:
    assert load(None).subscribers == ()


def test_events_of_all_services_that_judge_cases_can_be_subscribed_to_and_no_answers() -> None:
    names = deliverable_events()
    assert {"CaseImported", "SeverityAssessed", "Discharged", "CallRequested", "AlertForwarded"} <= set(names)
    assert not {"ReportRejected", "ContactReported", "ContactSettled", "BulletinPublished"} & set(names)


BAD = {
    "a key that is none": (one('log = true\nlogs = "x"'), "subscriptions[0].logs"),
    "an event that is none": (one("log = true", '["Dischaged"]'), "subscriptions[0].types[0]: no event of this name"),
    "no events": (one("log = true", "[]"), "subscriptions[0].types"),
    "no way": (one(""), "subscriptions[0]: say exactly one of"),
    "two ways": (one('log = true\nemail = { to = "a@example.org" }'), "subscriptions[0]: say exactly one of"),
    "a log that is off": (one("log = false"), "subscriptions[0].log"),
    "e-mail without a server": (one('email = { to = "a@example.org" }'), "say the server under [mail]"),
    "an address that is none": (one('email = { to = "a desk" }'), "subscriptions[0].email.to"),
    "two of one id": (one("log = true") * 2, "twice there is one"),
    "an id that is an address": (one("log = true", name="a@example.org"), "subscriptions[0].id"),
    "no TLS": (one('webhook = { url = "http://a.example.org", secret_file = "s" }'), "must begin with https://"),
    "a time without an offset": (one("log = true").replace("00Z", "00"), "subscriptions[0].since: Input should have"),
    "half an address": (one('webhook = { url = "clinic", secret_file = "s" }'), "must be a whole address"),
    "no secret": (one('webhook = { url = "https://a.example.org" }'), "subscriptions[0].webhook.secret_file"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_file_that_cannot_be_used_is_refused_with_the_place_that_is_wrong(what: str, file: Path) -> None:
    text, emitted = BAD[what]
    file.write_text(text)
    with pytest.raises(BadSubscriptions) as refused:
        load(file)
    assert str(refused.value).startswith(f"{file}: ")
    assert emitted in str(refused.value)


def test_a_secret_that_slipped_in_is_not_repeated(file: Path) -> None:
    file.write_text(one('webhook = { url = "https://u:hunter2@a.example.org", secret_file = "s", secret = "whsec_9" }'))
    with pytest.raises(BadSubscriptions) as refused:
        load(file)
    assert "hunter2" not in str(refused.value)
    assert "whsec_9" not in str(refused.value)
    assert "must hold no user and no password" in str(refused.value)


def test_a_private_receiver_may_be_allowed_and_needs_no_tls_then(file: Path) -> None:
    file.write_text(one('webhook = { url = "http://10.0.0.8/in", secret_file = "s", allow_private = true }'))
    assert load(file).subscriptions[0].webhook is not None


def test_what_is_no_toml_or_not_there_is_said(file: Path) -> None:
    with pytest.raises(BadSubscriptions, match=r"cannot be read: No such file"):
        load(file)
    file.write_text("id = \n")
    with pytest.raises(BadSubscriptions, match=r"is no TOML file: .*line 1"):
        load(file)
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(BadSubscriptions, match=r"is no TOML file"):
        load(file)


def test_up_refuses_a_bad_file_in_a_line_before_anything_is_started(file: Path, tmp_path: Path) -> None:
    file.write_text(one(""))
    done = afterward(tmp_path / "data", "up", "--detach", "--subscriptions", str(file))
    assert done.returncode == 1
    assert done.stderr.startswith(f"afterward: {file}: subscriptions[0]: say exactly one of")
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("types", "missing"),
    [
        ('["CallRequested"]', "CallRequested, of which the end may come as CallCompleted, HomeVisitRequested"),
        (
            '["LinkageRequested"]',
            "LinkageRequested, of which the end may come as LinkageAccepted, LinkageDeclined, LinkageClosed",
        ),
        (
            '["LinkageRequested", "LinkageAccepted", "LinkageDeclined"]',
            "LinkageRequested, of which the end may come as LinkageClosed",
        ),
        ('["AlertForwarded"]', "AlertForwarded, of which the end may come as AlertClosed"),
        ('["HealthAlertRaised"]', "HealthAlertRaised, of which the end may come as AlertClosed"),
        ('["ReturnVisitMissed"]', "ReturnVisitMissed, of which the end may come as ReturnVisitAttended"),
        (
            '["TransferRequested", "TransferCompleted"]',
            "TransferRequested, of which the end may come as TransferOverdue",
        ),
        ('["TestResultRecorded"]', "of which the end may come as TestResultCorrected, TestResultRetracted"),
        ('["Discharged"]', "Discharged, of which the end may come as DischargeRevoked"),
        ('["QuarantineStarted"]', "QuarantineCompleted, QuarantineCancelled"),
    ],
)
def test_a_subscription_that_would_not_hear_of_an_end_is_warned_of(
    file: Path, caplog: pytest.LogCaptureFixture, types: str, missing: str
) -> None:
    file.write_text(one("log = true", types))
    load(file)
    warnings = [record.getMessage() for record in caplog.records]
    assert all(warning.startswith(f"{file}: subscription one has ") for warning in warnings)
    assert any(missing in warning for warning in warnings), warnings


@pytest.mark.parametrize(
    "types",
    [
        '["PrimaryCareNotified"]',
        '["AlertForwarded", "AlertEscalated", "AlertClosed"]',
        '["CallRequested", "CallCompleted", "HomeVisitRequested"]',
        '["Discharged", "DischargeRevoked"]',
        '["LinkageClosed"]',
        '["VitalSignsRecorded", "Admitted", "DischargeRuleViolated"]',
    ],
)
def test_one_that_hears_of_every_end_stays_quiet(file: Path, caplog: pytest.LogCaptureFixture, types: str) -> None:
    file.write_text(one("log = true", types))
    load(file)
    assert caplog.records == []


def test_every_event_that_can_be_subscribed_to_has_its_ends_drawn_from_the_table_of_things() -> None:
    assert sorted(endings(by_service(SERVICE))) == deliverable_events()
