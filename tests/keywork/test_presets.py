import pytest

from keywork.key_work_presets import KeyWorkParameters, load_presets, presets

# The table of the rules, row by row, in the order of its columns.
MODELS = ["alternative_provision", "mainstream_sen", "special_day", "residential", "community"]
TABLE = {
    "session_every_school_days": (5, 5, 10, None, 1),
    "sessions_per_half_term": (None, None, 3, None, None),
    "sessions_per_term": (None, None, None, 1, None),
    "session_minutes": ((30,), (20, 60), (20,), (30,), (60,)),
    "session_minutes_max": (None, 60, 20, None, None),
    "weekly_call": (False, False, True, False, False),
    "same_day_high_incident": (False, False, True, False, True),
    "same_day_low_incidents": (None, None, 3, None, None),
    "same_day_reward": (False, False, True, False, False),
    "same_day_absence_lateness": (True, False, False, False, False),
    "targets_per_student_max": (3, 3, 3, 3, 3),
    "weekly_targets": (True, False, False, False, False),
    "teacher_checkup": (False, True, False, False, False),
    "termly_report": (True, False, True, False, True),
    "pupil_on_a_page": (True, True, True, True, True),
    "iep_review": (False, True, True, True, True),
    "supervision": (False, False, False, True, False),
    "caseload_max": (6, 8, 5, 4, 5),
    "focus_rotation": (("ehcp", "iep", "student_voice"),) * 5,
}


def values(**changes):
    given = {name: row[0] for name, row in TABLE.items() if row[0] is not None}
    given = {**given, **changes}
    return {name: value for name, value in given.items() if value != "left out"}


def test_there_are_five_presets_in_order():
    assert list(presets()) == MODELS
    assert [preset.name for preset in presets().values()] == [
        "Alternative provision",
        "Mainstream SEN",
        "Special day school",
        "Residential",
        "Community",
    ]


@pytest.mark.parametrize("name", TABLE)
def test_presets_equal_the_table(name):
    found = tuple(getattr(presets()[model].parameters, name) for model in MODELS)
    assert found == TABLE[name]


def test_the_table_holds_every_parameter():
    assert set(TABLE) == set(KeyWorkParameters.__dataclass_fields__)


def test_the_first_length_is_the_default():
    assert presets()["mainstream_sen"].parameters.default_minutes == 20


def test_presets_cannot_be_changed():
    with pytest.raises(TypeError):
        presets()["mine"] = presets()["community"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"colour": "red"}, "Unknown parameter: colour"),
        ({"caseload_max": "left out"}, "Missing parameter: caseload_max"),
        ({"caseload_max": 0}, "caseload_max: a whole number of at least 1, not 0"),
        ({"caseload_max": None}, "caseload_max: a whole number"),
        ({"caseload_max": True}, "caseload_max: a whole number"),
        ({"session_every_school_days": -5}, "session_every_school_days: a whole number"),
        ({"session_every_school_days": "5"}, "session_every_school_days: a whole number"),
        ({"weekly_call": "yes"}, "weekly_call: yes or no, not 'yes'"),
        ({"session_minutes": []}, "session_minutes: offer at least one length"),
        ({"session_minutes": 30}, "session_minutes: whole numbers of minutes"),
        ({"session_minutes": [20, 0]}, "session_minutes: whole numbers of minutes"),
        ({"focus_rotation": "iep"}, "focus_rotation: names of focuses"),
        ({"focus_rotation": ["iep", ""]}, "focus_rotation: names of focuses"),
        ({"focus_rotation": ["iep", "iep"]}, "focus_rotation: name each focus once"),
        ({"session_minutes_max": 20}, "no length may exceed session_minutes_max"),
        ({"sessions_per_half_term": 3, "sessions_per_term": 1}, "sessions_per_term: leave empty"),
    ],
)
def test_wrong_parameters_are_named(changes, message):
    with pytest.raises(ValueError, match=message):
        KeyWorkParameters.from_mapping(values(**changes))


def test_parameters_from_a_mapping():
    parameters = KeyWorkParameters.from_mapping(values(session_minutes=(20, 30)))
    assert parameters.session_minutes == (20, 30)
    assert parameters.sessions_per_term is None
    assert KeyWorkParameters.from_mapping(values(focus_rotation=["iep"])).focus_rotation == (
        "iep",
    )


def test_a_file_with_a_mistake_names_the_model():
    with pytest.raises(ValueError, match="mine: Missing parameter"):
        load_presets('[mine]\nname = "Mine"\n')
    with pytest.raises(ValueError, match="mine: give the model a name"):
        load_presets("[mine]\nweekly_call = true\n")
