"""Importing a school's folder of files: `import_school`, the demo and the browser."""

from keywork.home.imports.folder import import_folder, import_tables
from keywork.home.imports.report import FileReport, ImportReport, Rejected, UnreadableFilesError

__all__ = [
    "FileReport",
    "ImportReport",
    "Rejected",
    "UnreadableFilesError",
    "import_folder",
    "import_tables",
]
