"""The words a school offers, which parts a slip must have, and its points target."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from keywork.access import KeyworkRequest, requires
from keywork.home.forms.catalogues import (
    ALWAYS,
    GROUPS,
    OFFERED,
    TITLES,
    SlipRulesForm,
    WordForm,
)
from keywork.parked_forms import form_data
from keywork.roles import Capability
from students.models import BehaviourChoice
from students.services import behaviour_choices as services


@requires(Capability.MANAGE_MODELS)
def index(request: KeyworkRequest) -> HttpResponse:
    """Show the words by kind and level, and the rules of slips."""
    return _page(request)


@requires(Capability.MANAGE_MODELS)
@require_POST
def rules(request: KeyworkRequest) -> HttpResponse:
    """Set the points target and the mandatory parts."""
    form = SlipRulesForm(request.POST)
    if not form.is_valid():
        return _page(request, rules_form=form)
    values = form.cleaned_data
    services.set_slip_rules(school=request.viewer.chosen_school, by=request.user, **values)
    messages.success(request, "Saved. New slips follow it.")
    return redirect("settings_catalogues")


@requires(Capability.MANAGE_MODELS)
@require_POST
def word_new(request: KeyworkRequest) -> HttpResponse:
    """Add a word to a group."""
    return _save(request, _group(request), None)


@requires(Capability.MANAGE_MODELS)
@require_POST
def word(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Rename a word, or take it off or put it back on offer."""
    choices = BehaviourChoice.objects.manageable_by(request.viewer)
    choice = get_object_or_404(choices, ref=ref, school=request.viewer.school)
    action = request.POST.get("action", "")
    if action in ("on", "off"):
        services.offer_choice(choice=choice, active=action == "on", by=request.user)
        state = "on offer again" if action == "on" else "no longer on offer. Records keep it"
        messages.success(request, f"“{choice.name}” is {state}.")
        return redirect("settings_catalogues")
    return _save(request, f"{choice.kind}-{choice.level}".rstrip("-"), choice)


@requires(Capability.MANAGE_MODELS)
@require_POST
def usual(request: KeyworkRequest) -> HttpResponse:
    """Make the usual words of a group the school's own, to change them."""
    kind, level = GROUPS[_group(request)]
    services.start_with(
        school=request.viewer.chosen_school,
        kind=kind,
        level=level,
        names=OFFERED[kind, level],
        by=request.user,
    )
    messages.success(request, "These words are yours now. Change them here.")
    return redirect("settings_catalogues")


def _group(request: KeyworkRequest) -> str:
    group = request.POST.get("group", "")
    if group not in GROUPS:
        raise Http404
    return group


def _save(request: KeyworkRequest, group: str, choice: BehaviourChoice | None) -> HttpResponse:
    prefix = choice.ref if choice else group
    form = WordForm(request.POST, prefix=prefix, group=group)
    if form.is_valid():
        kind, level = GROUPS[group]
        try:
            saved = services.save_choice(
                school=request.viewer.chosen_school,
                kind=kind,
                level=level,
                name=form.cleaned_data["name"],
                points=form.cleaned_data.get("points"),
                by=request.user,
                choice=choice,
            )
        except services.ChoiceError as problem:
            form.add_error("name", problem.message)
        else:
            messages.success(request, f"“{saved.name}” saved.")
            return redirect("settings_catalogues")
    return _page(request, word_form=form)


def _page(
    request: KeyworkRequest,
    *,
    rules_form: SlipRulesForm | None = None,
    word_form: WordForm | None = None,
) -> HttpResponse:
    school = request.viewer.chosen_school
    initial = {
        "points_target": school.points_target,
        "low": school.low_slip_parts,
        "high": school.high_slip_parts,
    }
    words = list(BehaviourChoice.objects.filter(school=school).order_by("position", "name"))
    kept = form_data(request) if request.method != "POST" else None
    context = {
        "rules_form": rules_form or SlipRulesForm(kept, initial=initial),
        "groups": [_shown(group, words, word_form) for group in GROUPS],
        "word_form": word_form,
        "has_errors": bool(rules_form or word_form),
    }
    return render(request, "home/settings/catalogues.html", context)


def _shown(group: str, words: list[BehaviourChoice], word_form: WordForm | None) -> dict[str, Any]:
    kind, level = GROUPS[group]
    own = [each for each in words if (each.kind, each.level) == (kind, level)]
    return {
        "key": group,
        "title": TITLES[group],
        "words": [(each, _form_of(each.ref, group, each, word_form)) for each in own],
        "usual": [] if own else OFFERED[kind, level],
        "always": ALWAYS.get(group, []),
        "new": _form_of(group, group, None, word_form),
    }


def _form_of(
    prefix: str, group: str, choice: BehaviourChoice | None, word_form: WordForm | None
) -> WordForm:
    if word_form and word_form.prefix == prefix:
        return word_form
    initial = {"name": choice.name, "points": choice.points} if choice else {}
    return WordForm(prefix=prefix, group=group, initial=initial)
