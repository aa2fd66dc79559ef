"""A long form that is closed half-way: what was typed stands there when it is opened again."""

import pytest
from django.urls import reverse

from keywork.models import Draft
from students.models import Barrier

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
TYPED = "Lunch is loud, and then maths is hard."


def test_a_barrier_half_written_is_there_again_after_the_page_was_closed(
    fold, new_context, sign_in
):
    url = reverse("students:barrier_new", args=[fold.jayden.ref])
    context = new_context()
    page = context.new_page()
    sign_in(page, "priya")
    page.goto(url)
    page.get_by_label("What the student sees as a barrier").fill(TYPED)
    page.locator("[data-draft-status]", has_text="Draft saved").wait_for()
    page.close()

    again = context.new_page()
    again.goto(url)
    again.get_by_text("Carry on where you left it.").wait_for()
    text = again.get_by_label("What the student sees as a barrier")
    assert text.input_value() == TYPED
    text.fill(f"{TYPED} He goes to the library.")
    again.get_by_role("button", name="Save", exact=True).click()
    again.wait_for_url("**/progress/")
    assert Barrier.objects.get().text == f"{TYPED} He goes to the library."
    assert not Draft.objects.exists()
