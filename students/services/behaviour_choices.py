"""The words that a school offers on slips, learnt from the slips it has."""

from collections.abc import Iterable

from keywork.models import School
from students.models import BehaviourChoice, BehaviourRecord

Kind = BehaviourChoice.Kind
LONGEST_NAME = 100


def offer_choices(*, school: School, slips: Iterable[BehaviourRecord]) -> int:
    """Add the categories, places and consequences of these slips to the school's; count the new.

    One that the school has is left as it is, also where it is no longer on offer.
    """
    wanted = {key for slip in slips for key in _words_of(slip) if 0 < len(key[2]) <= LONGEST_NAME}
    there = BehaviourChoice.objects.filter(school=school).values_list("kind", "level", "name")
    missing = sorted(wanted - set(there))
    for kind, level, name in missing:
        BehaviourChoice(school=school, kind=kind, level=level, name=name).save()
    return len(missing)


def _words_of(slip: BehaviourRecord) -> list[tuple[str, str, str]]:
    return [
        (Kind.CATEGORY.value, str(slip.level), slip.category),
        (Kind.LOCATION.value, "", slip.location),
        (Kind.CONSEQUENCE.value, "", slip.consequence),
    ]
