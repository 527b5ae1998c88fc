"""SCRAM users of a Kafka cluster, with the passwords that stand in files."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from confluent_kafka.admin import (
    AdminClient,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialAlteration,
    UserScramCredentialDeletion,
    UserScramCredentialUpsertion,
)

from afterward.cluster.acls import may_be_ours
from afterward.cluster.admin import ANSWER_SECONDS, until
from chassis.secret_files import secret

_MECHANISM = ScramMechanism.SCRAM_SHA_512
_ITERATIONS = 8192
_SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class UserChanges:
    """Whose passwords were set, and which users there are that nobody has a password file for any more."""

    written: tuple[str, ...]
    extra: tuple[str, ...]


def passwords_in(folder: Path) -> dict[str, str]:
    """File name → what the file holds, of all files of a folder that are not hidden. Raises OSError."""
    files = (one for one in folder.iterdir() if one.is_file() and not one.name.startswith("."))
    return {one.name: secret(one) for one in sorted(files)}


def apply_users(admin: AdminClient, passwords: Mapping[str, str], *, prune: bool) -> UserChanges:
    """Each of these has this password; those of the matrix that are not among them go if asked to.

    Raises KafkaException.
    """
    there = _existing(admin)
    extra = [name for name in there if name not in passwords and may_be_ours(name)]
    changes: list[UserScramCredentialAlteration] = [
        UserScramCredentialUpsertion(
            name, ScramCredentialInfo(_MECHANISM, _ITERATIONS), password.encode(), secrets.token_bytes(_SALT_BYTES)
        )
        for name, password in passwords.items()
    ]
    if prune:
        changes += [UserScramCredentialDeletion(name, mechanism) for name in extra for mechanism in there[name]]
    if changes:
        for answer in admin.alter_user_scram_credentials(changes, request_timeout=ANSWER_SECONDS).values():
            answer.result()
        gone = extra if prune else []
        until(lambda: set(passwords) <= (known := _existing(admin)).keys() and known.keys().isdisjoint(gone))
    return UserChanges(tuple(passwords), tuple(extra))


def _existing(admin: AdminClient) -> dict[str, list[ScramMechanism]]:
    """Every user → the mechanisms for which there is a password."""
    asked: Any = admin.describe_user_scram_credentials(request_timeout=ANSWER_SECONDS)
    found = asked.result().items()
    return {name: [one.mechanism for one in user.scram_credential_infos] for name, user in sorted(found)}
