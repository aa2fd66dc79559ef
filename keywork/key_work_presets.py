"""The parameters of a key-work model, and the five presets that ship as data.

Source: the table "Key-work models" of the rules; the presets themselves are
`key_work_models.toml` beside this module.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

FOCUS_ROTATION = ("ehcp", "iep", "student_voice")
PRESETS_FILE = Path(__file__).with_name("key_work_models.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyWorkParameters:
    """Under which rules a school, or one student, works.

    None means that the rule does not apply. focus_rotation: the focuses that sessions
    take in turn, as sessions store them. Making one checks it: ValueError with a
    sentence that names the parameter.
    """

    session_minutes: tuple[int, ...]
    weekly_call: bool
    same_day_high_incident: bool
    same_day_reward: bool
    same_day_absence_lateness: bool
    targets_per_student_max: int
    weekly_targets: bool
    teacher_checkup: bool
    termly_report: bool
    pupil_on_a_page: bool
    iep_review: bool
    supervision: bool
    caseload_max: int
    session_every_school_days: int | None = None
    sessions_per_half_term: int | None = None
    sessions_per_term: int | None = None
    session_minutes_max: int | None = None
    same_day_low_incidents: int | None = None
    focus_rotation: tuple[str, ...] = FOCUS_ROTATION

    def __post_init__(self) -> None:
        for parameter in fields(self):
            _check_type(parameter.name, str(parameter.type), getattr(self, parameter.name))
        if not self.session_minutes:
            raise ValueError("session_minutes: offer at least one length.")
        if self.sessions_per_half_term and self.sessions_per_term:
            raise ValueError("sessions_per_term: leave empty where sessions_per_half_term is set.")
        if self.session_minutes_max and max(self.session_minutes) > self.session_minutes_max:
            raise ValueError("session_minutes: no length may exceed session_minutes_max.")

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Self:
        """Parameters from names and values; what is left out does not apply.

        Raises ValueError that names an unknown or missing parameter.
        """
        required = {each.name for each in fields(cls) if each.default is MISSING}
        unknown = values.keys() - {each.name for each in fields(cls)}
        if unknown:
            raise ValueError(f"Unknown parameter: {', '.join(sorted(unknown))}.")
        if missing := required - values.keys():
            raise ValueError(f"Missing parameter: {', '.join(sorted(missing))}.")
        plain = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in values.items()
        }
        return cls(**plain)

    @property
    def default_minutes(self) -> int:
        """The length offered first, in minutes."""
        return self.session_minutes[0]


@dataclass(frozen=True, slots=True)
class KeyWorkPreset:
    """One model that ships: its key in files, its name on screen, its parameters."""

    key: str
    name: str
    parameters: KeyWorkParameters


@cache
def presets() -> Mapping[str, KeyWorkPreset]:
    """The presets by key, in the order of their file."""
    return load_presets(PRESETS_FILE.read_text(encoding="utf-8"))


def load_presets(text: str) -> Mapping[str, KeyWorkPreset]:
    """Presets by key from TOML; ValueError that names the model and what is wrong."""
    loaded = {key: _preset(key, values) for key, values in tomllib.loads(text).items()}
    return MappingProxyType(loaded)


def _preset(key: str, values: Mapping[str, Any]) -> KeyWorkPreset:
    """One preset from its table; ValueError with the model's key in front."""
    parameters = {name: value for name, value in values.items() if name != "name"}
    try:
        return KeyWorkPreset(key, values["name"], KeyWorkParameters.from_mapping(parameters))
    except KeyError:
        raise ValueError(f"{key}: give the model a name.") from None
    except ValueError as problem:
        raise ValueError(f"{key}: {problem}") from problem


def _check_type(name: str, kind: str, value: object) -> None:
    """Raise ValueError unless the value is of the parameter's kind."""
    if kind == "bool":
        if not isinstance(value, bool):
            raise ValueError(f"{name}: yes or no, not {value!r}.")
    elif kind == "int | None" and value is None:
        return
    elif kind == "tuple[str, ...]":
        _check_focuses(name, value)
    elif kind.startswith("tuple"):
        _check_lengths(name, value)
    elif not _is_positive(value):
        raise ValueError(f"{name}: a whole number of at least 1, not {value!r}.")


def _check_lengths(name: str, value: object) -> None:
    """Raise ValueError unless the value is a tuple of whole minutes."""
    if not isinstance(value, tuple) or not all(_is_positive(minutes) for minutes in value):
        raise ValueError(f"{name}: whole numbers of minutes, not {value!r}.")


def _check_focuses(name: str, value: object) -> None:
    """Raise ValueError unless the value is a tuple of focuses, each once."""
    if not isinstance(value, tuple) or not all(isinstance(each, str) and each for each in value):
        raise ValueError(f"{name}: names of focuses, not {value!r}.")
    if len(set(value)) < len(value):
        raise ValueError(f"{name}: name each focus once.")


def _is_positive(value: object) -> bool:
    """Whether the value is a whole number of at least 1 (True is not a number here)."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1
