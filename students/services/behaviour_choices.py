"""The words that a school offers on slips: learnt from the slips it has, and set by admins."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Max

from keywork.history import save_by
from keywork.models import School, User
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


class ChoiceError(Exception):
    """A word that cannot be added or changed; the message is for the screen."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@transaction.atomic
def save_choice(
    *,
    school: School,
    kind: str,
    level: str,
    name: str,
    points: int | None,
    by: User,
    choice: BehaviourChoice | None = None,
) -> BehaviourChoice:
    """Add a word to those a school offers, or rename one; slips keep the words they have.

    points: of a category, unless told otherwise. Raises ChoiceError where the word is there.
    """
    School.objects.select_for_update(of=("self",)).get(pk=school.pk)
    same = BehaviourChoice.objects.filter(school=school, kind=kind, level=level)
    if choice:
        same = same.exclude(pk=choice.pk)
    if same.filter(name__iexact=name).exists():
        raise ChoiceError(f"“{name}” is there already")
    if choice is None:
        last = same.aggregate(last=Max("position"))["last"] or 0
        choice = BehaviourChoice(school=school, kind=kind, level=level, position=last + 1)
    choice.name, choice.points = name, points
    save_by(choice, by)
    return choice


@transaction.atomic
def offer_choice(*, choice: BehaviourChoice, active: bool, by: User) -> None:
    """Put a word on offer, or take it off; slips that have it keep it."""
    choice = BehaviourChoice.objects.select_for_update(of=("self",)).get(pk=choice.pk)
    if choice.active != active:
        choice.active = active
        save_by(choice, by)


@transaction.atomic
def start_with(*, school: School, kind: str, level: str, names: Iterable[str], by: User) -> None:
    """Make usual words a school's own, where it has none of this kind and level."""
    School.objects.select_for_update(of=("self",)).get(pk=school.pk)
    if BehaviourChoice.objects.filter(school=school, kind=kind, level=level).exists():
        return
    for at, name in enumerate(names, 1):
        choice = BehaviourChoice(school=school, kind=kind, level=level, name=name, position=at)
        save_by(choice, by)


@transaction.atomic
def set_slip_rules(
    *, school: School, points_target: int, low: list[str], high: list[str], by: User
) -> None:
    """Set a school's points a week to aim for, and which parts its slips must have."""
    school = School.objects.select_for_update(of=("self",)).get(pk=school.pk)
    school.points_target, school.low_slip_parts, school.high_slip_parts = points_target, low, high
    save_by(school, by)
