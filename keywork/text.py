"""Text as it comes from people and files."""

from unicodedata import normalize


def composed(text: str) -> str:
    """Give a text with each letter and its accent as one character (Unicode's NFC).

    Some systems write é as e and an accent: it looks the same, and no search finds it.
    """
    return text if text.isascii() else normalize("NFC", text)
