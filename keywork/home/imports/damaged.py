"""What Python's and openpyxl's readers raise at a damaged file; each is the file's fault."""

import struct
import zlib
from zipfile import BadZipFile

from openpyxl.utils.exceptions import InvalidFileException

# RuntimeError: a password, or (NotImplementedError) an unknown way of packing.
DAMAGED_ZIP = (BadZipFile, EOFError, RuntimeError, ValueError, struct.error, zlib.error)
# SyntaxError: both XML parsers' errors. OSError: openpyxl's, where a workbook has no sheets.
DAMAGED_WORKBOOK = (
    *DAMAGED_ZIP,
    *(InvalidFileException, SyntaxError, OSError),
    *(LookupError, TypeError, AttributeError, ArithmeticError),
)
