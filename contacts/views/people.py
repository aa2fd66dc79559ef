"""Adults around a student: adding, changing, ending, and noting that all is still right."""

from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from contacts.adults import can_check_contacts, can_edit_contacts
from contacts.errors import ContactsError
from contacts.forms.people import ContactForm, EndForm, shown_values
from contacts.models import StudentContact
from contacts.services import people as services
from keywork.access import KeyworkRequest, Viewer, allow, get_visible_or_404, requires
from keywork.kept_forms import keep_typed
from keywork.merging import ChangedMeanwhileError
from keywork.parked_forms import form_data
from keywork.roles import Capability
from keywork.undo import offer_undo
from students.form_page import form_page
from students.models import Student
from students.policies import sight_of

_page = partial(form_page, tab="people", back="people")


@requires(Capability.EDIT_IDENTITY, Capability.SEE_SCHOOL_RECORDS)
def contact_new(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Add an adult."""
    viewer = request.viewer
    student = _student(viewer, ref)
    allow(can_edit_contacts(viewer, student, sight_of(viewer, student)))
    following = student.contacts.current(viewer.on).count() + 1
    form = ContactForm(form_data(request), on=viewer.on, initial={"priority": following})
    title = f"An adult around {student.name}"
    keep_typed(request, form, title=title, school_id=student.school_id)
    if request.method == "POST" and form.is_valid():
        try:
            added = services.add_contact(
                student=student, values=form.typed, by=viewer.user, on=viewer.on
            )
        except ContactsError as problem:
            form.add_error(problem.field or None, problem.message)
        else:
            messages.success(request, f"{added.contact.name} is added.")
            if why := added.why_not(viewer.on):
                messages.warning(request, f"{added.contact.name} must not be contacted. {why}")
            return redirect("people", student.ref)
    return _page(request, student, form, "Add an adult")


@requires(Capability.EDIT_IDENTITY, Capability.SEE_SCHOOL_RECORDS)
def contact_edit(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Change an adult, what they may be told, and whether they may be contacted."""
    viewer = request.viewer
    link = _link(viewer, ref)
    form = ContactForm(form_data(request), on=viewer.on, initial=shown_values(link))
    title = f"Changing {link.contact.name}, of {link.student.name}"
    keep_typed(request, form, title=title, school_id=link.student.school_id)
    if request.method == "POST" and form.is_valid() and _changed(form, link, viewer):
        messages.success(request, "Saved.")
        return redirect("people", link.student.ref)
    return _page(request, link.student, form, f"Change {link.contact.name}")


def _changed(form: ContactForm, link: StudentContact, viewer: Viewer) -> bool:
    try:
        services.change_contact(
            link=link, values=form.typed, seen=form.seen, by=viewer.user, on=viewer.on
        )
    except ChangedMeanwhileError as changed:
        form.show_meanwhile(changed)
        return False
    except ContactsError as problem:
        form.add_error(problem.field or None, problem.message)
        return False
    return True


@requires(Capability.EDIT_IDENTITY, Capability.SEE_SCHOOL_RECORDS)
def contact_end(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Say that an adult is no longer a contact, and why; what was said to them stays."""
    viewer = request.viewer
    link = _link(viewer, ref)
    form = EndForm(form_data(request))
    if request.method == "POST" and form.is_valid():
        services.end_contact(
            link=link, by=viewer.user, on=viewer.on, reason=form.cleaned_data["reason"]
        )
        words = f"{link.contact.name} is no longer a contact."
        offer_undo(request, words, kind="contact_end", record=link)
        return redirect("people", link.student.ref)
    return _page(request, link.student, form, f"End contact with {link.contact.name}")


@requires(Capability.EDIT_IDENTITY, Capability.LIAISE)
@require_POST
def contacts_checked(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Note that all details were checked today and are still right; one tap."""
    viewer = request.viewer
    student = _student(viewer, ref)
    allow(can_check_contacts(viewer, student, sight_of(viewer, student)))
    services.check_contacts(student=student, by=viewer.user, on=viewer.on)
    messages.success(request, "Checked today, still right.")
    return redirect("people", student.ref)


def _student(viewer: Viewer, ref: str) -> Student:
    shown = Student.objects.for_list(viewer.on).with_sight(viewer)
    student: Student = get_visible_or_404(
        shown.select_related("school__key_work_model"), viewer, ref=ref
    )
    return student


def _link(viewer: Viewer, ref: str) -> StudentContact:
    """The adult, if the viewer may change them: 404 out of sight, else 403."""
    links = StudentContact.objects.select_related("contact", "student__school__key_work_model")
    link: StudentContact = get_visible_or_404(
        links.select_related("student__key_work_model"), viewer, ref=ref
    )
    allow(can_edit_contacts(viewer, link.student, sight_of(viewer, link.student)))
    return link
