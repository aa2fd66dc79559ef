"""What every request goes through: the viewer, the idle limit, the hidden screen, kept text."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.cache import patch_cache_control

from keywork import clock, kept_forms, parked_forms
from keywork.access import KeyworkRequest, Viewer, viewer_for
from keywork.models import User

Handler = Callable[[Any], HttpResponse]
RENEW_AFTER_SECONDS = 60
KEPT = "You were signed out. Nothing was lost. Check and save."
ITS_SCHOOL = "This form is of {school}. The pages are about that school again."
KEPT_WITHOUT_FILES = "You were signed out. Files are not kept: choose them again, check and save."
PERMISSIONS_POLICY = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
# What somebody without a role may still use: their own account.
WITHOUT_ROLE = {"me", "hide", "stay", "help", "usersessions_list"}
# What answers while the screen is hidden: showing and ending that, and text still being saved.
WHILE_HIDDEN = {"hide", "resume", "draft", "account_login", "account_logout"}


def permissions_policy(get_response: Handler) -> Handler:
    """Tell the browser that no page needs its camera, microphone, place or the like."""

    def handle(request: KeyworkRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        return response

    return handle


def no_null_characters(get_response: Handler) -> Handler:
    """Refuse an address with a null character: nobody types one, and PostgreSQL stores none."""

    def handle(request: KeyworkRequest) -> HttpResponse:
        if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("A null character in the address")
        return get_response(request)

    return handle


class SignedOutMiddleware:
    """Keeps what somebody posts after their sign-in ended; stands before the CSRF check.

    A script's request is answered 401 instead of being sent to the sign-in page.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: KeyworkRequest) -> HttpResponse:
        """Keep a posted form of somebody signed out, else pass the request on."""
        if request.method == "POST" and not is_signed_in(request):
            kept = keep_form(request)
            if kept is not None:
                return kept
        return self.get_response(request)

    def process_view(
        self, request: KeyworkRequest, view: Callable, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Answer 401 to a script's request by somebody signed out."""
        if is_signed_in(request) or is_public(view) or not is_by_script(request):
            return None
        return JsonResponse({"error": "signed_out", "message": "You are signed out."}, status=401)


def keep_form(
    request: KeyworkRequest, *, max_age: int | None = parked_forms.TOKEN_SECONDS
) -> HttpResponse | None:
    """Keep a posted form that carries a valid token, and give where to go on; else None.

    max_age: in seconds, of the token; None: however old.
    """
    token = parked_forms.read_token(request.POST.get(parked_forms.FIELD, ""), max_age=max_age)
    if token is None or is_by_script(request):
        return None
    try:
        parked = parked_forms.park(
            request.POST, token=token, now=clock.now(), with_files=bool(request.FILES)
        )
    except parked_forms.TooLongError:
        return render(request, "home/too_long_to_keep.html", status=413)
    except User.DoesNotExist:
        return None
    url = parked_forms.parked_url(parked)
    if not is_signed_in(request):
        return redirect_to_login(url, resolve_url(settings.LOGIN_URL))
    if request.user.pk == token.user_id:
        return redirect(url)
    return render(request, "home/kept_for_author.html", status=403)


def is_signed_in(request: HttpRequest) -> bool:
    """Say whether somebody is signed in."""
    return bool(request.user.is_authenticated)


def is_public(view: Callable) -> bool:
    """Say whether a view is open to everyone (`keywork.access.public`)."""
    return "public" in getattr(view, "access", ())


def is_by_script(request: KeyworkRequest) -> bool:
    """Say whether a page's script asks (htmx, autosave), not a person changing page."""
    return "HX-Request" in request.headers or "application/json" in request.headers.get(
        "Accept", ""
    )


class ViewerMiddleware:
    """Gives each request its `viewer`: who is asking, in which roles, on which day.

    Also renews the sign-in once a minute of use, so that 30 idle minutes end it; sends everybody
    whose screen is hidden to the hidden screen, and somebody without any role to a page that says
    so; hands back the text kept over a sign-in; takes a form at the school it was shown for; keeps
    pages out of shared caches and the disk.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: KeyworkRequest) -> HttpResponse:
        """Add `viewer`, `parked` and `kept_key` to the request."""
        now = clock.now()
        request.parked = None
        request.kept_key = ""
        if not is_signed_in(request):
            request.viewer = Viewer(request.user, now.date(), now)
            return self.get_response(request)
        chosen = request.session.get("school")
        request.viewer = viewer_for(request.user, now=now, on=now.date(), school_id=chosen)
        self._renew(request, int(now.timestamp()))
        response = self.get_response(request)
        self._forget_kept(request, response)
        kept_forms.forget_saved(request, response)
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_store=True)
        return response

    def process_view(
        self, request: KeyworkRequest, view: Callable, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Step in before the page where it must not be shown; hand back kept text."""
        if not is_signed_in(request) or (is_public(view) and not is_account(request)):
            return None
        name = page_name(request)
        if "paused_at" in request.session and name not in WHILE_HIDDEN:
            return self._hidden(request)
        if not request.viewer.roles_at and name not in WITHOUT_ROLE and not is_account(request):
            return render(request, "home/no_role.html", status=403)
        if request.method == "POST" and name not in WITHOUT_ROLE and not is_account(request):
            return self._at_its_school(request)
        if request.method == "GET" and parked_forms.PARAMETER in request.GET:
            return self._hand_back(request)
        return None

    @staticmethod
    def _at_its_school(request: KeyworkRequest) -> HttpResponse | None:
        """Let a form be saved at the school it was shown for; keep it where that is no more.

        However long it was open: who posts it is signed in, and is told that it is kept.
        """
        token = request.POST.get(parked_forms.FIELD, "")
        school_id = parked_forms.school_of(token, request.user)
        if take_school(request, school_id) or is_by_script(request):
            return None
        kept = keep_form(request, max_age=None)
        return kept or render(request, "home/kept_for_school.html", status=403)

    @staticmethod
    def _hidden(request: KeyworkRequest) -> HttpResponse:
        if is_by_script(request):
            return JsonResponse(
                {"error": "hidden", "message": "The screen is hidden."}, status=401
            )
        kept = keep_form(request) if request.method == "POST" else None
        if kept and kept.has_header("Location"):
            request.session["paused_on"] = kept["Location"]
        return redirect("hide")

    @staticmethod
    def _renew(request: KeyworkRequest, seconds: int) -> None:
        if seconds - request.session.get("renewed", 0) >= RENEW_AFTER_SECONDS:
            request.session["renewed"] = seconds

    @staticmethod
    def _hand_back(request: KeyworkRequest) -> HttpResponse | None:
        kept: dict[str, Any] = {
            "token": request.GET[parked_forms.PARAMETER],
            "user": request.user,
            "path": request.path,
            "now": request.viewer.now,
        }
        if not take_school(request, parked_forms.parked_at(**kept)):
            return render(request, "home/kept_for_school.html", status=403)
        request.parked = parked_forms.parked_body(**kept)
        if request.parked is not None:
            lost = parked_forms.FILES_LOST in request.parked
            messages.info(request, KEPT_WITHOUT_FILES if lost else KEPT)
        return None

    @staticmethod
    def _forget_kept(request: KeyworkRequest, response: HttpResponse) -> None:
        token = request.GET.get(parked_forms.PARAMETER)
        saved = request.method == "POST" and isinstance(response, HttpResponseRedirect)
        if token and saved and is_signed_in(request):
            parked_forms.forget(token=token, user=request.user)


def take_school(request: KeyworkRequest, school_id: int | None) -> bool:
    """Make the pages be about a form's school (None: any); say whether there is a role there.

    What a script saves is taken at that school, and leaves what was chosen as it is.
    """
    chosen = request.viewer.school
    if school_id is None or (chosen and chosen.pk == school_id):
        return True
    viewer = request.viewer.at(school_id)
    if viewer is None:
        return False
    request.viewer = viewer
    if not is_by_script(request):
        request.session["school"] = school_id
        messages.info(request, ITS_SCHOOL.format(school=viewer.chosen_school.name))
    return True


def page_name(request: KeyworkRequest) -> str:
    """Give the URL name of the page asked for."""
    match = request.resolver_match
    return (match.url_name if match else "") or ""


def is_account(request: KeyworkRequest) -> bool:
    """Say whether the page is one of allauth's account pages."""
    return page_name(request).startswith("account_")
