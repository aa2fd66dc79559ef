"""What must hold of the files of the project themselves."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
THIS_FILE = Path(__file__).relative_to(ROOT).as_posix()
BINARY = {".ico", ".jpg", ".pdf", ".png", ".webp", ".woff", ".woff2", ".xlsx", ".zip"}
REQUIREMENTS = sorted((ROOT / "requirements").glob("*.txt"))
SHELL_SCRIPTS = [*sorted((ROOT / "scripts").glob("*.sh")), ROOT / ".ci" / "run"]


def tracked_files():
    """Every file of ours in the repository or about to be: not those git ignores."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    names = {name for name in listed.decode().split("\0") if name}
    return sorted(name for name in names if (ROOT / name).is_file())


def text_files(*, below=""):
    for name in tracked_files():
        if name.startswith(below) and name != THIS_FILE and Path(name).suffix not in BINARY:
            yield name, (ROOT / name).read_bytes().decode("utf-8", errors="replace")


def lines_matching(pattern, *, below=""):
    return [
        f"{name}:{number}: {line.strip()[:120]}"
        for name, text in text_files(below=below)
        for number, line in enumerate(text.splitlines(), 1)
        if re.search(pattern, line)
    ]


def test_no_file_names_a_machine_of_ours():
    own_folders = r"(?<![\w.}>])/(home/\w+|root|work|farm|Users/\w+)/|\.\./shared"
    assert lines_matching(own_folders) == []


def test_no_file_names_a_package_registry_host():
    # Spelt with a class of one letter, so that this file does not name them either.
    hosts = r"p[y]pi\.org|pythonh[o]sted\.org|registry\.n[p]mjs|g[h]cr\.io|d[o]cker\.io|q[u]ay\.io"
    hosts += "|--index-url"
    assert lines_matching(hosts) == []


def test_nothing_is_left_to_be_done_in_a_comment():
    assert lines_matching(r"\b(TODO|FIXME)\b") == []


def test_templates_hold_no_inline_style_or_script():
    forbidden = [
        r"<style\b",
        r"\sstyle\s*=",
        r"<script\b(?![^>]*\bsrc=)",
        r"\son[a-z]+\s*=\s*[\"']",  # onclick="…"
        r"\shx-on\b|\shx-on:",
        r"hx-(vals|headers)\s*=\s*[\"']\s*js:",
        r"javascript:",
    ]
    assert lines_matching("|".join(forbidden), below="templates/") == []


def test_templates_link_to_no_other_site():
    from_elsewhere = r"<(script|link|img|iframe)\b[^>]*\b(src|href)=[\"'](https?:)?//"
    assert lines_matching(from_elsewhere, below="templates/") == []


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.name)
def test_requirements_are_pinned_and_hashed(path):
    logical_lines = path.read_text().replace("\\\n", " ").splitlines()
    requirements = [line for line in logical_lines if line and not line.startswith("#")]
    assert requirements
    loose = r"^[A-Za-z0-9._-]+(\[[\w,-]+\])?==[^ ]+( ; [^#]+?)?( +--hash=sha256:[0-9a-f]{64})+$"
    assert [line for line in requirements if not re.match(loose, line)] == []


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.name)
def test_requirements_have_a_source_that_names_each_direct_one(path):
    source = path.with_suffix(".in").read_text().splitlines()
    direct = [re.match(r"[A-Za-z0-9._-]+", line) for line in source if line[:1].isalnum()]
    pinned = set(
        re.findall(r"^([A-Za-z0-9._-]+)(?:\[[\w,-]+\])?==", path.read_text(), re.MULTILINE)
    )
    assert {match[0].lower() for match in direct if match} <= pinned


def test_the_requirement_files_agree_on_every_version():
    versions = {}
    for path in REQUIREMENTS:
        for name, version in re.findall(
            r"^([\w.-]+)(?:\[[\w,-]+\])?==(\S+)", path.read_text(), re.MULTILINE
        ):
            versions.setdefault(name, set()).add(version)
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


@pytest.mark.parametrize("path", SHELL_SCRIPTS, ids=lambda path: path.name)
def test_shell_scripts_parse_and_can_be_run(path):
    subprocess.run(["bash", "-n", path], check=True)
    assert path.stat().st_mode & 0o111


def test_make_knows_every_target_that_people_are_told_of():
    targets = ["setup", "demo", "test", "lint", "bench", "e2e"]
    subprocess.run(["make", "--dry-run", *targets], cwd=ROOT, check=True, capture_output=True)


def compose_services():
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


ONE_SHOT = {"migrate"}
OWN_SERVICES = {"migrate", "web", "worker", "beat"}


def test_compose_runs_the_production_set():
    assert set(compose_services()) == OWN_SERVICES | {"postgres", "redis", "mail"}


def test_every_lasting_compose_service_has_a_health_check():
    checks = {name: service.get("healthcheck", {}) for name, service in compose_services().items()}
    assert {name for name, check in checks.items() if not check.get("test")} == ONE_SHOT


def test_no_compose_service_runs_as_root():
    users = {name: str(service.get("user", "")) for name, service in compose_services().items()}
    assert {
        name for name, user in users.items() if user.split(":")[0] in {"", "0", "root"}
    } == set()


def test_compose_has_no_default_for_a_secret():
    text = (ROOT / "docker-compose.yml").read_text()
    secret = re.findall(r"\$\{(\w*(?:SECRET|PASSWORD)\w*)([^}]*)\}", text)
    assert secret
    assert [name for name, rest in secret if not rest.startswith(":?")] == []


def test_the_image_runs_as_an_ordinary_user_and_checks_its_health():
    text = (ROOT / "Dockerfile").read_text()
    users = re.findall(r"^USER (\S+)", text, re.MULTILINE)
    assert users
    assert users[-1] not in {"0", "root"}
    assert re.search(r"^HEALTHCHECK ", text, re.MULTILINE)


def test_image_and_project_want_the_same_python():
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    bases = re.findall(r"^FROM python:(\d+\.\d+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert bases
    assert {f">={base}" for base in bases} == {wanted}
