"""Settings of a service process: environment variables only, each with its unit in its name."""

import os
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from chassis.consume.bounds import FUTURE_TOLERANCE
from chassis.process.access_settings import PREFIX, BusSettings, DatabaseSettings
from chassis.questions.settings import HttpSettings
from chassis.store.quota import PARKED_WHOLE, REPORTS_PER_HOUR, UNPROMPTED_STEPS, Limits
from schemas.reference import EARLIEST_DAY


class Settings(BusSettings, DatabaseSettings, HttpSettings):
    """Read from `AFTERWARD_*`; a wrong or missing one stops the process at its start with its name."""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="what is logged, from here on")
    log_format: Literal["json", "text"] = Field("text", description="how a line of the log is written")
    otlp_endpoint: str | None = Field(
        None, pattern="^https?://.", description="collector that traces are sent to by OTLP over HTTP; absent: none are"
    )
    traces_ratio: float = Field(
        1.0, ge=0, le=1, description="share of the cases whose traces are sent, where no publisher says which"
    )
    clock_file: Path | None = Field(None, description="file of a virtual clock shared by a stack; absent: real time")
    producer_idempotent: bool = Field(True, description="off only for a broker without idempotent producers")
    group_instance_id: str | None = Field(None, description="static group membership: a restart causes no rebalance")
    session_timeout_ms: int = Field(30_000, ge=1_000, description="how long a silent consumer keeps its partitions")
    store_silent_seconds: float = Field(
        60, gt=0, description="a process whose database has not answered for so long gives its partitions back"
    )
    workers: int = Field(2, ge=1, le=16, description="parallel transactions of one process")
    batch_max_records: int = Field(1_000, ge=1, description="records judged in one transaction, at most")
    read_ahead_max_bytes: int = Field(4 * 1024 * 1024, ge=1, description="record bytes waiting in a worker, at most")
    unprompted_steps_max: int = Field(
        UNPROMPTED_STEPS, ge=1, description="so often a case may be judged without a report; then it is parked"
    )
    reports_per_case_hour_max: int = Field(
        REPORTS_PER_HOUR, ge=1, description="reports about one case judged in an hour; those beyond are refused"
    )
    parked_whole_max: int = Field(
        PARKED_WHOLE,
        ge=0,
        description="large records of a topic that nobody can judge, kept whole; of others 64 kB are",
    )
    fetch_max_wait_ms: int = Field(
        100, ge=1, description="how long the broker holds an empty fetch; × 5 while nothing comes"
    )
    wakeup_poll_ms: int = Field(200, ge=1, description="how often the clock is read for what may be due")
    wakeup_margin_ms: int = Field(50, ge=0, description="age of an empty fetch that proves a topic read to its end")
    statement_timeout_seconds: float = Field(
        15.0, gt=0, description="deadline of a database transaction, and of each statement"
    )
    send_timeout_seconds: float = Field(30.0, gt=0, description="deadline of a batch sent to the bus")
    shard_session_timeout_seconds: int = Field(
        15, ge=1, description="whoever is silent for so long loses its shards, and the rows it has locked"
    )
    standing_still_seconds: float = Field(
        120, gt=0, description="a service that has work, and does none of it for so long, ends itself"
    )
    survey_seconds: float = Field(
        30, gt=0, description="how often the work lists are counted for the metrics of the health authority"
    )
    disk_folders: str | None = Field(
        None, description="folders whose disks `/health` warns of when they fill up, with : between"
    )
    future_tolerance_seconds: int = Field(
        int(FUTURE_TOLERANCE.total_seconds()), ge=0, description="how far a report may lie in the future (default)"
    )
    earliest_day: date = Field(EARLIEST_DAY, description="before it nothing that is reported can have happened")
    principal_header: str | None = Field(
        None, description="header in which a trusted gateway says which principal published a report"
    )
    publishers_file: Path | None = Field(None, description="JSON file: which sources may report, and to which topics")
    subscriptions_file: Path | None = Field(None, description="who is told of which events; only contact reads it")

    @model_validator(mode="after")
    def _can_send_traces(self) -> Self:
        """Raises ValueError where traces are asked for, and what sends them is not installed."""
        if self.otlp_endpoint is not None and not _is_installed("opentelemetry.exporter.otlp.proto.http"):
            raise ValueError(f"{PREFIX}OTLP_ENDPOINT needs the extra `traces`: install afterward[traces]")
        return self

    @property
    def limits(self) -> Limits:
        """What one case, and one topic, may ask of everybody."""
        return Limits(self.unprompted_steps_max, self.reports_per_case_hour_max, self.parked_whole_max)

    @property
    def disks(self) -> tuple[Path, ...]:
        """The folders whose disks are looked at."""
        return tuple(Path(folder) for folder in (self.disk_folders or "").split(os.pathsep) if folder)


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # nor what it lies in
        return False
