"""The look keeps its promises: contrast, budgets, no inline code, no dead icon."""

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from scripts import tokens

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STYLESHEETS = sorted((ROOT / "static" / "css").glob("*.css"))
HEAD = (ROOT / "templates" / "base_head.html").read_text()


def compressed_size(*paths):
    return sum(len(gzip.compress(Path(path).read_bytes(), 9)) for path in paths)


def without_comments(template):
    return re.sub(r"{% comment %}.*?{% endcomment %}", "", template.read_text(), flags=re.DOTALL)


def test_tokens_on_disk_are_what_the_table_says():
    assert tokens.STYLESHEET.read_text() == tokens.stylesheet()


def test_every_contrast_floor_holds():
    assert tokens.failures(tokens.COLOURS) == []


# Hand-checked with the WCAG formula: black on white is 21, grey #767676 on white 4.54.
@pytest.mark.parametrize(("colour", "ratio"), [("#000000", 21.0), ("#767676", 4.54)])
def test_contrast_follows_wcag(colour, ratio):
    assert tokens.contrast(colour, "#FFFFFF") == pytest.approx(ratio, abs=0.01)
    assert tokens.contrast("#FFFFFF", colour) == pytest.approx(ratio, abs=0.01)


def test_a_colour_below_its_floor_is_named_with_its_theme():
    faint = tokens.COLOURS | {"focus": ("#FFFFFF", tokens.COLOURS["focus"][1])}
    assert tokens.failures(faint) == [
        "light: focus on paper is 1.12, below 3",
        "light: focus on surface is 1.00, below 3",
        "light: focus on brand-tint is 1.22, below 3",
    ]


def test_nothing_is_written_when_a_floor_breaks(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(tokens, "STYLESHEET", tmp_path / "tokens.css")
    monkeypatch.setitem(tokens.COLOURS, "ink", ("#FFFFFF", "#FFFFFF"))
    assert tokens.main([]) == 1
    assert not (tmp_path / "tokens.css").exists()
    assert "light: ink on surface is 1.00, below 7" in capsys.readouterr().err


def test_check_notices_a_stylesheet_out_of_date(monkeypatch, tmp_path):
    monkeypatch.setattr(tokens, "STYLESHEET", tmp_path / "tokens.css")
    assert tokens.main([]) == 0
    assert tokens.main(["--check"]) == 0
    tokens.STYLESHEET.write_text("/* changed by hand */")
    assert tokens.main(["--check"]) == 1


def test_a_first_visit_stays_within_its_budget():
    linked = re.findall(r"{% static '([^']+)' %}", HEAD)
    files = [finders.find(name) for name in [*linked, "django_htmx/htmx-2.min.js"]]
    files.append(finders.find("img/icons.svg"))
    assert all(files), files
    styles = [name for name in files if name.endswith(".css")]
    scripts = [name for name in files if name.endswith(".js")]
    assert compressed_size(*styles) <= 45 * 1024
    assert compressed_size(*scripts) <= 22 * 1024
    assert len(files) + 1 <= 10  # and the page itself
    assert compressed_size(*files) + 12 * 1024 <= 80 * 1024  # 12 KB is the page's own budget


def test_every_stylesheet_of_the_site_is_linked():
    screens = [path for path in STYLESHEETS if path.name != "pdf.css"]  # keywork.documents
    assert [path.name for path in screens if f"css/{path.name}" not in HEAD] == []


@pytest.mark.parametrize("path", STYLESHEETS, ids=lambda path: path.name)
def test_stylesheets_are_readable_and_whole(path):
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    assert text.count("{") == text.count("}")
    # One declaration a line: a second one would follow a semicolon (or sit in a data: URL).
    crowded = [line for line in text.splitlines() if re.search(r";\s*[\w-]+\s*:", line)]
    assert crowded == []


def test_every_variable_used_is_defined():
    text = "".join(path.read_text() for path in STYLESHEETS)
    used = set(re.findall(r"var\((--kw-[\w-]+)\)", text))
    assert {name for name in used if f"{name}:" not in text} == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_templates_hold_no_inline_style_or_code(path):
    text = without_comments(path)
    assert re.findall(r"""\sstyle=|\son[a-z]+=["']|hx-on|hx-vals=["']js|javascript:""", text) == []
    assert re.findall(r"<style|<script(?![^>]*\bsrc=)", text) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_components_are_included_with_only(path):
    includes = re.findall(r'{% include "components/[^%]*%}', without_comments(path))
    assert [tag for tag in includes if not tag.endswith(" only %}")] == []


@pytest.mark.parametrize(
    "path", sorted((ROOT / "templates/components").glob("*.html")), ids=lambda path: path.name
)
def test_components_say_what_they_take(path):
    assert path.read_text().startswith("{% comment %}")


def test_every_icon_used_is_in_the_sprite():
    sprite = set(re.findall(r'<symbol id="([^"]+)"', (ROOT / "static/img/icons.svg").read_text()))
    used = {
        name
        for path in TEMPLATES
        for name in re.findall(r'icon\.html" with name="([^"]+)"', path.read_text())
    }
    assert used - sprite == set()


def test_templates_are_short():
    lengths = sorted(len(path.read_text().splitlines()) for path in TEMPLATES)
    assert lengths[len(lengths) // 2] < 40
