"""The wall: what a command behind it can see, and what ends it."""

import json
import os
import shutil
import sys
import threading
import time
from pathlib import Path

import pytest

import autograder
from autograder import wall as wall_module
from autograder.errors import CourseError
from autograder.wall import Limits, Wall, require

PYTHON = [sys.executable, "-S", "-c"]
LIMITED = """
import json, sys
sys.path.insert(0, sys.argv[1])
from autograder.wall import Limits, apply_limits
apply_limits(Limits(seconds=5, memory_mb=300, processes=8, file_mb=1), count_processes=False)
"""


@pytest.fixture(params=["bubblewrap", "none"])
def wall(request, tmp_path):
    return Wall(request.param, tmp_path)


@pytest.fixture
def confined(tmp_path):
    return Wall("bubblewrap", tmp_path)


def test_what_a_command_writes_comes_back(wall):
    outcome = wall.run([*PYTHON, "import sys; print('out'); sys.exit('log')"], Limits(seconds=20))
    assert (outcome.ended, outcome.returncode) == ("finished", 1)
    assert (outcome.output, outcome.log) == (b"out\n", "log\n")


def test_a_folder_is_shown_under_another_name(confined, tmp_path):
    (tmp_path / "shown.txt").write_text("hello")
    inside = confined.show(tmp_path / "shown.txt", "/job/hello")
    assert inside == "/job/hello"
    outcome = confined.run([*PYTHON, f"print(open({inside!r}).read())"], Limits(seconds=20))
    assert outcome.output == b"hello\n"


def test_without_a_wall_paths_stay(tmp_path):
    assert Wall("none", tmp_path).show(tmp_path, "/job") == str(tmp_path)


def test_the_environment_is_only_what_is_given(wall, monkeypatch):
    monkeypatch.setenv("COURSE_SECRET", "x")
    code = "import os; print(sorted(set(os.environ) - {'PWD', 'LC_CTYPE'}))"
    outcome = wall.run([*PYTHON, code], Limits(seconds=20), environment={"GIVEN": "1"})
    assert outcome.output == b"['GIVEN', 'HOME', 'TMPDIR']\n"


def test_only_python_and_what_is_shown_exist(confined):
    course = Path(autograder.__file__).parents[1]
    known = ("/proc", "/usr/lib", "/dev", sys.prefix, sys.base_prefix)
    code = f"""
import json, os
seen = [folder for folder, _, _ in os.walk("/") if not folder.startswith({known!r})]
print(json.dumps([seen, os.path.exists({str(course / "course.toml")!r}), os.getuid()]))
"""
    outcome = confined.run([*PYTHON, code], Limits(seconds=60))
    seen, course_seen, user = json.loads(outcome.output)
    assert (course_seen, user) == (False, 65534)
    parents = {str(p) for part in (sys.prefix, sys.base_prefix) for p in Path(part).parents}
    assert set(seen) <= {"/", "/etc", "/tmp", "/usr", *parents}


@pytest.mark.parametrize(
    "place",
    [
        "/",
        "/etc",
        "/usr/lib",
        "/dev",
        "/proc/sys/kernel",
        "/proc/self",
        sys.prefix,
        sys.base_prefix,
    ],
)
def test_nothing_but_the_scratch_folder_can_be_written(confined, place):
    code = f"""
import os
print(os.access("/tmp", os.W_OK))
try:
    open({place!r} + "/evil", "w")
except OSError as error:
    print("refused")
"""
    outcome = confined.run([*PYTHON, code], Limits(seconds=20))
    assert outcome.output == b"True\nrefused\n"


def test_settings_of_the_kernel_cannot_be_changed_even_by_root(confined):
    code = """
import os
for folder, _, files in os.walk("/proc/sys/kernel"):
    for name in files:
        try:
            os.close(os.open(os.path.join(folder, name), os.O_WRONLY))
        except OSError:
            continue
        print(folder, name)
"""
    outcome = confined.run([*PYTHON, code], Limits(seconds=20))
    assert (outcome.returncode, outcome.output) == (0, b"")


def test_new_namespaces_and_capabilities_are_out_of_reach(confined):
    code = """
import ctypes, re
libc = ctypes.CDLL(None, use_errno=True)
print([libc.unshare(flag) for flag in (0x10000000, 0x00020000, 0x40000000)])
print(libc.mount(b"none", b"/tmp", b"tmpfs", 0, None))
print(re.findall(r"Cap(?:Eff|Prm|Bnd):\\s(\\w+)", open("/proc/self/status").read()))
print(re.findall(r"NoNewPrivs:\\s(\\d)", open("/proc/self/status").read()))
"""
    outcome = confined.run([*PYTHON, code], Limits(seconds=20))
    assert outcome.output.decode().splitlines() == [
        "[-1, -1, -1]",
        "-1",
        str(["0" * 16] * 3),
        "['1']",
    ]


def test_the_files_in_memory_have_a_size(confined):
    code = """
import os
for place in ("/tmp", "/dev/shm"):
    about = os.statvfs(place)
    print(about.f_blocks * about.f_frsize // 2**20)
"""
    outcome = confined.run([*PYTHON, code], Limits(seconds=20))
    assert outcome.output == b"256\n64\n"


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        ("time", "while True: pass"),
        ("memory", "x = []\nwhile True: x.append(bytearray(10**7))"),
        ("processes", "import os, time\nfor _ in range(9): os.fork()\ntime.sleep(99)"),
        ("output", "import os\nwhile True: os.write(1, bytes(100000))"),
        ("time", "import signal, time\nsignal.signal(15, signal.SIG_IGN)\ntime.sleep(99)"),
        ("time", "import os, time\nos.close(1); os.close(2)\ntime.sleep(99)"),
    ],
    ids=["loop", "memory", "fork bomb", "output", "deaf", "silent"],
)
def test_each_limit_ends_everything(wall, ending, code, left_running):
    if wall.sandbox == "none" and ending == "processes":
        code = (
            "import os, time\nfor _ in range(50):\n    os.fork() or time.sleep(99)\ntime.sleep(99)"
        )
    started = time.monotonic()
    limits = Limits(seconds=2, memory_mb=200, processes=12, output_mb=1)
    outcome = wall.run([*PYTHON, code], limits)
    assert outcome.ended == ending
    assert outcome.output == b""
    assert time.monotonic() - started < 60
    assert left_running() == []


def test_a_process_that_is_left_behind_ends_with_the_first(confined, left_running):
    code = "import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(99)"
    started = time.monotonic()
    outcome = confined.run([*PYTHON, code], Limits(seconds=30))
    assert outcome.ended == "finished"
    assert time.monotonic() - started < 25
    assert left_running() == []


def test_a_run_can_be_stopped(wall):
    stop = threading.Event()
    threading.Timer(0.5, stop.set).start()
    outcome = wall.run([*PYTHON, "import time; time.sleep(99)"], Limits(seconds=60), stop=stop)
    assert outcome.ended == "stopped"


def test_an_endless_log_is_cut(wall):
    code = "import sys\nfor _ in range(2000): sys.stderr.write('e' * 1000)"
    outcome = wall.run([*PYTHON, code], Limits(seconds=20))
    assert outcome.ended == "finished"
    assert len(outcome.log) < 200_000


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("MemoryError", "bytearray(400 * 2**20)"),
        ("OSError", "open('big', 'wb').write(bytes(2 * 2**20))"),
    ],
)
def test_limits_of_a_process_hold(wall, error, code):
    package = wall.show(Path(autograder.__file__).parent, "/grader/autograder")
    command = [sys.executable, "-c", f"{LIMITED}\n{code}", str(Path(package).parent)]
    ignored = "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
    command[2] = ignored + command[2]
    outcome = wall.run(command, Limits(seconds=30))
    assert outcome.returncode == 1
    assert error in outcome.log


def test_torch_can_be_imported_within_the_usual_limits(confined):
    package = confined.show(Path(autograder.__file__).parent, "/grader/autograder")
    code = (
        f"{LIMITED.replace('memory_mb=300', 'memory_mb=4096').replace('seconds=5', 'seconds=60')}"
    )
    command = [sys.executable, "-c", f"{code}\nimport torch; print(torch.ones(3).sum().item())"]
    outcome = confined.run([*command, str(Path(package).parent)], Limits(seconds=120))
    assert outcome.output == b"3.0\n", outcome.log


def test_the_system_python_is_shown_without_all_programs(monkeypatch):
    monkeypatch.setattr(sys, "base_prefix", "/usr")
    folders = wall_module._python_folders()
    assert Path("/usr") not in folders
    assert Path("/usr/bin") not in folders
    assert Path(sys.prefix) in folders


class TestRequire:
    def test_a_machine_with_bubblewrap_is_fine(self):
        require("bubblewrap")
        require("none")

    def test_without_bubblewrap_the_cure_is_named(self, monkeypatch):
        monkeypatch.setattr(shutil, "which", lambda name: None)
        with pytest.raises(CourseError, match="not installed") as found:
            require("bubblewrap")
        assert "apt install bubblewrap" in found.value.cure
        assert "--sandbox none" in found.value.cure

    def test_where_namespaces_are_refused_that_is_said(self, monkeypatch, tmp_path):
        (tmp_path / "bwrap").write_text(
            "#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n"
        )
        (tmp_path / "bwrap").chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        with pytest.raises(CourseError, match="No permissions to create new namespace"):
            require("bubblewrap")
