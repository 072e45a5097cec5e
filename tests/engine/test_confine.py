"""The wall round a student's process, tried from within; as root and as an ordinary user."""

import contextlib
import os
import signal
import statistics
import time
from pathlib import Path

import psutil
import pytest
from confined_room import Room

KINDS = [
    pytest.param(("namespaces", False), id="namespaces"),
    pytest.param(("landlock", False), id="landlock"),
    pytest.param(("namespaces", True), id="namespaces-ordinary-user"),
    pytest.param(("landlock", True), id="landlock-ordinary-user"),
]
SYSTEM_CALL = """
import ctypes
C = ctypes.CDLL(None, use_errno=True)
def call(*arguments):
    result = C.syscall(*arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return result
def control(option, value):
    if C.prctl(option, value, 0, 0, 0) < 0:
        raise OSError(ctypes.get_errno(), "refused")
"""


@pytest.fixture(scope="module", params=KINDS)
def room(request, tmp_path_factory):
    wall, ordinary = request.param
    if ordinary and os.geteuid() != 0:
        pytest.skip("the other tests are an ordinary user's already")
    room = Room(wall, tmp_path_factory.mktemp("room"), ordinary=ordinary)
    if room.hello["walls"][wall]:
        room.end()
        pytest.skip(f"{wall}: {room.hello['walls'][wall]}")
    assert (room.hello["user"] != 0) == (ordinary or os.geteuid() != 0)
    yield room
    room.end()


@pytest.fixture(autouse=True)
def _nothing_held(request):
    """Let go of what a test held that failed, so that the next does not find it."""
    yield
    if "room" in request.fixturenames:
        request.getfixturevalue("room").drop_all()


@pytest.fixture
def canary(tmp_path):
    """A file that everyone may read and write, in a folder that everyone may write to."""
    for folder in [tmp_path, *list(tmp_path.parents)[:2]]:
        folder.chmod(0o777)
    canary = tmp_path / "canary.txt"
    canary.write_text("alive")
    canary.chmod(0o666)
    return canary


REFUSED = {
    "read /etc/passwd": "open('/etc/passwd').read()",
    "read another file": "open('{CANARY}').read()",
    "write another file": "open('{CANARY}', 'w')",
    "append to another file": "open('{CANARY}', 'a')",
    "truncate another file": "os.truncate('{CANARY}', 0)",
    "truncate by opening to read": "os.open('{CANARY}', os.O_RDONLY | os.O_TRUNC)",
    "truncate by opening for nothing": "os.open('{CANARY}', 3 | os.O_TRUNC)",
    "remove another file": "os.remove('{CANARY}')",
    "rename another file": "os.rename('{CANARY}', '{CANARY}2')",
    "link another file": "os.link('{CANARY}', 'linked')",
    "change another file's mode": "os.chmod('{CANARY}', 0)",
    "change another file's time": "os.utime('{CANARY}', (0, 0))",
    "make a file beside it": "open('{CANARY}.new', 'w')",
    "make a folder beside it": "os.mkdir('{CANARY}.folder')",
    "make a file at the root": "open('/new', 'w')",
    "make a file beside the home": "open('/home/new', 'w')",
    "make a file among the devices": "open('/dev/new', 'w')",
    "make a file among the settings": "open('/etc/new', 'w')",
    "make a file above Python": "open(os.path.dirname(os.path.dirname(os.__file__)) + '/new', 'w')",
    "remove a device": "os.remove('/dev/null')",
    "read it through a link": "os.symlink('{CANARY}', 'link'); open('link').read()",
    "write to Python's packages": "open(np.__file__, 'a')",
    "write to Python's library": "open(os.__file__, 'a')",
    "read the processes": "os.listdir('/proc')",
    "read the parent": "open(f'/proc/{parent}/status').read()",
    "read the parent's memory": "open(f'/proc/{parent}/mem', 'rb').read(1)",
    "read the first process": "open('/proc/1/status').read()",
    "read its own memory": "open('/proc/self/mem', 'rb').read(1)",
    "read the machine's state": "open('/sys/class/dmi/id/product_name').read()",
    "an internet socket": "import socket; socket.socket(socket.AF_INET)",
    "an IPv6 socket": "import socket; socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)",
    "a Unix socket": "import socket; socket.socket(socket.AF_UNIX)",
    "a netlink socket": "import socket; socket.socket(16, socket.SOCK_RAW)",
    "a pair of sockets": "import socket; socket.socketpair()",
    "fork": "os._exit(0) if os.fork() == 0 else None",
    "vfork": "call(58)",
    "forkpty": "os._exit(0) if os.forkpty()[0] == 0 else None",
    "posix_spawn": "os.posix_spawn('/bin/true', ['true'], {})",
    "a program": "import subprocess; subprocess.run([sys.executable, '-c', '1'])",
    "exec": "os.execv(sys.executable, ['python', '-c', '1'])",
    "another process by multiprocessing": (
        "import multiprocessing as m; m.get_context('fork').Process(target=print).start()"
    ),
    "trace the parent": "call(101, 16, parent, 0, 0)",
    "be traced": "call(101, 0, 0, 0, 0)",
    "read another's memory": "call(310, parent, 0, 0, 0, 0, 0)",
    "kill the parent": "os.kill(parent, 9)",
    "kill the process above": "os.kill(os.getppid(), 9)",
    "ask for the parent": "os.kill(parent, 0)",
    "kill all": "os.kill(-1, 9)",
    "kill the group": "os.kill(0, 9)",
    "kill the parent's thread": "call(200, parent, 9)",
    "kill by a process's descriptor": (
        "import signal; signal.pidfd_send_signal(os.pidfd_open(parent), 9)"
    ),
    "queue a signal": "call(129, parent, 9, 0)",
    "own a descriptor's signals": "import fcntl; fcntl.fcntl(1, fcntl.F_SETOWN, parent)",
    "limit the parent": "import resource; resource.prlimit(parent, resource.RLIMIT_CPU, (1, 1))",
    "raise a limit": "import resource; resource.setrlimit(resource.RLIMIT_DATA, (-1, -1))",
    "slow the parent": "os.setpriority(os.PRIO_PROCESS, parent, 19)",
    "move the parent": "os.sched_setaffinity(parent, {0})",
    "mount": "call(165, b'none', b'/tmp', b'tmpfs', 0, 0)",
    "unmount": "call(166, b'/', 2)",
    "another root": "os.chroot('.')",
    "a new root": "call(155, b'.', b'.')",
    "unshare users": "call(272, 0x10000000)",
    "unshare mounts": "call(272, 0x20000)",
    "join a namespace": "call(308, 1, 0)",
    "a new kind of clone": "call(435, 0, 0)",
    "clone into namespaces": "call(56, 0x10000000 | 17, 0, 0, 0, 0)",
    "clone a thread into namespaces": "call(56, 0x10000000 | 0x10000 | 0x900, 0, 0, 0, 0)",
    "a ring": "call(425, 8, ctypes.create_string_buffer(200))",
    "a file in memory": "os.memfd_create('x')",
    "a secret file in memory": "call(447, 0)",
    "shared memory": "import mmap; mmap.mmap(-1, 4096)",
    "System V memory": "call(29, 0, 4096, 0o1600)",
    "a queue of messages": "call(68, 0, 0o1600)",
    "a program in the kernel": "call(321, 0, 0, 0)",
    "faults of its own": "call(323, 0)",
    "counters": "call(298, 0, 0, -1, -1, 0)",
    "keys": "call(250, 0, -3, 1)",
    "a file by its handle": "call(304, -100, 0, 0)",
    "a watch on files": "call(254)",
    "another filter": "call(317, 0, 0, 0)",
    "survive the parent": "control(1, 0)",
    "be dumpable": "control(4, 1)",
    "another user": "os.setuid(0)",
    "another session": "os.setsid()",
    "a pipe with a name": "os.mkfifo('pipe')",
    "a device": "os.mknod('device', 0o020600, os.makedev(1, 3))",
    "a device's controls": "import fcntl; fcntl.ioctl(1, 0x5412, b'x')",
    "the clock": "import time; time.clock_settime(0, 0.0)",
    "the machine's name": "import socket; socket.sethostname('x')",
    "restart": "call(169, 0xfee1dead, 672274793, 0x1234567, 0)",
    "the log": "call(103, 3, 0, 0)",
    "a call that does not exist": "call(5000)",
}
REFUSALS = {"PermissionError", "FileNotFoundError", "OSError", "BlockingIOError", "MemoryError"}
REFUSALS |= {"ProcessLookupError", "ValueError"}


def fill(source, canary):
    return SYSTEM_CALL + source.replace("{CANARY}", str(canary))


@pytest.mark.parametrize("name", REFUSED)
def test_is_refused(room, canary, name):
    if "call(" in REFUSED[name] and os.uname().machine != "x86_64":
        pytest.skip("the numbers are those of x86_64")
    said = room.run(fill(REFUSED[name], canary))
    assert said["built"]
    assert said.get("error") in REFUSALS, said
    assert canary.read_text() == "alive"
    assert sorted(os.listdir(canary.parent)) == ["canary.txt"]
    assert psutil.pid_exists(room.hello["pid"])


SEEN = """
def see(folder):
    try:
        return sorted(os.listdir(folder))
    except OSError as error:
        return None
"""


def test_nothing_is_seen_of_the_machine(room, canary):
    home = os.path.expanduser("~")
    places = ["/proc", "/sys", "/var", "/root", "/boot", "/opt", "/run", home, str(canary.parent)]
    packages = "/usr/lib/python3/dist-packages"
    source = f"result = {{place: see(place) for place in {[*places, '/', packages]!r}}}"
    seen = room.run(SEEN + source)["result"]
    assert not any(seen[place] for place in places if not place.startswith("/root")), seen
    assert not seen[packages]
    if room.wall == "namespaces":
        shown = {"dev", "etc", "home", "lib", "lib32", "lib64", "usr"}
        python = {part.split("/")[1] for part in (os.path.realpath(os.__file__), pytest.__file__)}
        assert set(seen["/"]) <= shown | python
    else:
        assert seen["/"] is None


def test_only_python_is_seen_beside_what_is_shown(room):
    folder = str(Path(os.path.realpath(os.__file__)).parent / "site-packages")
    seen = room.run(SEEN + f"result = see({folder!r})")["result"]
    assert not seen


def test_the_environment_is_empty(room):
    result = room.run("result = dict(os.environ)")["result"]
    assert set(result) <= {"PATH", "LANG", "TZ", "HOME", "TMPDIR", "MPLCONFIGDIR"}
    assert result["HOME"] not in (os.path.expanduser("~"), "/")


def test_no_file_of_the_warm_process_is_open(room):
    source = """
import stat
kinds = []
for number in range(256):
    try:
        kinds.append(stat.S_IFMT(os.fstat(number).st_mode))
    except OSError:
        pass
result = kinds
"""
    result = room.run(source)["result"]
    assert len(result) == 4  # three lead nowhere, one to the judge
    assert result[3] == 0o140000  # a socket


def test_it_is_alone(room):
    result = room.run("result = [os.getpid(), os.getppid(), os.getuid(), os.getgroups()]")["result"]
    pid, parent, user, groups = result
    if room.wall == "namespaces":
        assert (pid, parent) == (1, 0)
        assert user != 0
    assert not set(groups) - {65534, os.getgid()}


def test_it_has_no_privilege(room):
    child = inside(room.run("import time\ntime.sleep(60)", hold=True))
    text = Path(f"/proc/{child.pid}/status").read_text()
    status = dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)
    room.drop()
    assert status["NoNewPrivs"] == "1"
    assert status["Seccomp"] == "2"
    assert not {"0"} & set(status["Uid"].split() + status["Gid"].split())
    for kind in ("CapInh", "CapAmb", "CapPrm", "CapEff"):
        reading = 1 << 2 if room.wall == "landlock" else 0  # Python may lie in a closed folder
        assert int(status[kind], 16) & ~reading == 0, kind


def test_the_network_is_empty(room):
    if room.wall != "namespaces":
        pytest.skip("only the calls are refused")
    said = room.run("import socket\nresult = [name for _, name in socket.if_nameindex()]")
    assert said.get("error") == "PermissionError" or said["result"] == ["lo"]


LIMITED = {
    "memory": ("np.ones(2**28)", {"memory_mb": 256}, "MemoryError"),
    "memory in small pieces": ("[bytes(2**16) for _ in range(2**20)]", {}, "MemoryError"),
    "memory mapped": (
        "import mmap\nheld = [mmap.mmap(-1, 2**22, mmap.MAP_PRIVATE) for _ in range(4000)]",
        {"memory_mb": 64},
        "OSError",
    ),
    "one file": ("open('big', 'wb').write(bytes(2**25))", {"file_mb": 2}, "OSError"),
    "open files": ("files = [open(os.devnull) for _ in range(1000)]", {}, "OSError"),
    "threads": (
        "import threading, time\nthreading.stack_size(2**16)\nfor _ in range(3000):\n"
        "    threading.Thread(target=time.sleep, args=(5,), daemon=True).start()",
        {"memory_mb": 2048},
        "RuntimeError",
    ),
}


@pytest.mark.parametrize("name", LIMITED)
def test_is_limited(room, name):
    source, limits, error = LIMITED[name]
    assert room.run(source, **limits).get("error") == error


def test_all_files_together_are_limited(room):
    source = "for n in range(100): open(str(n), 'wb').write(bytes(2**20)); time.sleep(0.02)"
    said = room.run("import time\n" + source, scratch_mb=8)
    assert said.get("error") == "OSError" or said["code"] == 128 + signal.SIGKILL


def test_the_number_of_files_is_limited(room):
    source = "for n in range(100_000): open(str(n), 'w').close()"
    said = room.run(source)
    assert said.get("error") == "OSError" or said["code"] == 128 + signal.SIGKILL


def test_processor_time_is_limited(room):
    began = time.monotonic()
    said = room.run("import signal\nsignal.signal(24, signal.SIG_IGN)\nwhile True: pass", seconds=1)
    assert said["code"] in (128 + signal.SIGXCPU, 128 + signal.SIGKILL)
    assert time.monotonic() - began < 40


WORKS = {
    "BLAS": "a = np.ones((300, 300)); result = float((a @ a)[0, 0])\nassert result == 300",
    "linear algebra": "result = np.linalg.svd(np.eye(50))[1].sum()",
    "random numbers": "result = float(np.random.default_rng(0).normal())",
    "threads": (
        "import threading\nfrom concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(8) as pool: result = list(pool.map(len, ['a', 'bc']))\n"
        "assert result == [1, 2]"
    ),
    "a figure": (
        "import io\nbuffer = io.BytesIO()\nplt.subplots()[1].set_title('$x^2$')\n"
        "plt.savefig(buffer, format='png', bbox_inches='tight')\n"
        "assert buffer.getvalue().startswith(b'\\x89PNG')"
    ),
    "a cell": (
        "done = shell.run_cell('y = 20\\n%timeit -n 1 -r 1 y\\ny + 1', store_history=False)\n"
        "assert done.success and done.result == 21"
    ),
    "a cell that fails": (
        "done = shell.run_cell('1 / 0', store_history=False)\n"
        "assert isinstance(done.error_in_exec, ZeroDivisionError)"
    ),
    "files of its own": (
        "np.savez('a.npz', x=np.arange(3))\nassert np.load('a.npz')['x'][2] == 2\n"
        "os.makedirs('b/c'); os.rename('a.npz', 'b/c/a.npz'); os.remove('b/c/a.npz')"
    ),
    "temporary files": (
        "import tempfile\nwith tempfile.NamedTemporaryFile() as file: file.write(b'x')\n"
        "with tempfile.TemporaryDirectory() as folder: open(folder + '/x', 'w').write('y')"
    ),
    "what was put there": "assert open('data/x.txt').read() == 'hello'",
    "modules that were not imported before": "import csv, decimal, sqlite3, lzma, wave, numpy.fft",
    "a signal to itself": (
        "import signal\ntry:\n    os.kill(os.getpid(), signal.SIGINT)\n    result = 0\n"
        "except KeyboardInterrupt:\n    result = 1\nassert result"
    ),
    "an alarm": (
        "import signal, time\ndef ring(*_): raise TimeoutError\nsignal.signal(14, ring)\n"
        "signal.setitimer(0, 0.05)\ntry:\n    time.sleep(5); assert 0\nexcept TimeoutError: pass"
    ),
    "measuring": (
        "import resource, tracemalloc, time\ntracemalloc.start(); x = [0] * 1000\n"
        "assert tracemalloc.get_traced_memory()[1] and resource.getrusage(0).ru_maxrss"
    ),
    "random bytes": "assert len(os.urandom(8)) == 8 and open('/dev/urandom', 'rb').read(3)",
    "zones": "import zoneinfo, datetime; datetime.datetime.now(zoneinfo.ZoneInfo('UTC'))",
}


@pytest.mark.parametrize("name", WORKS)
def test_works(room, name):
    said = room.run(WORKS[name], files={"data/x.txt": "hello"})
    assert "error" not in said, said["message"]
    assert said["code"] == 0


STUBBORN = """
import signal
for number in set(signal.valid_signals()) - {9, 19, 32, 33}:
    try:
        signal.signal(number, signal.SIG_IGN)
    except OSError:
        pass
while True:
    pass
"""


def inside(said):
    """Find the process behind the wall by the one outside."""
    (child,) = psutil.Process(said["guard"]).children()
    return child


def gone(process, within=20.0):
    """Wait until a process has ended; one that nobody has fetched yet counts as ended."""
    end = time.monotonic() + within
    with contextlib.suppress(psutil.NoSuchProcess):
        while process.status() != psutil.STATUS_ZOMBIE:
            if time.monotonic() > end:
                return False
            time.sleep(0.01)
    return True


def test_a_stubborn_loop_dies_when_nobody_listens(room):
    child = inside(room.run(STUBBORN, hold=True))
    assert child.is_running()
    assert room.drop()["code"] == 128 + signal.SIGKILL
    assert gone(child)


def test_a_stubborn_loop_dies_with_its_guard(room):
    said = room.run(STUBBORN, hold=True)
    child = inside(said)
    os.kill(said["guard"], signal.SIGKILL)
    assert gone(child)
    room.drop()


def test_a_stubborn_loop_dies_on_request(room):
    said = room.run(STUBBORN, hold=True)
    child = inside(said)
    os.kill(said["guard"], signal.SIGTERM)
    assert gone(child)
    assert room.drop()["code"] == 128 + signal.SIGKILL


def test_an_interrupt_is_passed_on(room):
    said = room.run("import time\ntime.sleep(60)", hold=True)
    child = inside(said)
    time.sleep(0.2)
    os.kill(said["guard"], signal.SIGINT)
    assert gone(child)
    assert room.drop()["code"] == 0  # it ended by an exception, not by a signal


def test_a_stubborn_loop_dies_with_the_warm_process(request, room, tmp_path):
    tmp_path.chmod(0o777)
    other = Room(room.wall, tmp_path, ordinary=room.ordinary)
    said = other.run(STUBBORN, hold=True)
    child = inside(said)
    os.kill(other.hello["pid"], signal.SIGKILL)
    assert gone(child)
    other.end()


def test_scratch_folders_are_removed(room):
    if room.wall == "namespaces":
        pytest.skip("it is in memory")
    said = room.run("open('x', 'w').write('y'); result = os.getcwd()")
    assert not os.path.exists(said["result"])


@pytest.mark.parametrize("name", ["../x", "/x", "a/../../x"])
def test_a_wall_that_cannot_be_built_leaves_no_process(room, name):
    said = room.run("result = 1", files={name: "x"})
    assert not said["built"]
    assert said["error"] == "ConfinementError"
    assert name in said["message"]
    assert "result" not in said
    assert not psutil.pid_exists(said["guard"])
    assert not psutil.Process(room.hello["pid"]).children(recursive=True)


def test_it_is_quick(room):
    seconds = [room.run("")["processor_seconds"] for _ in range(15)]
    print(f"{room.wall}: {1000 * statistics.median(seconds):.1f} ms")
    assert min(seconds) < 0.1  # 10 to 20 ms where nothing else runs
