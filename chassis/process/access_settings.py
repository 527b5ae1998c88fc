"""Settings that say how Kafka and PostgreSQL are reached: the same for every process and every job."""

from dataclasses import fields
from pathlib import Path
from typing import Self

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from chassis.bus_access import BusAccess
from chassis.database_access import DatabaseAccess

PREFIX = "AFTERWARD_"


def bus_variable(field: str) -> str:
    """The variable that a field of `BusAccess` is read from."""
    return f"{PREFIX}{'' if field == 'bootstrap_servers' else 'KAFKA_'}{field.upper()}"


def database_variable(field: str) -> str:
    """The variable that a field of `DatabaseAccess` is read from."""
    return f"{PREFIX}DATABASE_{field.upper()}"


def variables(bus: BusAccess) -> dict[str, str]:
    """The environment from which `BusSettings` makes this access again."""
    return {bus_variable(one.name): str(value) for one in fields(bus) if (value := getattr(bus, one.name)) is not None}


def in_words(wrong: ValidationError) -> str:
    """What is wrong with settings, each with its variable; no value stands in it."""
    return "; ".join(
        f"{PREFIX}{'_'.join(map(str, error['loc'])).upper()}: {error['msg']}"
        if error["loc"]
        else error["msg"].removeprefix("Value error, ")
        for error in wrong.errors(include_input=False, include_url=False)
    )


class BusSettings(BaseSettings):
    """How Kafka is reached."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, hide_input_in_errors=True)

    bootstrap_servers: str = Field("localhost:9092", description="Kafka's bootstrap servers, `host:port,…`")
    kafka_security_protocol: str = Field("PLAINTEXT", description="`PLAINTEXT`, `SSL`, `SASL_PLAINTEXT` or `SASL_SSL`")
    kafka_sasl_mechanism: str | None = Field(
        None, description="`SCRAM-SHA-512`, `SCRAM-SHA-256`, `PLAIN` or `OAUTHBEARER`"
    )
    kafka_username: str | None = Field(None, description="who this process is on Kafka")
    kafka_password_file: Path | None = Field(None, description="file of that user's password")
    kafka_ca_file: Path | None = Field(
        None, description="PEM file of whom brokers' certificates come from; absent: whom this machine trusts"
    )
    kafka_certificate_file: Path | None = Field(None, description="PEM file of this client's own certificate")
    kafka_key_file: Path | None = Field(None, description="PEM file of that certificate's key, without a password")
    kafka_token_url: str | None = Field(None, description="where an issuer gives tokens for `OAUTHBEARER`")
    kafka_client_id: str | None = Field(None, description="who this process is to that issuer")
    kafka_client_secret_file: Path | None = Field(None, description="file of its secret there")
    kafka_scope: str | None = Field(None, description="scope of the tokens that are asked for")

    @property
    def bus(self) -> BusAccess:
        """All of it in one."""
        return BusAccess(
            self.bootstrap_servers,
            self.kafka_security_protocol,
            self.kafka_sasl_mechanism,
            self.kafka_username,
            self.kafka_password_file,
            self.kafka_ca_file,
            self.kafka_certificate_file,
            self.kafka_key_file,
            self.kafka_token_url,
            self.kafka_client_id,
            self.kafka_client_secret_file,
            self.kafka_scope,
        )

    @model_validator(mode="after")
    def _bus_can_be_reached(self) -> Self:
        self.bus.check(bus_variable)
        return self


class DatabaseSettings(BaseSettings):
    """How the database is reached."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, hide_input_in_errors=True)

    database_dsn: str = Field("postgresql://localhost/afterward", description="the service's own PostgreSQL database")
    database_password_file: Path | None = Field(None, description="file of the password, which the DSN then lacks")
    database_ca_file: Path | None = Field(
        None, description="PEM file of whom the server's certificate must come from; its name is compared (verify-full)"
    )
    database_certificate_file: Path | None = Field(None, description="PEM file of this client's own certificate")
    database_key_file: Path | None = Field(None, description="PEM file of that certificate's key, without a password")

    @property
    def database(self) -> DatabaseAccess:
        """All of it in one."""
        return DatabaseAccess(
            self.database_dsn,
            self.database_password_file,
            self.database_ca_file,
            self.database_certificate_file,
            self.database_key_file,
        )

    @model_validator(mode="after")
    def _database_can_be_reached(self) -> Self:
        self.database.check(database_variable)
        return self
