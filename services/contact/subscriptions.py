"""The operator's file of subscriptions: who wants which events, and how they are told (docs/architecture/contact.md).

Secrets stand in files of their own, which only the delivery worker reads: never here, on the bus, or in a log.
"""

import logging
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from schemas.topics import by_service
from schemas.values import InstitutionId, SubscriptionId
from services.contact.domain import Subscriber
from services.contact.domain.endings import unheard

SERVICE = "contact"
log = logging.getLogger("afterward.contact")


class BadSubscriptions(ValueError):
    """The file cannot be used; the message says which file, where in it, and what would be right."""


def _beside_the_file(path: Path, info: ValidationInfo) -> Path:
    folder: Path = (info.context or {}).get("folder", Path())
    return folder / path


def _known_event(name: str) -> str:
    if name not in deliverable_events():
        raise ValueError(f"no event of this name can be subscribed to; there are {', '.join(deliverable_events())}")
    return name


def _web_address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ValueError("must be a whole address, https://host/path")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must hold no user and no password: receivers are sure of us by the signature")
    return url


def deliverable_events() -> list[str]:
    """The names of all events that can be subscribed to."""
    return sorted(message.__name__ for topic in by_service(SERVICE) if topic.things for message in topic.messages)


SecretFile = Annotated[Path, AfterValidator(_beside_the_file)]
Address = Annotated[str, Field(max_length=254, pattern=r"^[!-?A-~]+@[!-?A-~]+$")]
EventName = Annotated[str, AfterValidator(_known_event)]
WebAddress = Annotated[str, Field(max_length=2000, pattern=r"^[!-~]+$"), AfterValidator(_web_address)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, hide_input_in_errors=True)


class MailServer(_Part):
    """Where e-mail is handed in. `tls`: `starttls`, `implicit` (from the first byte on), or `none`."""

    host: str
    port: int = Field(587, ge=1, le=65535)
    sender: Address
    tls: Literal["starttls", "implicit", "none"] = "starttls"
    username: str | None = None
    password_file: SecretFile | None = None


class Email(_Part):
    """A mailbox of an institution, never of a patient."""

    to: Address


class Webhook(_Part):
    """An address that takes Standard Webhooks. `secret_file`: a secret a line (`whsec_…`), the newest first.

    `allow_private`: it may lie in a private network, and be reached without TLS.
    """

    url: WebAddress
    secret_file: SecretFile
    allow_private: bool = False

    @model_validator(mode="after")
    def _is_encrypted(self) -> Self:
        if not self.allow_private and urlsplit(self.url).scheme != "https":
            raise ValueError("the address must begin with https://, unless allow_private = true")
        return self


class Subscription(_Part):
    """Who wants which events, told in exactly one way. `since`: what was written down before is not for them."""

    id: SubscriptionId
    types: Annotated[frozenset[EventName], Field(min_length=1)]
    since: AwareDatetime
    institution_id: InstitutionId | None = None
    log: Literal[True] | None = None
    email: Email | None = None
    webhook: Webhook | None = None

    @model_validator(mode="after")
    def _notifies_in_one_way(self) -> Self:
        if sum(way is not None for way in (self.log, self.email, self.webhook)) != 1:
            raise ValueError("say exactly one of log = true, email = {…}, webhook = {…}")
        return self


class SubscriptionFile(_Part):
    """All subscriptions, and the server for those that want e-mail."""

    mail: MailServer | None = None
    subscriptions: tuple[Subscription, ...] = ()

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        names = [subscription.id for subscription in self.subscriptions]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"each subscription has an id of its own; twice there is {', '.join(twice)}")
        if self.mail is None and any(subscription.email for subscription in self.subscriptions):
            raise ValueError("a subscription wants e-mail: say the server under [mail], with host and sender")
        return self

    @property
    def warnings(self) -> Iterator[str]:
        """What a subscription will not hear of, although it hears how it began."""
        for one in self.subscriptions:
            for name, missing in unheard(one.types, by_service(SERVICE)):
                ends = ", ".join(missing)
                yield f"subscription {one.id} has {name}, of which the end may come as {ends}: name it in types as well"

    @property
    def subscribers(self) -> tuple[Subscriber, ...]:
        """As the rules see them."""
        return tuple(Subscriber(one.id, one.types, one.since, one.institution_id) for one in self.subscriptions)


def load(path: Path | None) -> SubscriptionFile:
    """The subscriptions in a file; none where there is no file. Warns of ends that would not be told.

    Raises BadSubscriptions.
    """
    if path is None:
        return SubscriptionFile()
    try:
        found = SubscriptionFile.model_validate(_parsed(path), context={"folder": path.absolute().parent})
    except ValidationError as error:
        raise BadSubscriptions(f"{path}: {'; '.join(_sentences(error))}") from None
    for warning in found.warnings:
        log.warning("%s: %s", path, warning)
    return found


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadSubscriptions(f"{path} cannot be read: {error.strerror}") from None
    except ValueError as error:  # TOML that is none, or bytes that are no text
        raise BadSubscriptions(f"{path} is no TOML file: {error}") from None


def _sentences(error: ValidationError) -> Iterator[str]:
    """What is wrong and where; what was written is not repeated, since a secret may have slipped in."""
    for one in error.errors(include_url=False, include_input=False):
        where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in one["loc"]).lstrip(".")
        yield f"{where or 'the file'}: {one['msg'].removeprefix('Value error, ')}"
