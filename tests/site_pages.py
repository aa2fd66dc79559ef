"""What the browser tests share: signing in, each role's pages, and what to do on them."""

from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.data_school import KEYS
from tests.site_map import PAGES, PUBLIC, SIGNED_IN, address

# The page of each address is looked at as the first of these who may open it.
MAIN_ROLES = ("key_worker", "senco", "admin")
# Answers that are no page: text, files, or the addresses of scripts.
NO_PAGE = {
    "read_day", "import_template", "import_problems", "health", "sessions:feed_file",
    "students:slip_who", "students:attendance_certificate",
}  # fmt: skip
OPEN_PAGES = {
    "/account/login/",
    "/account/inactive/",
    "/account/password/reset/",
    "/account/password/reset/done/",
    "/account/password/reset/key/1-0-0/",
    "/account/password/reset/key/done/",
    "/no/such/page/",
    "/c/unknown/",
    "/unsubscribe/unknown/",
}
# Further states of pages: filtered, searched, missed, a second week.
MORE = {
    "key_worker": (
        "/search/?q=o",
        "/search/?q=xyzzy",
        "/calendar/?week=2026-11-04",
        "/no/page/",
        "/slips/?period=all&first=31/02/2026",
    ),
    "senco": (
        "/overview/duties/?status=overdue",
        "/students/?q=xyzzy",
        "/caseload/",
        "/attendance/?q=xyzzy",
    ),
    "admin": (
        "/settings/calendar/?year=2030",
        "/assignments/?no_key_worker=on",
        "/today/",
        "/register-queries/?show=answered",
    ),
}
# Forms that an empty or senseless answer is sent to, so that their errors show.
FORMS = {
    "key_worker": (
        "students:change_notice_new", "caseload_change",
        "contacts:followup_new", "contacts:followup", "contacts:followup_edit",
        "contacts:involvement_new", "contacts:agency_log_new", "contacts:meeting_new",
        "contacts:advice_new", "contacts:attendance_step_new", "contacts:attendance_report",
        "sessions:new", "sessions:group", "sessions:plan",
        "sessions:correction", "sessions:move", "sessions:cancellation", "sessions:drop_in",
        "sessions:new_target", "sessions:target_outcome", "account_change_password", "call_new",
        "students:slip_new", "students:slip_correction_request", "students:talk_new",
        "students:observation_new", "students:query_new", "students:part_time_new",
        "students:barrier_new",
    ),
    "senco": (
        "contacts:contact_new", "contacts:contact_edit", "contacts:contact_end",
        "sessions:comment_new",
    ),
    "admin": (
        "contacts:agency_new", "contacts:professional_new", "contacts:agency_weeks",
        "students:new", "students:edit", "assignment_end", "import_new", "import_mapping",
        "staff_new", "staff_edit", "settings_dates_new", "settings_dates", "settings_model",
        "students:grade_new", "students:score_new", "students:register_query",
        "settings_signals", "settings_messages",
    ),
}  # fmt: skip
EMPTY_THE_FORM = """() => {
  const button = [...document.querySelectorAll("main form")]
    .filter((form) => form.getAttribute("method") === "post" && !form.matches(".banner"))
    .map((form) => form.querySelector("button[data-primary], button.btn-primary"))
    .find((found) => found);
  const form = button.form;
  form.noValidate = true;
  form.removeAttribute("data-draft-url");
  for (const field of form.elements) {
    if (field.type === "checkbox" || field.type === "radio") field.checked = false;
    else if (field.type === "select-one") field.value = "";
    else if (field.type !== "hidden" && !field.matches("button")) field.value = "";
  }
  form.requestSubmit(button);
}"""


def sign_in(context, person, base_url):
    """Give a browser somebody's sign-in."""
    client = Client()
    client.force_login(person)
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": base_url}])
    return client


def pages_of(world, role):
    """The addresses of all pages that a role is the main one of, about its own student."""
    own = world.of["own"]
    found = [address(name, page, own) for name, page in PAGES.items() if _mine(name, page, role)]
    if role == "key_worker":
        # one's own student is not the only one that there is a page for
        found.append(reverse("student", args=[world.of["other"].student.ref]))
    if role == "admin":
        ticked = "&".join(f"student={world.of[key].student.ref}" for key in KEYS[:2])
        found.append(f"{reverse('assignment_changes')}?{ticked}")
        found += [reverse(name, args=[own.student.ref]) for name in ("student", "people")]
        found.append(reverse("students:students"))
    return [*found, *MORE[role]]


def _mine(name, page, role):
    if name in NO_PAGE or page.only_post or page.get != 200 or page.who == PUBLIC:
        return False
    if page.who == SIGNED_IN:
        return role == ("admin" if page.act else MAIN_ROLES[0])
    return role == next((main for main in MAIN_ROLES if main in page.who), None)


def forms_of(world, role):
    """The addresses of the forms whose errors are looked at."""
    return [address(name, PAGES[name], world.of["own"]) for name in FORMS[role]]
