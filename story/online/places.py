"""Where: the two channels, and the directory of the three places that the story has. The institutions are invented."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from schemas.reports.consultation import ChannelOpened
from schemas.reports.directory import InstitutionDeclared
from schemas.values import InstitutionKind
from story.online.symptoms import LISTED
from story.publication import Statement, at

ZHEJIANG, HUNAN, BEIJING = "CN-ZJ", "CN-HN", "CN-BJ"
DISTRICTS: Final = {
    ZHEJIANG: ("Shangcheng", "Xihu", "Binjiang", "Xiaoshan", "Yuhang", "Haishu", "Lucheng", "Yuecheng", "Nanhu"),
    HUNAN: ("Yuelu", "Furong", "Tianxin", "Kaifu", "Yuhua", "Hetang", "Zhuhui"),
    BEIJING: ("Dongcheng", "Xicheng", "Chaoyang", "Haidian", "Fengtai", "Shijingshan", "Tongzhou", "Daxing"),
}
DECLARED_AT: Final = at(date(2022, 12, 8), 9)
"""When the three commissions declare their institutions, which are so from the first of the month on."""
_SINCE: Final = at(date(2022, 12, 1), 0)
_EVERYTHING: Final = ("paediatric", "obstetric", "dialysis", "intensive_care")


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel of online care as it is declared on the evening before it opens."""

    channel_id: str
    institution_id: str
    name: str
    jurisdiction: str
    departments: tuple[str, ...]
    priority_groups: tuple[str, ...]
    opened_at: datetime
    declared_at: datetime


GREEN: Final = Channel(
    channel_id="zj-green-channel",
    institution_id="cn-zj-online",
    name="Green channel of online care, Zhejiang",
    jurisdiction=ZHEJIANG,
    departments=(
        "infectious_diseases",
        "respiratory_medicine",
        "general_medicine",
        "paediatrics",
        "traditional_chinese_medicine",
        "critical_care",
    ),
    priority_groups=("child", "pregnant", "dialysis", "comorbid"),
    opened_at=at(date(2022, 12, 9), 8),
    declared_at=at(date(2022, 12, 8), 18),
)
CHILDRENS: Final = Channel(
    channel_id="hn-childrens-channel",
    institution_id="cn-hn-childrens-hospital",
    name="Children's channel of online care, Hunan",
    jurisdiction=HUNAN,
    departments=(
        "respiratory_medicine",
        "general_medicine",
        "infectious_diseases",
        "traditional_chinese_medicine",
    ),
    priority_groups=("child",),
    opened_at=at(date(2022, 12, 13), 8),
    declared_at=at(date(2022, 12, 12), 18),
)
CHANNELS: Final = (GREEN, CHILDRENS)


def opened(channel: Channel) -> Statement:
    """The declaration of a channel that is open around the clock."""
    report = ChannelOpened(
        channel_id=channel.channel_id,
        institution_id=channel.institution_id,
        name=channel.name,
        departments=channel.departments,
        priority_groups=channel.priority_groups,
        open_24h=True,
        opened_at=channel.opened_at,
    )
    return Statement(f"opened/{channel.channel_id}", report, source_of(channel.institution_id), channel.declared_at)


def source_of(institution_id: str) -> str:
    """Who speaks for an institution."""
    return f"/institutions/{institution_id}"


def centre(district: str) -> str:
    """The community centre of a district of Beijing."""
    return f"cn-bj-{district.lower()}-centre"


def directory() -> Iterator[Statement]:
    """Every institution of the story, declared by the commission of its jurisdiction."""
    yield _institution("cn-zj-online", "Invented Internet Hospital, Zhejiang", "internet_hospital", online=True)
    yield _institution("cn-zj-provincial-hospital", "Invented Provincial Hospital, Zhejiang", can=_EVERYTHING)
    for place in DISTRICTS[ZHEJIANG]:
        yield _institution(f"cn-zj-{place.lower()}-hospital", f"Invented District Hospital of {place}", district=place)
    yield _institution(
        "cn-hn-childrens-hospital", "Invented Children's Hospital, Hunan", online=True, can=("paediatric",)
    )
    yield _institution("cn-hn-provincial-hospital", "Invented Provincial Hospital, Hunan", can=_EVERYTHING)
    for place in DISTRICTS[BEIJING]:
        yield _institution(centre(place), f"Invented Community Centre of {place}", "community_centre", district=place)
        yield _institution(
            f"cn-bj-{place.lower()}-hospital",
            f"Invented Hospital of {place}",
            district=place,
            online=True,
            can=_EVERYTHING if place == "Haidian" else (),
        )


def _institution(
    institution_id: str,
    name: str,
    kind: InstitutionKind = "hospital",
    *,
    district: str | None = None,
    online: bool = False,
    can: tuple[str, ...] = (),
) -> Statement:
    """The declaration; without a district the institution lies in the first one of its jurisdiction."""
    jurisdiction = institution_id[:5].upper()
    report = InstitutionDeclared(
        institution_id=institution_id,
        name=name,
        kind=kind,
        jurisdiction=jurisdiction,
        district=district or DISTRICTS[jurisdiction][0],
        designated=False,
        capabilities=can,
        online=online,
        open_24h=kind != "community_centre",
        symptoms_accepted=LISTED if kind == "community_centre" else (),
        children=kind == "community_centre" or "paediatric" in can,
        effective_from=_SINCE,
    )
    return Statement(f"declared/{institution_id}", report, f"/commissions/{jurisdiction}", DECLARED_AT)
