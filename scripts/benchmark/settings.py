"""The product's settings, a bare page to compare with, and a header that says what a page cost."""

from pathlib import Path

from keywork import settings as product
from keywork.settings import *  # noqa: F403 (all of them)

# Outermost, so that the session's and the user's queries count as well.
MIDDLEWARE = ["benchmark.counting.CostMiddleware", *product.MIDDLEWARE]
ROOT_URLCONF = "benchmark.urls"
TEMPLATES = [
    {**backend, "DIRS": [Path(__file__).with_name("templates"), product.BASE_DIR / "templates"]}
    for backend in product.TEMPLATES
]
