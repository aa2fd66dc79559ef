"""Write static/css/tokens.css from the one table of colours and sizes below.

Run it after changing a value: ``python scripts/tokens.py``. It checks every
pair of colours in CONTRAST_FLOORS in both themes first, and writes nothing and
exits with 1 when one of them is below its floor (WCAG 2.2 relative luminance).
``--check`` writes nothing and fails when the file on disk is out of date.
"""

import sys
from pathlib import Path

STYLESHEET = Path(__file__).resolve().parent.parent / "static" / "css" / "tokens.css"

# name: (light, dark)
COLOURS = {
    "paper": ("#F4F2EC", "#0F1719"),
    "surface": ("#FFFFFF", "#172124"),
    "sunken": ("#EAE7DE", "#0B1113"),
    "ink": ("#16262A", "#E7EDEB"),
    "muted": ("#4A5A5E", "#A8B6B6"),
    "line": ("#DAD6CB", "#2B393C"),
    "line-strong": ("#76848A", "#7F9092"),
    "margin": ("#D9988A", "#7D4E45"),
    "brand": ("#0F5450", "#8AD3C6"),
    "brand-hover": ("#0A3E3B", "#A9E2D8"),
    "on-brand": ("#FFFFFF", "#06211E"),
    "brand-tint": ("#DDECE8", "#12332F"),
    "link": ("#0B5A63", "#8AD3C6"),
    "focus": ("#1A4BB8", "#FFCF5C"),
    "sun": ("#F0B23C", "#F0B23C"),
    "on-sun": ("#16262A", "#16262A"),
    "rail": ("#12302F", "#0A1214"),
    "rail-ink": ("#DCE8E5", "#DCE8E5"),
    "rail-active": ("#1F4644", "#1A2C2E"),
    "rail-muted": ("#A9C2BD", "#9DB3B0"),
    "rail-line": ("#7B9C97", "#7B9C97"),
    "rail-focus": ("#FFCF5C", "#FFCF5C"),
    "overdue": ("#96291A", "#FFB5A5"),
    "overdue-tint": ("#FBE8E2", "#3A1C17"),
    "due": ("#704400", "#FFD486"),
    "due-tint": ("#FCEFD0", "#33280F"),
    "at-risk": ("#8A3B00", "#FFC28F"),
    "at-risk-tint": ("#FFF6E9", "#33200F"),
    "upcoming": ("#27497A", "#ADCDF6"),
    "upcoming-tint": ("#E6EEF8", "#17283C"),
    "done": ("#1C6240", "#9EDDB6"),
    "done-tint": ("#E1F1E7", "#13301F"),
    "excused": ("#4B575B", "#BCC6C7"),
    "excused-tint": ("#E9ECEC", "#253034"),
    "restricted": ("#6C2B6E", "#E6B7E9"),
    "restricted-tint": ("#F5E7F6", "#331C35"),
    "praise": ("#0F5450", "#8AD3C6"),
    "praise-tint": ("#DDECE8", "#12332F"),
}
STATUSES = (
    "overdue",
    "due",
    "at-risk",
    "upcoming",
    "done",
    "excused",
    "restricted",
    "praise",
)

# (foreground, background, least ratio)
CONTRAST_FLOORS = [
    ("ink", "paper", 7),
    ("ink", "surface", 7),
    ("ink", "sunken", 7),
    ("ink", "brand-tint", 7),
    ("muted", "paper", 4.5),
    ("muted", "surface", 4.5),
    ("muted", "sunken", 4.5),
    ("link", "paper", 4.5),
    ("link", "surface", 4.5),
    ("on-brand", "brand", 4.5),
    ("on-brand", "brand-hover", 4.5),
    ("brand", "brand-tint", 4.5),
    ("brand", "surface", 3),
    ("rail-ink", "rail", 7),
    ("rail-ink", "rail-active", 4.5),
    ("rail-muted", "rail", 4.5),
    ("rail-line", "rail", 3),
    ("rail-focus", "rail", 3),
    ("on-sun", "sun", 4.5),
    ("line-strong", "surface", 3),
    ("line-strong", "paper", 3),
    ("focus", "paper", 3),
    ("focus", "surface", 3),
    ("focus", "brand-tint", 3),
    *((status, f"{status}-tint", 4.5) for status in STATUSES),
    *((status, "surface", 4.5) for status in STATUSES),
    *((status, "paper", 4.5) for status in STATUSES),
    *(("ink", f"{status}-tint", 7) for status in STATUSES),
]

# Bootstrap variable: our colour
BOOTSTRAP = {
    "body-bg": "paper",
    "body-color": "ink",
    "emphasis-color": "ink",
    "secondary-color": "muted",
    "tertiary-color": "muted",
    "secondary-bg": "sunken",
    "tertiary-bg": "surface",
    "link-color": "link",
    "link-hover-color": "brand-hover",
    "border-color": "line",
    "border-color-translucent": "line",
    "code-color": "ink",
    "form-valid-color": "done",
    "form-valid-border-color": "done",
    "form-invalid-color": "overdue",
    "form-invalid-border-color": "overdue",
    "focus-ring-color": "focus",
    "highlight-bg": "due-tint",
    "highlight-color": "ink",
}
# Bootstrap also wants these as bare "r, g, b" triples.
BOOTSTRAP_TRIPLES = ("body-bg", "body-color", "link-color", "link-hover-color")
# Bootstrap theme colour: (our colour, our tint)
BOOTSTRAP_THEME = {
    "primary": ("brand", "brand-tint"),
    "success": ("done", "done-tint"),
    "danger": ("overdue", "overdue-tint"),
    "warning": ("due", "due-tint"),
    "info": ("upcoming", "upcoming-tint"),
}

SIZES = {
    "--bs-body-font-family": '"Segoe UI Variable Text", "Segoe UI", -apple-system, '
    'BlinkMacSystemFont, Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif',
    "--bs-body-font-size": "1rem",
    "--bs-body-line-height": "1.5",
    "--bs-heading-color": "inherit",
    "--bs-border-radius": "0.5rem",
    "--bs-border-radius-sm": "0.375rem",
    "--bs-border-radius-lg": "0.75rem",
    "--bs-border-radius-pill": "2rem",
    "--kw-space-1": "0.25rem",
    "--kw-space-2": "0.5rem",
    "--kw-space-3": "0.75rem",
    "--kw-space-4": "1rem",
    "--kw-space-5": "1.5rem",
    "--kw-space-6": "2rem",
    "--kw-space-7": "3rem",
    "--kw-text-chip": "0.8125rem",
    "--kw-text-note": "0.875rem",
    "--kw-text-row": "0.9375rem",
    "--kw-text-body": "1rem",
    "--kw-text-lead": "1.125rem",
    "--kw-text-large": "1.375rem",
    "--kw-text-title": "clamp(1.5rem, 1.2rem + 1vw, 1.875rem)",
    "--kw-text-figure": "2.25rem",
    "--kw-radius-chip": "0.375rem",
    "--kw-radius-control": "0.5rem",
    "--kw-radius-card": "0.75rem",
    "--kw-tap": "2.75rem",
    "--kw-tap-row": "2.25rem",
    "--kw-measure": "68ch",
    "--kw-margin-width": "8rem",
    "--kw-shadow-card": "0 1px 2px rgb(16 38 42 / 0.06)",
    "--kw-shadow-bar": "0 -2px 12px rgb(16 38 42 / 0.12)",
    "--kw-shadow-menu": "0 10px 32px rgb(16 38 42 / 0.22)",
}

# Small drawings inside controls. They sit in the stylesheet because a first
# visit may make ten requests at most; COLOUR is replaced by the theme's.
_STROKE = "fill='none' stroke='COLOUR' stroke-linecap='round' stroke-linejoin='round'"
CHECK_MARK = f"viewBox='0 0 20 20'><path {_STROKE} stroke-width='3' d='m6 10 3 3 6-6'/>"
RADIO_DOT = "viewBox='-4 -4 8 8'><circle r='2' fill='COLOUR'/>"
CHEVRON = f"viewBox='0 0 16 16'><path {_STROKE} stroke-width='2' d='m3 6 5 5 5-5'/>"


def channels(colour: str) -> tuple[int, int, int]:
    """The red, green and blue of ``#RRGGBB``, each 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def luminance(colour: str) -> float:
    """Relative luminance of ``#RRGGBB``, 0 (black) to 1 (white), as WCAG 2.2 defines it."""
    parts = [value / 255 for value in channels(colour)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21, in either order."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def failures(colours: dict[str, tuple[str, str]]) -> list[str]:
    """One sentence for each pair below its floor; an empty list when all hold."""
    found = []
    for foreground, background, floor in CONTRAST_FLOORS:
        for index, theme in enumerate(("light", "dark")):
            ratio = contrast(colours[foreground][index], colours[background][index])
            if ratio < floor:
                found.append(
                    f"{theme}: {foreground} on {background} is {ratio:.2f}, below {floor}"
                )
    return found


def declarations(palette: dict[str, str], theme: str, indent: str) -> str:
    """The CSS declarations of one theme, one a line."""
    values = {f"--kw-{name}": colour for name, colour in palette.items()}
    for variable, name in BOOTSTRAP.items():
        values[f"--bs-{variable}"] = f"var(--kw-{name})"
    for variable in BOOTSTRAP_TRIPLES:
        values[f"--bs-{variable}-rgb"] = triple(palette[BOOTSTRAP[variable]])
    for variable, (name, tint) in BOOTSTRAP_THEME.items():
        values[f"--bs-{variable}"] = f"var(--kw-{name})"
        values[f"--bs-{variable}-rgb"] = triple(palette[name])
        values[f"--bs-{variable}-text-emphasis"] = f"var(--kw-{name})"
        values[f"--bs-{variable}-bg-subtle"] = f"var(--kw-{tint})"
        values[f"--bs-{variable}-border-subtle"] = f"var(--kw-{name})"
    values["--kw-check-mark"] = drawing(CHECK_MARK, palette["on-brand"])
    values["--kw-radio-dot"] = drawing(RADIO_DOT, palette["on-brand"])
    values["--kw-chevron"] = drawing(CHEVRON, palette["muted"])
    values["color-scheme"] = theme
    return "".join(f"{indent}{name}: {value};\n" for name, value in values.items())


def triple(colour: str) -> str:
    """``#0F5450`` as ``15, 84, 80``."""
    return ", ".join(str(value) for value in channels(colour))


def drawing(shape: str, colour: str) -> str:
    """An SVG as a CSS ``url()`` that needs no request of its own."""
    svg = f"<svg xmlns='http://www.w3.org/2000/svg' {shape}</svg>".replace("COLOUR", colour)
    return f'url("data:image/svg+xml,{svg.replace("#", "%23")}")'


def stylesheet() -> str:
    """The whole text of tokens.css."""
    light = {name: pair[0] for name, pair in COLOURS.items()}
    dark = {name: pair[1] for name, pair in COLOURS.items()}
    printed = light | {"paper": "#FFFFFF", "sunken": "#FFFFFF"}
    sizes = "".join(f"  {name}: {value};\n" for name, value in SIZES.items())
    return (
        "/* Generated by scripts/tokens.py: change the table there, not this file. */\n\n"
        f":root {{\n{sizes}}}\n\n"
        f":root,\n[data-bs-theme=light] {{\n{declarations(light, 'light', '  ')}}}\n\n"
        f"[data-bs-theme=dark] {{\n{declarations(dark, 'dark', '  ')}}}\n\n"
        "/* Automatic: the page carries no data-bs-theme. */\n"
        "@media (prefers-color-scheme: dark) {\n"
        f"  :root:not([data-bs-theme]) {{\n{declarations(dark, 'dark', '    ')}  }}\n}}\n\n"
        "@media print {\n"
        # Repeats the selector of Automatic, or dark would win on paper.
        "  :root,\n  :root:not([data-bs-theme]),\n  [data-bs-theme] {\n"
        f"{declarations(printed, 'light', '    ')}  }}\n}}\n"
    )


def main(arguments: list[str]) -> int:
    """Check the contrasts, then write or compare the file; the exit code."""
    problems = failures(COLOURS)
    if problems:
        print("\n".join(problems), file=sys.stderr)
        return 1
    if "--check" in arguments:
        if STYLESHEET.read_text() == stylesheet():
            return 0
        print(f"{STYLESHEET} is out of date: run scripts/tokens.py", file=sys.stderr)
        return 1
    STYLESHEET.write_text(stylesheet())
    print(f"{2 * len(CONTRAST_FLOORS)} contrast checks passed; wrote {STYLESHEET}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
