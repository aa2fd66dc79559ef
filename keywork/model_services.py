"""Changing a school's key-work models."""

from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from keywork.history import save_by
from keywork.key_work_presets import KeyWorkParameters, presets
from keywork.merging import Marks, fields_to_write
from keywork.models import KeyWorkModel, School, User
from keywork.models.key_work import as_stored

LONGEST_CODE = 40
CHECKED_TOGETHER = (
    ("session_minutes", "session_minutes_max"),
    ("sessions_per_half_term", "sessions_per_term"),
)


@transaction.atomic
def change_model(
    *,
    model: KeyWorkModel,
    name: str,
    parameters: KeyWorkParameters,
    by: User,
    seen: Marks | None = None,
) -> KeyWorkModel:
    """Change a school's model; every student under it is due by the new rules from now on.

    seen: what the form showed; raises ChangedMeanwhileError: see `keywork.merging`.
    """
    model = KeyWorkModel.objects.select_for_update(of=("self",)).get(pk=model.pk)
    current = {"name": model.name, **asdict(model.parameters())}
    wanted = {"name": name, **asdict(parameters)}
    values = current | fields_to_write(
        seen, current=current, wanted=wanted, together=CHECKED_TOGETHER
    )
    name = values.pop("name")
    return _saved(model, name, KeyWorkParameters(**values), by)


@transaction.atomic
def copy_model(*, model: KeyWorkModel, by: User) -> KeyWorkModel:
    """Make a further model of the school's own, with the same parameters and a free name."""
    School.objects.select_for_update().get(pk=model.school_id)
    taken = KeyWorkModel.objects.filter(school=model.school_id)
    names = set(taken.values_list("name", flat=True))
    codes = set(taken.values_list("code", flat=True))
    name = _free(f"{model.name}, own", names, " ")
    code = _free(slugify(name).replace("-", "_")[: LONGEST_CODE - 4], codes, "_")
    copy = KeyWorkModel(school=model.school, code=code)
    return _saved(copy, name, model.parameters(), by)


@transaction.atomic
def reset_model(*, model: KeyWorkModel, by: User) -> KeyWorkModel:
    """Set a copy of a preset back to what ships. Raises KeyError for a school's own model."""
    preset = presets()[model.code]
    model = KeyWorkModel.objects.select_for_update(of=("self",)).get(pk=model.pk)
    return _saved(model, preset.name, preset.parameters, by)


@transaction.atomic
def choose_model(*, school: School, model: KeyWorkModel, by: User) -> None:
    """Make a model the one that every student without one of their own works under."""
    if model.school_id != school.pk:
        raise ValueError("The model is another school's.")
    school = School.objects.select_for_update(of=("self",)).get(pk=school.pk)
    school.key_work_model = model
    save_by(school, by)


def _free(wanted: str, taken: set[str], joint: str) -> str:
    """Give the wanted name, with a number behind it where it is taken."""
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}{joint}{number}", number + 1
    return name


def _saved(model: KeyWorkModel, name: str, parameters: KeyWorkParameters, by: User) -> Any:
    model.name = name
    for field, value in as_stored(parameters).items():
        setattr(model, field, value)
    save_by(model, by)
    return model
