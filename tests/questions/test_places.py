"""A reader who is limited to places reads what lies there, and nothing else."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from schemas.services import EVERY_SERVICE
from tests.questions import issuer
from tests.questions.asked import client
from tests.questions.conftest import HeardBy
from tests.questions.test_matrix import ask, bearer, cells, is_problem

ELSEWHERE = {"jurisdictions": ["CN-TJ"]}


@pytest.mark.parametrize("service", EVERY_SERVICE)
async def test_whoever_is_limited_to_another_jurisdiction_reads_nothing_here(
    heard_by: HeardBy, service: str, tmp_path: Path
) -> None:
    heard = await asyncio.to_thread(heard_by, service)
    async with client(heard.application(issuer.authentication(tmp_path))) as asking:
        for cell in cells(heard):
            if "/institutions/" in cell.path:
                continue
            response = await ask(asking, cell, authorization=bearer(**ELSEWHERE))
            if response.status_code == 404:
                continue
            kind = "place_unknown" if "place_unknown" in response.text else "other_place"
            assert is_problem(response, 403, kind), cell


@pytest.mark.parametrize(
    ("limits", "query", "status"),
    [
        ({}, {"jurisdiction": "CN-SH"}, 200),
        ({"jurisdictions": ["CN-SH"]}, {"jurisdiction": "CN-SH"}, 200),
        ({"jurisdictions": ["CN-SH"]}, {"jurisdiction": "CN-SH", "district": "Pudong"}, 200),
        ({"jurisdictions": ["CN-SH"]}, {"jurisdiction": "CN-ZJ"}, 403),
        ({"jurisdictions": ["CN-SH"]}, {"jurisdiction": "unknown"}, 403),
        ({"jurisdictions": []}, {"jurisdiction": "CN-SH"}, 403),
        ({"jurisdictions": ["CN-SH"], "districts": ["Pudong"]}, {"jurisdiction": "CN-SH"}, 403),
        ({"jurisdictions": ["CN-SH"], "districts": ["Pudong"]}, {"jurisdiction": "CN-SH", "district": "pu dong"}, 200),
        ({"jurisdictions": ["CN-SH"], "districts": ["PÚDONG"]}, {"jurisdiction": "CN-SH", "district": "Pudong"}, 200),
        ({"jurisdictions": ["CN-SH"], "districts": ["Pudong"]}, {"jurisdiction": "CN-SH", "district": "Minhang"}, 403),
        ({"jurisdictions": ["CN-SH"], "districts": [""]}, {"jurisdiction": "CN-SH"}, 403),
    ],
)
async def test_a_work_list_is_of_the_readers_place(
    heard_by: HeardBy, limits: dict[str, Any], query: dict[str, str], status: int, tmp_path: Path
) -> None:
    heard = await asyncio.to_thread(heard_by, "followup")
    async with client(heard.application(issuer.authentication(tmp_path))) as asking:
        headers = {"authorization": bearer(**limits)}
        response = await asking.get("/v1/worklists/calls", params=query, headers=headers)
        assert response.status_code == status, response.text


@pytest.mark.parametrize(
    ("limits", "status"),
    [
        ({"jurisdictions": ["CN-SH"]}, 200),
        ({"jurisdictions": ["CN-TJ", "CN-SH"]}, 200),
        ({"jurisdictions": ["CN-TJ"]}, 403),
        ({"jurisdictions": ["CN-SH"], "districts": ["nowhere"]}, 403),
    ],
)
async def test_a_case_is_read_where_it_is(
    heard_by: HeardBy, limits: dict[str, Any], status: int, tmp_path: Path
) -> None:
    heard = await asyncio.to_thread(heard_by, "intake")
    (case_id, *_) = heard.keys["case"]
    async with client(heard.application(issuer.authentication(tmp_path))) as asking:
        headers = {"authorization": bearer(**limits), "purpose-of-use": "TREAT"}
        response = await asking.get(f"/v1/cases/{case_id}", headers=headers)
        assert response.status_code == status, response.text
        headers = {"authorization": bearer()}
        listed = await asking.get("/v1/audit", params={"case_id": case_id, "limit": 1000}, headers=headers)
        last = listed.json()["entries"][-1]
        assert (last["outcome"], last["who"]) == ("answered" if status == 200 else "refused", "reader-1")


async def test_whoever_operates_is_limited_to_no_place(heard_by: HeardBy, tmp_path: Path) -> None:
    heard = await asyncio.to_thread(heard_by, "intake")
    async with client(heard.application(issuer.authentication(tmp_path))) as asking:
        response = await asking.get("/v1/parked", headers={"authorization": bearer(jurisdictions=["CN-SH"])})
        assert is_problem(response, 403, "other_place")
