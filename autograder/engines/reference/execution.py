"""nbgrader's `Execute`, made patient: caps on output, and a dead kernel costs one cell.

nbgrader gives up on a whole submission when its kernel dies or cannot be interrupted. Here the
cell at fault gets an error, a fresh kernel runs the cells before it again, tests and
demonstrations left out, and the remaining tests get their due. Notebooks that do no such thing run
exactly as in nbgrader's own command.
"""

import copy
import re
from time import monotonic
from typing import Any

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.notebooknode import NotebookNode
from nbgrader import utils
from nbgrader.preprocessors import Execute

from autograder.engines.judge.cells import leading_blank_lines
from autograder.engines.judge.findings import printable

RESTARTS = 3
PICTURE_BYTES = 2_000_000
ALL_PICTURES_BYTES = 30_000_000
ERROR_CHARACTERS = 10_000
TRACEBACK_LINES = 60
NO_TIME_LEFT = "NoTimeLeft"
NO_KERNEL_LEFT = "NoKernelLeft"
KERNEL_DIED = "KernelDied"
TIMED_OUT = "CellTimeoutError"
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_FRAME = re.compile(r"Cell In\[(\d+)\], line (\d+)(?:, in ([^\W\d]\w*))?")


class PatientExecute(Execute):
    """Runs the cells of one notebook and keeps what each of them did.

    Args:
        seconds: time for the whole notebook; cells beyond it are not run.
        seconds_per_cell: time for one cell.
        output_bytes: how much output of one cell is kept.
    """

    def __init__(
        self, *, seconds: float, seconds_per_cell: int, output_bytes: int, **options: Any
    ) -> None:
        super().__init__(**options)
        self.observed: dict[int, dict[str, Any]] = {}
        self._deadline = monotonic() + seconds
        self._output_bytes = output_bytes
        self._seconds_per_cell = seconds_per_cell
        self._restarts = 0
        self._fatal: set[int] = set()
        self._counted: dict[int, int] = {}
        self._received = self._pictures = 0
        self._truncated = False

    def preprocess_cell(self, cell: Any, resources: Any, index: int) -> tuple[Any, Any]:
        """Run one cell; whatever happens to the kernel, the next cell has one.

        Args:
            cell: the cell.
            resources: nbconvert's resources.
            index: its position.

        Returns:
            Cell and resources.
        """
        if cell.cell_type != "code" or not cell.source.strip():
            return cell, resources
        self._received, self._truncated = 0, False
        started = monotonic()
        left = int(self._deadline - started)
        if left < 1 or self._restarts > RESTARTS:
            cell.outputs = [_error(NO_TIME_LEFT if left < 1 else NO_KERNEL_LEFT, "")]
        else:
            self.timeout = min(self._seconds_per_cell, left)
            try:
                cell, resources = super().preprocess_cell(cell, resources, index)
            except (CellTimeoutError, DeadKernelError) as error:
                name = TIMED_OUT if isinstance(error, CellTimeoutError) else KERNEL_DIED
                cell.outputs.append(_error(name, ""))
                self._fatal.add(index)
                self._start_again(index)
        self.observed[index] = {
            "cell": index,
            "seconds": round(monotonic() - started, 3),
            "truncated": self._truncated,
            **_error_of(cell, self._counted, self.nb.cells),
            "outputs": [_plain(output) for output in cell.outputs],
        }
        return cell, resources

    def on_cell_executed(self, **arguments: Any) -> None:
        """Note which cell an execution count in a traceback stands for."""
        count = arguments["execute_reply"]["content"].get("execution_count")
        if isinstance(count, int):
            self._counted[count] = arguments["cell_index"]
        super().on_cell_executed(**arguments)

    def process_message(self, msg: dict, cell: Any, cell_index: int) -> Any:
        """Take one of the kernel's messages, unless the cell has said enough.

        Args:
            msg: the message.
            cell: the cell that is running.
            cell_index: its position.

        Returns:
            The output that was added, if any.
        """
        kind, content = msg["msg_type"], msg["content"]
        if kind.startswith("comm_"):
            return None
        if kind == "execute_input":
            self._counted[content.get("execution_count", 0)] = cell_index
        if kind == "stream":
            room = max(0, self._output_bytes - self._received)
            text = str(content.get("text", ""))
            self._received += len(text)
            if len(text) > room:
                self._truncated = True
                if not room:
                    return None
                content["text"] = text[:room] + "\n… output cut here …\n"
        elif kind == "error":
            content["evalue"] = str(content.get("evalue", ""))[:ERROR_CHARACTERS]
            content["traceback"] = _shortened(content.get("traceback", []))
        elif kind in ("display_data", "execute_result", "update_display_data"):
            size = sum(len(str(part)) for part in content.get("data", {}).values())
            self._received += size
            self._pictures += size
            if (
                self._received > self._output_bytes + PICTURE_BYTES
                or self._pictures > ALL_PICTURES_BYTES
            ):
                self._truncated = True
                return None
        return super().process_message(msg, cell, cell_index)

    def _start_again(self, index: int) -> None:
        self._restarts += 1
        self._cleanup_kernel()
        self._counted = {}
        if self._restarts > RESTARTS:
            return
        self.km = self.create_kernel_manager()
        self.start_new_kernel()
        self.start_new_kernel_client()
        for earlier, cell in enumerate(self.nb.cells[:index]):
            if cell.cell_type != "code" or earlier in self._fatal or utils.is_grade(cell):
                continue
            if "demo" in cell.metadata.get("tags", []):
                continue
            try:
                self.execute_cell(copy.deepcopy(cell), earlier, store_history=True)
            except (CellTimeoutError, DeadKernelError):
                self._fatal.add(earlier)
                self._start_again(index)
                return
            finally:
                self.nb.cells[earlier] = cell


def plain_text(text: str) -> str:
    """Take colours and other terminal sequences out of a text."""
    return _ANSI.sub("", text)


def _error(name: str, value: str) -> NotebookNode:
    return NotebookNode(output_type="error", ename=name, evalue=value, traceback=[])


def _shortened(traceback: Any) -> list[str]:
    lines = [str(line)[:ERROR_CHARACTERS] for line in traceback] if traceback else []
    return lines[: TRACEBACK_LINES // 2] + lines[len(lines) // 2 :][-TRACEBACK_LINES // 2 :]


def _error_of(cell: Any, counted: dict[int, int], cells: Any) -> dict[str, Any]:
    errors = [output for output in cell.outputs if output.output_type == "error"]
    if not errors:
        return {"error": None}
    timed_out = any(error.ename == TIMED_OUT for error in errors)
    shown = errors[0] if not timed_out else next(e for e in errors if e.ename == TIMED_OUT)
    frames = [
        {
            "cell": counted[int(count)],
            "line": int(line) + leading_blank_lines(cells[counted[int(count)]].source),
            "function": function or None,
        }
        for count, line, function in _FRAME.findall(plain_text("\n".join(shown.traceback)))
        if int(count) in counted
    ]
    return {
        "error": printable(str(shown.ename))[:200],
        "message": printable(plain_text(str(shown.evalue)))[:ERROR_CHARACTERS],
        "frames": frames[-20:],
        "timed_out": timed_out,
    }


def _plain(output: Any) -> dict[str, Any]:
    if output.output_type == "stream":
        return {"kind": "text", "name": str(output.name), "text": str(output.text)}
    if output.output_type == "error":
        return {
            "kind": "error",
            "name": str(output.ename)[:200],
            "text": str(output.evalue)[:ERROR_CHARACTERS],
            "traceback": [str(line) for line in output.traceback],
        }
    picture = output.data.get("image/png")
    if isinstance(picture, str):
        return {"kind": "picture", "text": picture}
    return {"kind": "text", "name": "result", "text": str(output.data.get("text/plain", ""))}
