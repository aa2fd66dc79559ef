"""A school's key-work models: list, edit, copy, reset, the school's own choice."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from keywork import model_services as services
from keywork.access import KeyworkRequest, requires
from keywork.history import history_entries
from keywork.home.forms.settings import ModelForm
from keywork.home.history import KINDS
from keywork.key_work_presets import presets
from keywork.merging import ChangedMeanwhileError
from keywork.models import KeyWorkModel
from keywork.parked_forms import form_data
from keywork.roles import Capability
from students.models import Student


@requires(Capability.MANAGE_MODELS)
def model_list(request: KeyworkRequest) -> HttpResponse:
    """The school's models, which one it works under, and the students with one of their own."""
    viewer = request.viewer
    students = Student.objects.on_roll(viewer.on).filter(school=viewer.school)
    own: dict[int, int] = {}
    for model_id in students.exclude(key_work_model=None).values_list("key_work_model", flat=True):
        own[model_id] = own.get(model_id, 0) + 1
    # Which student has which is identity: only for those who may read that.
    named = Student.objects.identity_for(viewer).filter(
        pk__in=students, key_work_model__isnull=False
    )
    context = {
        "models": [
            (model, model.pk == viewer.chosen_school.key_work_model_id, own.get(model.pk, 0))
            for model in KeyWorkModel.objects.filter(school=viewer.school)
        ],
        "others": students.filter(key_work_model=None).count(),
        "students": list(named.select_related("key_work_model").by_name()),
    }
    return render(request, "home/settings/models.html", context)


@requires(Capability.MANAGE_MODELS)
def model_edit(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Change a model's name and parameters; shows who changed what before."""
    model = _model_or_404(request, ref)
    form = ModelForm(form_data(request), initial=ModelForm.initial_of(model))
    if request.method == "POST" and form.is_valid():
        try:
            services.change_model(
                model=model,
                name=form.cleaned_data["name"],
                parameters=form.parameters,
                by=request.user,
                seen=form.seen,
            )
        except ChangedMeanwhileError as changed:
            form.show_meanwhile(changed)
        else:
            messages.success(request, "Model saved. Due dates follow it.")
            return redirect("settings_models")
    context = {
        "form": form,
        "model": model,
        "is_preset": model.code in presets(),
        "entries": history_entries(model, limit=10, labels=KINDS["model"].labels),
    }
    return render(request, "home/settings/model.html", context)


@require_POST
@requires(Capability.MANAGE_MODELS)
def model_copy(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Make a further model with the same parameters."""
    copy = services.copy_model(model=_model_or_404(request, ref), by=request.user)
    messages.success(request, f"“{copy.name}” added. Change it here.")
    return redirect("settings_model", copy.ref)


@require_POST
@requires(Capability.MANAGE_MODELS)
def model_reset(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Set a copy of a preset back to what ships."""
    model = _model_or_404(request, ref)
    if model.code not in presets():
        raise Http404
    services.reset_model(model=model, by=request.user)
    messages.success(request, "Model set back to the preset.")
    return redirect("settings_model", model.ref)


@require_POST
@requires(Capability.MANAGE_MODELS)
def model_choice(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Let the school work under this model."""
    model = _model_or_404(request, ref)
    services.choose_model(school=request.viewer.chosen_school, model=model, by=request.user)
    messages.success(request, f"The school works under “{model.name}” now.")
    return redirect("settings_models")


def _model_or_404(request: KeyworkRequest, ref: str) -> KeyWorkModel:
    models = KeyWorkModel.objects.manageable_by(request.viewer)
    return get_object_or_404(models, ref=ref, school=request.viewer.school)
