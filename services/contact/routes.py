"""What contact learns from which message: only events that somebody has subscribed to, as the operator's file says."""

from collections.abc import Sequence

from chassis.decide.aggregate import Aggregate, OfPerson, ReadModel, on
from chassis.process.settings import Settings
from schemas.reports.contact import ContactReported, SubscriptionSwitched
from schemas.topics import by_service
from services.contact import domain
from services.contact.context import Context
from services.contact.subscriptions import SERVICE, load

SUBSCRIPTION = Aggregate(
    "subscription",
    domain.subscription.Switch,
    domain.subscription.Nothing,
    domain.subscription.conclude,
    domain.subscription.announce,
    learns=(on(SubscriptionSwitched, domain.subscription.learn_switched),),
    table=ReadModel("subscription", {"is_on": "boolean"}, domain.subscription.row),
    is_silent=True,
)


def case(
    subscribers: Sequence[domain.Subscriber],
) -> Aggregate[domain.case.Facts, domain.case.Conclusions, domain.Subscriptions]:
    """What is judged while these subscribe: a case, with all that anybody has to be told of it."""
    wanted, learn = domain.types_wanted(subscribers), domain.case.learner(subscribers)
    messages = [message for topic in by_service(SERVICE) if topic.things for message in topic.messages]
    return Aggregate(
        "case",
        domain.case.Facts,
        domain.case.Conclusions,
        domain.case.conclude,
        domain.case.announce,
        learns=(
            on(ContactReported, domain.case.learn_reported),
            *(on(message, learn) for message in messages if message.__name__ in wanted),
        ),
        context=Context(subscribers).of,
        table=ReadModel("contact_case", {"awaited": "json"}, domain.case.row),
        of_person=OfPerson("case"),
    )


CASE = case(load(Settings().subscriptions_file).subscribers)
AGGREGATES = (CASE, SUBSCRIPTION)
