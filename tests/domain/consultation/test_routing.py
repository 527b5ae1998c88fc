"""C2: which channel a request goes to, and why not to another one."""

from datetime import timedelta

from schemas.events.consultation import (
    ConsultationClosed,
    ConsultationOverdue,
    ConsultationQueued,
    ReferredOffline,
)
from services.consultation.domain.consultation import Online, Queue
from tests.domain.consultation.journeys import (
    CENTRE,
    CHILDREN,
    COUGH,
    DIALYSIS,
    FEVER,
    GREEN,
    HOSPITAL,
    KIND,
    SORE_THROAT,
    at,
    cancelled,
    channel,
    completed,
    online,
    requested,
    shift,
)
from tests.domain.story import Story

FOR_CHILDREN = channel(CHILDREN, priority_groups=("child",), departments=("general_medicine",))
CHILD = {"value": 13, "unit": "mo"}


def story(context: Online) -> Story:
    return Story(KIND, context)


def test_a_request_without_a_channel_goes_to_one_of_its_jurisdiction_whose_departments_fit() -> None:
    elsewhere = channel("hn-green", jurisdiction="CN-HN")
    eyes = channel("zj-eyes", departments=("ophthalmology",))
    found = story(online(elsewhere, eyes, channel())).when(requested())
    found.then(
        (ConsultationQueued, {"channel_id": GREEN, "priority": "other", "answer_by": "2022-12-25T04:01:00+08:00"})
    )


def test_a_request_that_names_a_channel_goes_there_even_if_another_fits_better() -> None:
    context = online(channel(), channel("zj-other", district="Binjiang"))
    story(context).when(requested(channel_id="zj-other")).then((ConsultationQueued, {"channel_id": "zj-other"}))


def test_a_request_that_names_a_channel_which_is_not_open_is_routed() -> None:
    story(online(channel())).when(requested(channel_id="zj-gone")).then((ConsultationQueued, {"channel_id": GREEN}))


def test_a_child_goes_to_the_children_s_channel() -> None:
    context = online(channel(), FOR_CHILDREN)
    story(context).when(requested(age=CHILD)).then(
        (ConsultationQueued, {"channel_id": CHILDREN, "priority": "priority"})
    )


def test_a_child_goes_to_another_channel_where_no_children_s_channel_is_open() -> None:
    story(online(channel())).when(requested(age=CHILD)).then((ConsultationQueued, {"channel_id": GREEN}))


def test_an_adult_does_not_go_to_a_channel_for_children_only() -> None:
    story(online(FOR_CHILDREN)).when(requested()).then(
        (ReferredOffline, {"why": "no_channel", "institution_id": CENTRE.institution_id})
    )


def test_a_channel_for_children_and_others_takes_adults() -> None:
    both = channel(priority_groups=("children", "pregnant"))
    story(online(both)).when(requested()).then((ConsultationQueued, {"channel_id": GREEN}))


def test_a_dialysis_patient_without_an_online_option_is_referred_to_who_is_capable() -> None:
    found = story(online(channel())).when(requested(groups=["dialysis"]))
    data = {"why": "no_channel", "institution_id": DIALYSIS.institution_id, "required_capabilities": ["dialysis"]}
    found.then((ReferredOffline, data))


def test_a_dialysis_patient_goes_to_a_channel_that_is_for_them() -> None:
    context = online(channel(), channel("zj-renal", departments=("nephrology",)))
    story(context).when(requested(groups=["dialysis"])).then((ConsultationQueued, {"channel_id": "zj-renal"}))


def test_with_listed_symptoms_and_no_channel_the_community_centre_of_the_district_receives_the_patient() -> None:
    found = story(online()).when(requested(symptoms=[FEVER, COUGH]))
    found.then((ReferredOffline, {"why": "no_channel", "institution_id": CENTRE.institution_id}))


def test_a_centre_that_does_not_accept_all_symptoms_is_passed_over_for_a_hospital() -> None:
    found = story(online()).when(requested(symptoms=[FEVER, SORE_THROAT]))
    found.then((ReferredOffline, {"institution_id": HOSPITAL.institution_id}))


def test_a_centre_of_another_district_is_passed_over() -> None:
    found = story(online()).when(requested(district="Binjiang"))
    found.then((ReferredOffline, {"institution_id": HOSPITAL.institution_id}))


def test_who_can_go_nowhere_waits_visibly_and_is_overdue_at_its_time() -> None:
    found = story(online(institutions=())).when(requested())
    found.then(
        (ConsultationQueued, {"priority": "other", "channel_id": None}),
        (ReferredOffline, {"why": "no_channel", "institution_id": None}),
    )
    found.until(at("25T04:00")).stays_quiet()
    found.until(at("25T04:01")).then((ConsultationOverdue, {"channel_id": None, "passed_to": None}))


def test_a_channel_that_is_found_in_time_takes_a_request_back_that_was_referred() -> None:
    found = story(online()).given(requested(groups=["comorbid"]))
    found.context = online(channel(), queues={GREEN: Queue()})
    found.woken(at("25T03:05")).then(
        (ConsultationQueued, {"channel_id": GREEN, "priority": "priority"}),
        (ReferredOffline, {"why": "no_channel", "withdrawn": True}),
    )


def test_a_request_without_a_channel_is_looked_at_once_more_after_a_minute() -> None:
    found = story(online()).given(requested())
    found.context = online(channel(), queues={GREEN: Queue()})
    found.until(at("25T03:02")).then(ConsultationQueued, (ReferredOffline, {"withdrawn": True}))


def test_another_version_of_the_request_is_routed_anew() -> None:
    context = online(channel(), FOR_CHILDREN)
    found = story(context).given(requested())
    found.when(requested(age=CHILD), received_at=at("25T03:02")).then((ConsultationQueued, {"channel_id": CHILDREN}))


def test_a_channel_that_closes_hands_its_requests_to_the_next_with_what_is_left_of_the_time() -> None:
    second = channel("zj-second", opened_at=at("10T08:00"))
    found = story(online(channel(), second)).given(requested())
    found.context = online(second)
    found.woken(at("25T03:30")).then(
        (ConsultationQueued, {"channel_id": "zj-second", "answer_by": "2022-12-25T04:01:00+08:00"})
    )


def test_a_consultation_that_was_held_stays_in_its_channel_whatever_opens() -> None:
    found = story(online(channel())).given(requested()).when(completed())
    found.then((ConsultationClosed, {"channel_id": GREEN, "outcome": "held", "refers": False, "expert_ref": "e-1"}))
    found.context = online(channel("zj-first", opened_at=at("01T08:00")))
    found.until(at("26T03:00")).stays_quiet()


def test_what_was_held_before_its_channel_was_known_is_counted_there() -> None:
    found = story(online()).given(requested(), completed())
    found.context = online(channel())
    found.woken(at("25T03:30")).then(
        (ConsultationClosed, {"channel_id": GREEN}), (ReferredOffline, {"why": "no_channel", "withdrawn": True})
    )


def test_what_was_cancelled_before_its_channel_was_known_was_asked_for_there() -> None:
    found = story(online()).given(requested(), cancelled())
    found.context = online(channel())
    found.woken(at("25T03:30")).then(
        (ConsultationClosed, {"channel_id": GREEN}), (ReferredOffline, {"why": "no_channel", "withdrawn": True})
    )


def test_what_was_held_is_not_counted_in_a_channel_that_opened_later() -> None:
    found = story(online()).given(requested(), completed())
    found.context = online(channel(opened_at=at("25T03:20")))
    found.woken(at("25T03:30")).stays_quiet()


def test_a_request_that_is_cancelled_is_over() -> None:
    found = story(online(channel())).given(requested()).when(cancelled())
    found.then((ConsultationClosed, {"outcome": "cancelled"}))
    found.until(at("26T03:00")).stays_quiet()


def test_who_was_seen_after_all_was_seen() -> None:
    found = story(online(channel())).given(requested(), cancelled()).when(completed())
    found.then((ConsultationClosed, {"outcome": "held"}))


def test_a_completion_without_a_request_waits_for_it() -> None:
    found = story(online(channel())).when(completed()).stays_quiet()
    found.when(requested(), received_at=at("25T03:11") + timedelta(minutes=1)).then(
        (ConsultationClosed, {"outcome": "held", "requested_at": "2022-12-25T03:00:00+08:00"})
    )


def test_a_patient_for_whom_no_institution_is_known_is_looked_at_once_more_after_a_minute() -> None:
    queues = {GREEN: Queue((shift("e-1"),))}
    alone = story(online(channel(), queues=queues, institutions=())).given(requested(red_flags=["267036007"]))
    assert alone.state.conclusions.referrals[0].institution_id is None
    assert alone.state.conclusions.due == at("25T03:02")

    alone.context = online(channel(), queues=queues)
    alone.until(at("25T03:02"))
    assert alone.state.conclusions.referrals[0].institution_id == HOSPITAL.institution_id
