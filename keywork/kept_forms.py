"""Forms that keep what is typed in them as a draft: one call in a view does it.

A view hands its form, built as ever, to `keep_typed`. The page then carries what app.js needs to
save as one types; "Save and leave" does the same without a script; and the form opened again
stands as one left it, unchecked. A post that the view answers by sending on has been saved: the
middleware then drops the draft (`forget_saved`), as it does a form kept over a sign-in.

The forms of a session, a call and a slip, which have a life of their own, do this themselves.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.forms import BaseForm
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse

from keywork import drafts
from keywork.access import KeyworkRequest
from keywork.drafts import DraftSubject
from keywork.models import Draft
from keywork.parked_forms import form_data


@dataclass(frozen=True, slots=True)
class Kept:
    """What the templates need of a form that is kept, as `form.kept`.

    draft: what the form is filled with, while nothing is posted.
    """

    key: str
    token: str
    version: int
    draft: Draft | None

    @property
    def save_url(self) -> str:
        """Give the address that takes the draft."""
        return reverse("draft", args=[self.key])


def keep_typed(
    request: KeyworkRequest,
    form: BaseForm,
    *,
    title: str,
    school_id: int | None,
    at: str = "",
    url: str = "",
    among: Mapping[str, Draft] | None = None,
) -> None:
    """Keep what is typed in a form as the viewer's draft, and fill it with that.

    title: what the list of drafts calls it. school_id: of the student or whatever it is about.
    at, url: what tells the form from others, and the page that shows it, where that is not the
    address asked for. among: of a page with several forms, their drafts (`drafts_of`).
    """
    posted = form_data(request)
    subject = DraftSubject(
        key=f"{form_name(type(form))}:{at or _address(request)}",
        title=title,
        url=url or request.path,
        school_id=school_id,
    )
    version = drafts.version_of(posted) if posted is not None else drafts.NO_DRAFT
    draft = None
    if posted is None and among is not None:
        draft = among.get(subject.key)
    elif posted is None:
        draft = drafts.find_draft(request.viewer.user, subject.key)
    if draft:
        show_typed(form, drafts.as_posted(draft.data))
        version = draft.version
    if request.method == "POST":
        request.kept_key = subject.key
    token = drafts.token_for(request.viewer.user, subject)
    vars(form)["kept"] = Kept(subject.key, token, version, draft)


def drafts_of(
    request: KeyworkRequest, form: type[BaseForm], addresses: Iterable[str]
) -> dict[str, Draft]:
    """Give the viewer's drafts of forms of one kind, by key, in one query; none after a post."""
    if form_data(request) is not None:
        return {}
    keys = [f"{form_name(form)}:{at}" for at in addresses]
    found = Draft.objects.filter(owner=request.viewer.user, key__in=keys)
    return {each.key: each for each in found}


def show_typed(form: BaseForm, typed: QueryDict) -> None:
    """Fill a form that is not bound with what was typed, as it stood, without checking it."""
    for name, field in form.fields.items():
        sent_as = form.add_prefix(name)
        if not field.widget.value_omitted_from_data(typed, {}, sent_as):
            form.initial[name] = field.widget.value_from_datadict(typed, {}, sent_as)


def not_saved(request: KeyworkRequest) -> None:
    """Say that the form posted was not saved, though the view sends on: its draft stays."""
    request.kept_key = ""


def forget_saved(request: KeyworkRequest, response: HttpResponse) -> None:
    """Drop the draft of a form that was posted, where the view saved it and sends on."""
    if request.kept_key and isinstance(response, HttpResponseRedirect):
        drafts.discard_posted(owner=request.viewer.user, key=request.kept_key, posted=request.POST)


def form_name(form: type[BaseForm]) -> str:
    """Give what the key of a form's draft begins with: "register_forms.TalkForm"."""
    return f"{form.__module__.rpartition('.')[2]}.{form.__name__}"


def _address(request: KeyworkRequest) -> str:
    """Give the address asked for in short: "talk_new.abcdefghjk"."""
    match = request.resolver_match
    return ".".join([match.url_name or "", *map(str, match.kwargs.values())]) if match else ""
