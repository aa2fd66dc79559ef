"""What follows a session: things to do, for oneself, a colleague or somebody named in words."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms

from keywork.forms import DayField
from keywork.models import User
from sessions.forms.parts import Part, box
from sessions.queries import Colleague
from sessions.services.log import NewAction

ME = "Me"


class ActionForm(Part):
    """Something to do afterwards: what, who, by when.

    colleagues: gives the school's staff; called only where somebody is named.
    """

    text = forms.CharField(
        label="What", max_length=300, required=False, widget=box(spellcheck="true")
    )
    who = forms.CharField(
        label="Who", max_length=80, required=False, widget=box(list="staff", autocomplete="off")
    )
    due_on = DayField(label="By", required=False)

    def __init__(
        self, *args: Any, colleagues: Callable[[], Sequence[Colleague]], me: User, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.me = me
        self.colleagues = colleagues
        self.initial.setdefault("who", ME)

    @property
    def is_filled(self) -> bool:
        """Say whether there is anything to do."""
        return bool(str(self["text"].value() or "").strip())

    def clean(self) -> dict[str, Any]:
        """Ask what is to be done, once it is said who does it or by when."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        who = cleaned.get("who", "").casefold()
        if (cleaned.get("due_on") or who not in ("", ME.casefold())) and not self.is_filled:
            self.refuse("Say what is to be done")
        return cleaned

    def action(self) -> NewAction:
        """Give the action; its owner is the member of staff of that name, else named in words."""
        who = " ".join(self.cleaned_data["who"].split())
        owner = self.me if who.casefold() in ("", ME.casefold()) else None
        owner = owner or user_of(named_so(self.colleagues(), who))
        return NewAction(
            text=self.cleaned_data["text"],
            owner=owner,
            owner_name="" if owner else who,
            due_on=self.cleaned_data["due_on"],
        )


def named_so(colleagues: Sequence[Colleague], who: str) -> Colleague | None:
    """Give the colleague somebody means: by their name, or a first name that only one has."""
    wanted = _plain(who)
    found = [each for each in colleagues if _plain(each.label) == wanted]
    found = found or [each for each in colleagues if _plain(each.first_name) == wanted]
    return found[0] if len(found) == 1 else None


def user_of(colleague: Colleague | None) -> User | None:
    """Give a colleague's account."""
    return User.objects.get(pk=colleague.pk) if colleague else None


def seniors_among(colleagues: Sequence[Colleague], me: User) -> list[Colleague]:
    """Give the senior staff whom somebody may ask, the SENCo first."""
    found = [each for each in colleagues if each.senior and each.pk != me.pk]
    return sorted(found, key=lambda each: each.senior, reverse=True)


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())
