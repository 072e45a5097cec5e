"""What a run writes down about itself: `log.csv`, and events for TensorBoard."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

LOG = "log.csv"
COLUMNS = (
    "step",
    "pictures",
    "rate",
    "loss",
    "norm",
    "seconds",
    "accuracy",
    "accuracy_average",
)
_SHOWN = COLUMNS[2:]


class RunLog:
    """A table with a row for every step, and the same for TensorBoard where it is installed.

    Args:
        folder: where it is written.
        step: steps done so far; rows of later ones, left by a run that was stopped, are dropped.
    """

    def __init__(self, folder: Path, step: int) -> None:
        path = folder / LOG
        rows = [row for row in read_log(path) if int(row["step"]) <= step] if step else []
        self._file = path.open("w", newline="", encoding="utf-8")
        self._table = csv.DictWriter(self._file, COLUMNS)
        self._table.writeheader()
        self._table.writerows(rows)
        self._events = _events(folder, step)

    def write(self, row: Mapping[str, Any]) -> None:
        """Add a row.

        Args:
            row: values by the names of `COLUMNS`; what is missing stays empty.
        """
        self._table.writerow(row)
        self._file.flush()
        if self._events is not None:
            for name in _SHOWN:
                if name in row:
                    self._events.add_scalar(name, row[name], row["step"])

    def close(self) -> None:
        """Write what is left."""
        self._file.close()
        if self._events is not None:
            self._events.close()


def read_log(path: Path) -> list[dict[str, str]]:
    """Read the table of a run.

    Args:
        path: `log.csv`; it need not exist.

    Returns:
        The rows as they stand there, empty cells as "".
    """
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row.get("loss")]


def _events(folder: Path, step: int) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        return None
    return SummaryWriter(str(folder), purge_step=step)
