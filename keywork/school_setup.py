"""Making a school: its own copies of the presets come with it."""

from django.db import transaction

from keywork.key_work_presets import KeyWorkPreset, presets
from keywork.models import KeyWorkModel, School, Trust
from keywork.models.key_work import as_stored


@transaction.atomic
def create_school(
    *, urn: str, name: str, model: str, laestab: str = "", trust: str = ""
) -> School:
    """Make a school with a copy of each preset, working under the one named `model`.

    Raises KeyError where no preset has that name.
    """
    group = Trust.objects.get_or_create(name=trust)[0] if trust else None
    school = School(urn=urn, name=name, laestab=laestab, trust=group)
    school.save()
    copies = {preset.key: _copy_of(preset, school) for preset in presets().values()}
    school.key_work_model = copies[model]
    school.save()
    return school


def _copy_of(preset: KeyWorkPreset, school: School) -> KeyWorkModel:
    values = as_stored(preset.parameters)
    model = KeyWorkModel(school=school, code=preset.key, name=preset.name, **values)
    model.save()
    return model
