"""The parts of the wall by themselves: the filter, the plan of a root, the view of packages."""

import errno
import os
import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.engines.judge.confine import ConfinementError, seccomp, system_paths
from autograder.engines.judge.confine.landlock import without
from autograder.engines.judge.confine.limits import Limits, plan_limits
from autograder.engines.judge.confine.namespaces import plan_room
from autograder.engines.judge.confine.packages import not_in, package_view

OWN = 77
HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}
AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
NUMBERS = {
    "execve": (59, 221),
    "fork": (57, None),
    "vfork": (58, None),
    "execveat": (322, 281),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "bpf": (321, 280),
    "io_uring_setup": (425, 425),
    "memfd_create": (319, 279),
    "socket": (41, 198),
    "socketpair": (53, 199),
    "connect": (42, 203),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "pidfd_send_signal": (424, 424),
    "setuid": (105, 146),
    "setsid": (112, 157),
    "fchmodat": (268, 53),
    "linkat": (265, 37),
    "symlinkat": (266, 36),
    "mknodat": (259, 33),
    "truncate": (76, 45),
    "shmget": (29, 194),
    "setrlimit": (160, 164),
    "seccomp": (317, 277),
    "personality": (135, 92),
    "sched_setaffinity": (203, 122),
    "open_by_handle_at": (304, 265),
}


def ask(machine, number, *arguments, audit=None):
    """Run the filter as the kernel would, on one call."""
    code = seccomp.make_filter(machine, OWN)
    program = [struct.unpack_from("=HBBI", code, 8 * n) for n in range(len(code) // 8)]
    padded = [value & 2**64 - 1 for value in (*arguments, 0, 0, 0, 0, 0, 0)[:6]]
    data = struct.pack("<IIQ6Q", number, audit or AUDIT[machine], 0, *padded)
    place, value = 0, 0
    while True:
        kind, if_true, if_false, operand = program[place]
        place += 1
        if kind == 0x20:
            (value,) = struct.unpack_from("<I", data, operand)
        elif kind == 0x54:
            value &= operand
        elif kind == 0x15:
            place += if_true if value == operand else if_false
        elif kind == 0x35:
            place += if_true if value >= operand else if_false
        else:
            assert kind == 0x06
            return operand


ALLOWED = 0x7FFF0000
KILLED = 0x80000000


def refused(error=errno.EPERM):
    return 0x00050000 | error


MACHINES = pytest.mark.parametrize(("machine", "column"), [("x86_64", 0), ("aarch64", 1)])


@MACHINES
def test_numbers_are_the_kernels(machine, column):
    if not HEADERS[machine].exists():
        pytest.skip("the kernel's headers are not installed")
    text = HEADERS[machine].read_text()
    found = re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", text)
    numbers = {name: int(number) for name, number in found}
    numbers |= {"newfstatat": numbers.get("newfstatat", numbers.get("fstatat", 0))}
    tables = {**seccomp.ALLOWED, **NUMBERS}
    tables |= {name: rule.numbers for name, rule in seccomp.conditions(OWN).items()}
    tables |= seccomp.ABSENT
    for name, pair in tables.items():
        assert pair[column] is None or pair[column] == numbers[name], name
        assert pair[column] is not None or name not in numbers, name


@MACHINES
def test_what_is_not_listed_is_refused(machine, column):
    listed = {pair[column] for pair in seccomp.ALLOWED.values()}
    listed |= {rule.numbers[column] for rule in seccomp.conditions(OWN).values()}
    listed |= {pair[column] for pair in seccomp.ABSENT.values()}
    for number in range(seccomp.NEWEST):
        if number not in listed:
            assert ask(machine, number) == refused(), number
    assert ask(machine, seccomp.NEWEST + 12) == refused(errno.ENOSYS)
    for name, pair in NUMBERS.items():
        assert pair[column] is None or pair[column] not in listed, name


@MACHINES
def test_the_other_architecture_is_killed(machine, column):
    other = AUDIT["aarch64" if column == 0 else "x86_64"]
    assert ask(machine, 0, audit=other) == KILLED
    assert ask(machine, 0, audit=0x40000003) == KILLED  # 32 bits
    assert ask(machine, 0x40000000 + 1) == KILLED  # x32


@MACHINES
def test_arguments_decide(machine, column):
    rules = {name: rule.numbers[column] for name, rule in seccomp.conditions(OWN).items()}
    thread = 0x3D0F00
    assert ask(machine, rules["clone"], thread) == ALLOWED
    for flags in (17, thread | 0x10000000, thread | 0x20000, 0x10000000 | 17):
        assert ask(machine, rules["clone"], flags) == refused()
    assert ask(machine, rules["kill"], OWN, 2) == ALLOWED
    for target in (-1, 0, 1, OWN + 1, -OWN):
        assert ask(machine, rules["kill"], target, 9) == refused()
        assert ask(machine, rules["tgkill"], target, 9, 9) == refused()
    assert ask(machine, rules["mmap"], 0, 9, 3, 0x22) == ALLOWED
    assert ask(machine, rules["mmap"], 0, 9, 3, 0x01) == ALLOWED  # of a file
    assert ask(machine, rules["mmap"], 0, 9, 3, 0x21) == refused(errno.ENOMEM)
    assert ask(machine, rules["mmap"], 0, 9, 3, 0x23) == refused(errno.ENOMEM)
    assert ask(machine, rules["openat"], 0, 0, os.O_RDONLY | os.O_CLOEXEC) == ALLOWED
    assert ask(machine, rules["openat"], 0, 0, os.O_WRONLY | os.O_TRUNC) == ALLOWED
    assert ask(machine, rules["openat"], 0, 0, os.O_RDONLY | os.O_TRUNC) == refused()
    assert ask(machine, rules["openat"], 0, 0, 3) == refused()
    assert ask(machine, rules["prctl"], 1) == refused()
    assert ask(machine, rules["fcntl"], 0, 8) == refused()
    assert ask(machine, rules["ioctl"], 0, 0x5412) == refused(errno.ENOTTY)
    assert ask(machine, rules["prlimit64"], 0) == ALLOWED
    assert ask(machine, rules["prlimit64"], OWN + 1) == refused()


def test_an_unknown_architecture_is_refused():
    with pytest.raises(ConfinementError, match="no table of system calls for riscv64"):
        seccomp.make_filter("riscv64", 1)


def test_limits_come_on_top_of_what_is_there():
    import resource

    plan = plan_limits(Limits(memory_mb=100, processes=7), own_user=True)
    used = int(re.search(r"VmData:\s+(\d+)", Path("/proc/self/status").read_text())[1]) * 1024
    assert abs(plan[resource.RLIMIT_DATA] - used - 100 * 2**20) < 2**22
    assert plan[resource.RLIMIT_NPROC] == 7
    shared = plan_limits(Limits(processes=7), own_user=False)
    assert shared[resource.RLIMIT_NPROC] > 7


@pytest.fixture
def tree(tmp_path):
    tmp_path = tmp_path.resolve()
    for folder in ("a/b/c", "a/site-packages/numpy", "a/site-packages/torch", "d"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "a" / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "a")
    return tmp_path


def test_a_root_shows_each_thing_once(tree):
    shown = [tree / "a", tree / "a/b", tree / "a/b/c", tree / "missing"]
    room = plan_room(shown, [])
    assert room.real == (tree / "a",)
    assert room.covers == ()
    assert room.links == {}


def test_packages_are_covered_but_for_those_shown(tree):
    packages = tree / "a/site-packages"
    room = plan_room([tree / "a", packages / "numpy"], [packages])
    assert room.real == (tree / "a", packages / "numpy")
    assert room.covers == (packages,)
    assert plan_room([tree / "a", packages], [packages]).covers == ()
    assert plan_room([tree / "d"], [packages]).covers == ()


def test_links_are_made_where_they_are_not_seen(tree):
    room = plan_room([tree / "link"], [])
    assert room.real == (tree / "a",)
    assert room.links == {tree / "link": tree / "a"}
    (tree / "d" / "in").symlink_to(tree / "a")
    assert plan_room([tree / "d", tree / "d/in"], []).links == {}


def test_landlock_leaves_folders_out(tree):
    parts = set(without(tree / "a", [tree / "a/site-packages"]))
    assert parts == {tree / "a/b", tree / "a/file"}
    assert list(without(tree / "d", [tree / "a"])) == [tree / "d"]


def test_programs_and_home_folders_are_not_shown():
    own = [Path(prefix).resolve() for prefix in (sys.prefix, sys.base_prefix)]  # wherever they lie
    for path in system_paths():
        if Path("/usr") not in own and any(path.is_relative_to(prefix) for prefix in own):
            continue
        assert path.parts[1:2] not in (("home",), ("tmp",), ("var",), ("proc",), ("bin",))
        assert not str(path).startswith(
            ("/usr/bin", "/usr/local/bin", "/etc/passwd", "/etc/shadow")
        )


def test_a_view_holds_packages_and_what_they_need(tmp_path):
    view = package_view(["numpy", "matplotlib", "PIL", "helpers", "time"], tmp_path / "view")
    assert {"numpy", "matplotlib", "pillow", "kiwisolver", "python-dateutil"} <= {
        *view.distributions
    }
    assert not {"torch", "scipy", "scikit-learn", "nbgrader", "pytest"} & set(view.distributions)
    assert not_in(view, ["numpy", "PIL", "torch", "functools"]) == ["torch"]
    source = (
        "import matplotlib.pyplot, numpy.random, PIL.Image, importlib.util as u\n"
        "print([m for m in ('torch', 'scipy', 'sklearn', 'nbgrader') if u.find_spec(m)])"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-S", "-c", source],
        env={"PYTHONPATH": str(view.folder), "MPLCONFIGDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"
    assert all(path.exists() for path in view.paths)


def test_a_view_finds_packages_by_the_name_that_is_imported(tmp_path):
    view = package_view(["sklearn"], tmp_path / "view")
    assert {"scikit-learn", "scipy", "numpy", "joblib"} <= set(view.distributions)
    assert "torch" not in view.distributions
