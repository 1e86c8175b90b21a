"""A program of its own: prints the rows of a spreadsheet's first sheet that has any, as JSON.

`merchants.opendata.spreadsheets` runs it apart, since a single cell at the far end of a sheet makes
the reader ask for gigabytes, which ends a process: then this one, not the site's. The first line
is the number of rows, each further one [number of the row, [texts]].
"""

import json
import resource
import sys
from datetime import date, datetime, time, timedelta

import python_calamine

MOST_MEMORY = 2_000_000_000
PROTECTED, UNREADABLE, EMPTY = 3, 4, 5  # exit codes


def text_of(cell: object) -> str:
    """What the cell shows, as a CSV of it would."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "oui" if cell else "non"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        midnight = cell.time() == time()
        return cell.date().isoformat() if midnight else cell.isoformat(" ", "minutes")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, time):
        return cell.isoformat("minutes")
    if isinstance(cell, timedelta):
        minutes = round(cell.total_seconds() / 60)
        return f"{minutes // 60:02}:{minutes % 60:02}"
    return str(cell)


def main(path: str) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    # Nothing is left on the disk of a process that runs out of memory.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        book = python_calamine.load_workbook(path)
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            rows = (
                (n, [text_of(cell) for cell in row]) for n, row in enumerate(sheet.iter_rows(), 1)
            )
            rows = (row for row in rows if any(text.strip() for text in row[1]))
            first = next(rows, None)
            if first is None:
                continue
            print(sheet.height)  # noqa: T201
            print(json.dumps(first))  # noqa: T201
            for row in rows:
                print(json.dumps(row))  # noqa: T201
            return 0
    except python_calamine.PasswordError:
        return PROTECTED
    except (python_calamine.CalamineError, OSError, ValueError):
        return UNREADABLE
    return EMPTY


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
