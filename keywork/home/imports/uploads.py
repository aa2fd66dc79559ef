"""What somebody uploads: files, or the folder as a zip, checked and kept apart from the rest."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import IO, cast
from zipfile import ZipFile, ZipInfo

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from keywork.home.imports.damaged import DAMAGED_ZIP
from keywork.home.imports.formats import FORMATS, NOT_SUPPORTED
from keywork.home.imports.problems import without_reasons
from keywork.home.imports.report import UnreadableFilesError

MEGABYTE = 1024 * 1024
LARGEST_FILE = 10 * MEGABYTE
LARGEST_UPLOAD = 25 * MEGABYTE
MOST_FILES = 40
# Text seldom shrinks to less than a thirtieth; what does is made to fill a disk.
LARGEST_RATIO = 100

KNOWN_NAMES = frozenset(
    f"{name}{ending}" for name in (*FORMATS, *NOT_SUPPORTED) for ending in (".csv", ".xlsx")
)

# As they are downloaded here; a browser numbers the second one.
PROBLEM_ROWS = re.compile(r"([a-z_]+)-problems(?: ?\(\d+\))?\.csv")


def folder_of(ref: str) -> Path:
    """Give the folder that keeps an import's files."""
    return Path(settings.MEDIA_ROOT) / "imports" / ref


def keep_uploads(uploads: Sequence[UploadedFile], folder: Path) -> None:
    """Write uploaded files, or those of an uploaded zip, into `folder` under their known names.

    Raises UnreadableFilesError that names what is too large, unknown or there twice; then the
    folder is gone again.
    """
    folder.mkdir(parents=True, mode=0o700)
    try:
        _refuse_too_much(uploads)
        for upload in uploads:
            if str(upload.name).lower().endswith(".zip"):
                _keep_zip(upload, folder)
            else:
                _keep_file(upload, folder)
        _refuse_nothing(folder)
    except BaseException:
        remove_files(folder)
        raise


def remove_files(folder: Path) -> None:
    """Remove an import's files."""
    shutil.rmtree(folder, ignore_errors=True)


def _refuse_too_much(uploads: Sequence[UploadedFile]) -> None:
    for upload in uploads:
        if (upload.size or 0) > LARGEST_FILE:
            raise _problem(upload, f"is larger than {LARGEST_FILE // MEGABYTE} MB. Split it.")
    if sum(upload.size or 0 for upload in uploads) > LARGEST_UPLOAD:
        text = f"are larger than {LARGEST_UPLOAD // MEGABYTE} MB. Import them in parts."
        raise UnreadableFilesError([("These files together", text)])


def _keep_file(upload: UploadedFile, folder: Path) -> None:
    name, chunks = str(upload.name), upload.chunks()
    if again := PROBLEM_ROWS.fullmatch(name):
        name, chunks = f"{again[1]}.csv", iter([without_reasons(upload.read())])
    if name not in KNOWN_NAMES:
        known = ", ".join(f"{each}.csv" for each in FORMATS)
        raise _problem(upload, f"is not a name Keywork knows. Rename it to one of {known}.")
    _write(name, chunks, folder)


def _keep_zip(upload: UploadedFile, folder: Path) -> None:
    """Unpack the known names; folders in the zip do not matter, other files are left out."""
    try:
        with ZipFile(cast(IO[bytes], upload)) as archive:
            members = archive.infolist()
            _refuse_a_bomb(upload, members)
            for member in members:
                name = PurePosixPath(member.filename).name
                if name in KNOWN_NAMES and not member.is_dir():
                    with archive.open(member) as stream:
                        _write(name, _limited(stream), folder)
    except UnreadableFilesError:
        raise
    except DAMAGED_ZIP as error:
        raise _problem(upload, "cannot be opened. Make the zip again, without a password.") from (
            error
        )


def _refuse_a_bomb(upload: UploadedFile, members: list[ZipInfo]) -> None:
    size = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members) or 1
    if len(members) > MOST_FILES:
        raise _problem(
            upload, f"holds more than {MOST_FILES} files. Zip only the school's folder."
        )
    if size > LARGEST_UPLOAD or (size > MEGABYTE and size / packed > LARGEST_RATIO):
        text = f"unpacks to more than {LARGEST_UPLOAD // MEGABYTE} MB. Import it in parts."
        raise _problem(upload, text)


def _limited(stream: IO[bytes]) -> Iterator[bytes]:
    """Give a member's bytes, whatever size its entry claimed."""
    left = LARGEST_FILE
    while chunk := stream.read(64 * 1024):
        left -= len(chunk)
        if left < 0:
            text = f"holds a file larger than {LARGEST_FILE // MEGABYTE} MB. Split it."
            raise UnreadableFilesError([("The zip", text)])
        yield chunk


def _write(name: str, chunks: Iterator[bytes], folder: Path) -> None:
    path = folder / name
    if path.exists():
        raise UnreadableFilesError([(name, "is there twice. Choose one of them.")])
    with path.open("wb") as file:
        for chunk in chunks:
            file.write(chunk)


def _refuse_nothing(folder: Path) -> None:
    supported = {f"{name}{ending}" for name in FORMATS for ending in (".csv", ".xlsx")}
    there = {path.name for path in folder.iterdir()}
    if there and not there & supported:
        text = "cannot be imported yet. A later version of Keywork will."
        raise UnreadableFilesError([(", ".join(sorted(there)), text)])
    if not there:
        text = f"holds none of {', '.join(sorted(supported))}."
        raise UnreadableFilesError([("The zip", text)])


def _problem(upload: UploadedFile, text: str) -> UnreadableFilesError:
    return UnreadableFilesError([(str(upload.name), text)])
