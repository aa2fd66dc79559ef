"""What the forms of every app share: a date as people write it, and the form around it."""

from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.forms.utils import flatatt
from django.urls import reverse_lazy
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString

from keywork.dates import parse_day

# A time of day as people write it; TimeField takes what any of these reads.
CLOCK = ["%H:%M", "%H.%M", "%H%M", "%H:%M:%S", "%I:%M%p", "%I.%M%p", "%I%p"]
SELECTED = flatatt({"selected": True})


def day_echo(day: date) -> str:
    """Give a date as the echo below a box says it: "Thursday 12 November 2026"."""
    return f"{day:%A} {day.day} {day:%B %Y}"


class LongSelect(forms.Select):
    """A drop-down, such as of a school's staff, written in one go.

    Django includes a template for each choice; two hundred of them took a sixth of a page's time.
    """

    def render(
        self,
        name: str,
        value: Any,
        attrs: dict[str, Any] | None = None,
        renderer: Any = None,
    ) -> SafeString:
        """Give the same HTML as Django's own; choices in groups are not for this one."""
        chosen = set(self.format_value(value))
        # Each part is escaped, as format_html would, which takes four times as long.
        options = SafeString(
            "".join(
                f'<option value="{escape(key)}"{SELECTED if str(key) in chosen else ""}>'
                f"{escape(label)}</option>"
                for key, label in ((key or "", label) for key, label in self.choices)
            )
        )
        attributes = flatatt(self.build_attrs(self.attrs, attrs))
        return format_html('<select name="{}"{}>{}</select>', name, attributes, options)


class Quick(forms.widgets.Input):
    """A mixin: a control written in one go; a page of thirty boxes took Django 90 templates."""

    def render(
        self,
        name: str,
        value: Any,
        attrs: dict[str, Any] | None = None,
        renderer: Any = None,
    ) -> SafeString:
        """Give the same HTML as Django's own."""
        given = {"type": self.input_type, "name": name}
        shown = self.format_value(value)
        if shown is not None:
            given["value"] = shown
        return format_html("<input{}>", flatatt(given | self.build_attrs(self.attrs, attrs)))


class QuickInput(Quick, forms.TextInput):
    """A one-line text box."""


class QuickHidden(Quick, forms.HiddenInput):
    """A value that the page carries."""


class QuickTime(Quick, forms.TimeInput):
    """A text box for a time of day: 13:40."""

    def __init__(self) -> None:
        attrs = {"class": "form-control", "inputmode": "numeric", "autocomplete": "off"}
        super().__init__(attrs, "%H:%M")


class QuickCheckbox(Quick, forms.CheckboxInput):
    """A tick box."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"class": "form-check-input", **(attrs or {})})

    def render(
        self,
        name: str,
        value: Any,
        attrs: dict[str, Any] | None = None,
        renderer: Any = None,
    ) -> SafeString:
        """Give the same HTML as Django's own."""
        ticked = {"checked": True} if self.check_test(value) else {}
        return super().render(name, value, {**(attrs or {}), **ticked}, renderer)


class QuickTextarea(forms.Textarea):
    """A box for text of several lines, written in one go."""

    def render(
        self,
        name: str,
        value: Any,
        attrs: dict[str, Any] | None = None,
        renderer: Any = None,
    ) -> SafeString:
        """Give the same HTML as Django's own."""
        given = flatatt({"name": name} | self.build_attrs(self.attrs, attrs))
        return format_html("<textarea{}>\n{}</textarea>", given, self.format_value(value) or "")


class DayInput(QuickInput):
    """A text box for a date; below it the date as understood, also without JavaScript."""

    def __init__(self, *, past: bool = False) -> None:
        address = reverse_lazy("read_day", kwargs={"side": "past" if past else "coming"})
        attrs = {"class": "date-box", "data-echo": address, "autocomplete": "off"}
        super().__init__(attrs)
        self.past = past
        self.on: date | None = None

    def format_value(self, value: Any) -> str | None:
        """Show a date as it is typed, day first; what was typed stays as it was."""
        return value.strftime("%d/%m/%Y") if isinstance(value, date) else value

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        """Give the box and its echo, which app.js keeps up to date."""
        box = super().render(name, value, attrs, renderer)
        echo = format_html(
            '<output class="echo" id="{}_echo">{}</output>',
            (attrs or {}).get("id", name),
            self._echo(value),
        )
        return SafeString(box + echo)

    def _echo(self, value: Any) -> str:
        if isinstance(value, date):
            return day_echo(value)
        if not value or self.on is None:
            return ""
        try:
            return day_echo(parse_day(str(value), self.on, past=self.past))
        except ValueError:
            return ""


class DayField(forms.Field):
    """A date, day first: 12/11/26, 12 nov, fri, today.

    past: a bare weekday means the last one (what happened), else the next one. `on`, today, is
    set by the form: see `DayForm`.
    """

    widget = DayInput
    default_error_messages = {"required": "Enter a date, like 12/11/2026"}

    def __init__(self, *, past: bool = False, **kwargs: Any) -> None:
        super().__init__(widget=DayInput(past=past), **kwargs)
        self.past = past
        self.on: date | None = None

    def today_is(self, on: date) -> None:
        """Say which day it is."""
        self.on = on
        self.widget.on = on

    def to_python(self, value: Any) -> date | None:
        """Give the date typed; raises ValidationError with a sentence for the screen."""
        if value in self.empty_values:
            return None
        if isinstance(value, date):
            return value
        if self.on is None:
            raise RuntimeError("A DayField needs to know which day it is: use DayForm.")
        try:
            return parse_day(str(value), self.on, past=self.past)
        except ValueError as problem:
            raise forms.ValidationError(str(problem), code="invalid") from problem

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Say whether another date was typed, however it was written."""
        try:
            return bool(self.to_python(data) != initial)
        except forms.ValidationError:
            return True


class DayForm(forms.BaseForm):
    """A mixin for forms with dates: takes `on`, today, and gives it to every DayField."""

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on = on
        for each in self.fields.values():
            if isinstance(each, DayField):
                each.today_is(on)


def form_helper(save: str = "", *, method: str = "post") -> FormHelper:
    """Give crispy's helper for a page's one form; save: words on its filled button."""
    helper = FormHelper()
    helper.form_method = method
    helper.attrs = {"novalidate": True}
    if save:
        helper.add_input(Submit("", save, css_class="btn btn-primary"))
    return helper
