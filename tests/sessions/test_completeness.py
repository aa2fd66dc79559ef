from dataclasses import replace

import pytest

from sessions.completeness import NewTarget, Written, completeness, uncovered_words

WHOLE = Written(
    voice=True,
    feeling=True,
    talked=True,
    engagement=True,
    strategies_or_themes=True,
    unjudged=0,
    new_targets=(NewTarget(measured=True, reviewed_on=True),),
)


def test_a_whole_record_has_all_seven_parts():
    found = completeness(WHOLE, "Jayden")
    assert (found.written, found.parts, found.missing) == (7, 7, ())
    assert found.words == "All 7 parts written."


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"voice": False}, "Jayden’s own words"),
        ({"feeling": False}, "how school feels"),
        ({"talked": False}, "what you talked about"),
        ({"engagement": False}, "how Jayden took part"),
        ({"strategies_or_themes": False}, "strategies or themes"),
        ({"unjudged": 1}, "a word on an open target"),
        ({"unjudged": 2}, "a word on 2 open targets"),
        ({"new_targets": ()}, "a target, or why there is none"),
        (
            {"new_targets": (NewTarget(measured=False, reviewed_on=True),)},
            "how and when to review the new target",
        ),
        (
            {"new_targets": (*WHOLE.new_targets, NewTarget(measured=True, reviewed_on=False))},
            "how and when to review the new target",
        ),
    ],
)
def test_what_is_missing_is_said(changes, missing):
    found = completeness(replace(WHOLE, **changes), "Jayden")
    assert (found.written, found.missing) == (6, (missing,))
    assert found.words == f"6 of 7 parts written. Missing: {missing}."


@pytest.mark.parametrize("excuse", ["no_target_reason", "carried_on"])
def test_no_new_target_is_needed_where_one_carries_on_or_it_says_why(excuse):
    assert not completeness(replace(WHOLE, new_targets=(), **{excuse: True}), "Jayden").missing


def test_an_empty_record():
    empty = Written(
        voice=False,
        feeling=False,
        talked=False,
        engagement=False,
        strategies_or_themes=False,
        unjudged=0,
    )
    found = completeness(empty, "Jayden")
    assert found.words == (
        "1 of 7 parts written. Missing: Jayden’s own words, how school feels, what you talked"
        " about, how Jayden took part, strategies or themes, a target, or why there is none."
    )


@pytest.mark.parametrize(
    ("areas", "said"),
    [
        ([], False),
        (["behaviour"], False),
        (["attendance", "learning"], False),
        ([""], True),
        (["attendance", ""], True),
    ],
)
def test_open_targets_cover_behaviour_or_learning(areas, said):
    assert bool(uncovered_words(areas)) is said
