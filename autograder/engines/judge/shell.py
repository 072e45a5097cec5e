"""IPython's shell without a kernel: runs cells one by one and keeps what they show."""

import io
import linecache
import sys
from typing import Any

from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

from autograder.engines.judge.cells import leading_blank_lines
from autograder.engines.judge.outputs import Outputs, Stream


class _Publisher(DisplayPublisher):
    shell: Any

    def publish(self, data: Any, *args: Any, **options: Any) -> None:
        self.shell.outputs.show(dict(data))

    def clear_output(self, wait: bool = False) -> None:
        self.shell.outputs.clear()


class _Hook(DisplayHook):
    shell: Any

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        self.shell.outputs.show(dict(format_dict))

    def finish_displayhook(self) -> None:
        pass


class _Compiler(CachingCompiler):
    """Compiles each cell under a name that says which it is."""

    name_of_cell = "<cell>"

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        return self.name_of_cell


class CellShell(InteractiveShell):
    """IPython's shell as the kernel has it, without history, pager and prompts."""

    displayhook_class = Type(_Hook)
    display_pub_class = Type(_Publisher)
    compiler_class = Type(_Compiler)

    def __init__(self, **options: Any) -> None:
        self.outputs = Outputs()
        self.cells: dict[str, int] = {}
        self.blank: dict[int, int] = {}
        self.compile: Any
        super().__init__(**options)

    def init_io(self) -> None:
        """Leave the process's own streams alone until `start`."""

    def enable_gui(self, gui: Any = None) -> None:
        """Have no event loop."""

    def start(self, most_text: int) -> None:
        """Begin a submission: from here on everything printed is kept.

        Args:
            most_text: how many characters of each cell are kept.
        """
        self.outputs.most_text = most_text
        sys.stdout = Stream("stdout", self.outputs)
        sys.stderr = Stream("stderr", self.outputs)

    def run(self, index: int, source: str) -> BaseException | None:
        """Run a cell.

        Args:
            index: its number, for naming its lines later.
            source: its text.

        Returns:
            What it raised, None where it ended well.
        """
        self.outputs.clear()
        name = f"<cell {index + 1}>"
        self.cells[name] = index
        self.blank[index] = leading_blank_lines(source)
        self.compile.name_of_cell = name
        try:
            result = self.run_cell(source, store_history=False)
        except BaseException as error:  # a cell that breaks the shell itself
            return error
        return result.error_before_exec or result.error_in_exec

    def showtraceback(self, *args: Any, **options: Any) -> None:
        """Show nothing: the error is part of the cell's result."""

    def showsyntaxerror(self, *args: Any, **options: Any) -> None:
        """Show nothing: the error is part of the cell's result."""

    def showindentationerror(self) -> None:
        """Show nothing: the error is part of the cell's result."""


def make_shell() -> CellShell:
    """Make a shell that is warm: it has run a cell and drawn a figure.

    Returns:
        The shell, with figures shown inline.
    """
    configuration = Config()
    configuration.HistoryManager.enabled = False
    configuration.HistoryManager.hist_file = ":memory:"
    shell = CellShell.instance(config=configuration)
    shell.run_cell("1 + 1", store_history=False, silent=True)
    try:
        import matplotlib

        matplotlib.use("module://matplotlib_inline.backend_inline")
        import matplotlib.pyplot as plt
        from matplotlib_inline.backend_inline import flush_figures
    except ImportError:
        return shell
    shell.events.register("post_execute", flush_figures)
    figure = plt.figure()
    figure.add_subplot(111).plot([0, 1], label="warm $x$")
    figure.legend()
    figure.savefig(io.BytesIO(), format="png")
    plt.close(figure)
    linecache.clearcache()
    return shell
