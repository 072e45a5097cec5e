"""The challenge's kernel: the check accepts right ones, and names the usual mistakes."""

import json
import linecache
import subprocess
import sys
import tomllib
from itertools import count
from pathlib import Path

import pytest
import torch

from autograder.course import load_course
from autograder.lesson import read_lesson
from helpers.challenge import kernels
from helpers.challenge.kernel_cases import CASES, MISTAKES, make_trial, wanted
from helpers.challenge.kernel_check import check_kernel, fault_of

ROOT = Path(__file__).parents[2]
WEEK = "challenge"
NUMBERS = count()


def lesson_cells():
    course = load_course(ROOT)
    return read_lesson(course.week(WEEK).source(course), WEEK).cells


def made(source, name="augment_kernel"):
    """Define a kernel as a notebook does: its source can be read, though there is no file."""
    file = f"<kernel {next(NUMBERS)}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    names = {"tl": kernels.tl, "torch": torch}
    exec(compile(source, file, "exec"), names)
    return names[name]


SOLUTION = next(cell.source for cell in lesson_cells() if cell.grade_id == "augment_kernel")
HEAD = SOLUTION[: SOLUTION.index("    ### BEGIN SOLUTION")]

OTHERWISE = {
    "rows of a block by comparison, pictures in floats of their own": """
    pixel = block * BLOCK + tl.arange(0, BLOCK)
    real = pixel < height * width
    i, j = pixel // width, pixel - pixel // width * width
    mirrored = tl.load(moves + 3 * picture).to(tl.float32)
    down, right = tl.load(moves + 3 * picture + 1), tl.load(moves + 3 * picture + 2)
    k = tl.where(mirrored > 0.5, width - 1 - j + right, j - right)
    ok = (i >= down) & (i - down < height) & (j >= right) & (j - right < width) & real
    base = pictures + picture * picture_stride + channel * channel_stride
    x = tl.load(base + (i - down) * row_stride + k * column_stride, mask=ok)
    scale = 1.0 / tl.load(deviation + channel)
    x = tl.where(ok, x.to(tl.float32) * scale - tl.load(mean + channel) * scale, 0)
    tl.store(result + (plane * height * width + pixel), x, mask=real)
""",
    "places clamped into the picture, and the outside multiplied by 0": """
    size = height * width
    steps = tl.arange(0, BLOCK)
    last = tl.minimum(block * BLOCK + steps, size - 1)
    facts = moves + 3 * picture
    row = last // width - tl.load(facts + 1)
    column = last % width - tl.load(facts + 2)
    known = ((row >= 0) & (row < height) & (column >= 0) & (column < width)).to(tl.float32)
    row = tl.maximum(tl.minimum(row, height - 1), 0)
    column = tl.maximum(tl.minimum(column, width - 1), 0)
    if tl.load(facts) == 1:
        column = width - 1 - column
    start = picture.to(tl.int64) * picture_stride + channel * channel_stride
    bytes_there = tl.load(pictures + start + row * row_stride + column * column_stride)
    centred = bytes_there.to(tl.float32) - tl.load(mean + channel)
    there = block * BLOCK + steps < size
    out = result + plane.to(tl.int64) * size + block * BLOCK + steps
    tl.store(out, known * centred / tl.load(deviation + channel), mask=there)
""",
    "with functions that Triton itself writes in Triton": """
    pixel = block * BLOCK + tl.arange(0, BLOCK)
    inside = pixel < height * width
    row = pixel // width - tl.load(moves + 3 * picture + 1)
    column = pixel % width - tl.load(moves + 3 * picture + 2)
    there = inside & (row >= 0) & (row < height) & (column >= 0) & (column < width)
    column = tl.where(tl.load(moves + 3 * picture) == 1, width - 1 - column, column)
    place = picture * picture_stride + channel * channel_stride
    place += row * row_stride + column * column_stride
    value = tl.load(pictures + place, mask=there, other=0).to(tl.float32)
    value = (value - tl.load(mean + channel)) / tl.load(deviation + channel)
    value = tl.where(there, value, tl.zeros((BLOCK,), tl.float32))
    tl.store(result + plane * tl.cdiv(height * width, 1) + pixel, value, mask=inside)
""",
}

PLANTED = tomllib.loads(Path(__file__).with_name("kernel_mistakes.toml").read_text("utf-8"))


def told(kernel, capsys):
    """Give whether a kernel passes and what is printed."""
    capsys.readouterr()
    return check_kernel(kernel), capsys.readouterr().out


def planted(*pairs):
    source = SOLUTION
    for before, after in pairs:
        assert before in source
        source = source.replace(before, after)
    return made(source)


def test_the_solution_passes(capsys):
    passed, text = told(made(SOLUTION), capsys)
    assert passed, text
    assert text.count("right: ") == len(CASES)


@pytest.mark.parametrize("body", OTHERWISE.values(), ids=OTHERWISE)
def test_other_right_kernels_pass(body, capsys):
    passed, text = told(made(HEAD + body), capsys)
    assert passed, text


@pytest.mark.parametrize("mistake", PLANTED["mistake"], ids=lambda mistake: mistake["name"])
def test_a_mistake_is_caught_and_named(mistake, capsys):
    pairs = [(mistake["find"], mistake["replace"])]
    pairs += [tuple(mistake["also"])] if "also" in mistake else []
    passed, text = told(planted(*pairs), capsys)
    assert not passed
    assert mistake["says"] in text, text


def test_a_stub_is_not_written_yet(capsys):
    stub = made(HEAD + '    raise NotImplementedError("`augment_kernel` is not written yet")\n')
    passed, text = told(stub, capsys)
    assert not passed
    assert text.endswith("`augment_kernel` is not written yet\n")


def test_a_kernel_that_writes_numbers_twice_is_told(capsys):
    loop = "    for block in range(0, tl.cdiv(height * width, BLOCK)):\n"
    start = SOLUTION.index("    pixel =")
    end = SOLUTION.index("    ### END SOLUTION")
    body = SOLUTION[start:end].replace("\n    ", "\n        ")
    passed, text = told(made(HEAD + loop + "    " + body.rstrip() + "\n"), capsys)
    assert not passed
    assert "some are written 3 times" in text


def test_without_triton_one_sentence_is_said(monkeypatch, capsys):
    monkeypatch.setattr(kernels, "LACKING", "Triton is not installed here.")
    passed, text = told(made(SOLUTION), capsys)
    assert (passed, text) == (False, "Triton is not installed here.\n")
    with pytest.raises(RuntimeError, match="not installed"):
        kernels.interpret(made(SOLUTION), (1,))
    with pytest.raises(RuntimeError, match="not installed"):
        kernels.compiled(made(SOLUTION))


def test_the_module_can_be_imported_without_triton():
    program = (
        "import sys; sys.modules['triton'] = None; sys.modules['triton.language'] = None\n"
        "from helpers.challenge import kernels\n"
        "def f(x, BLOCK: kernels.tl.constexpr): pass\n"
        "print(kernels.LACKING)"
    )
    run = [sys.executable, "-c", program]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("Triton is not installed here")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_wanted_is_what_indexing_gives(case):
    """The oracle shifts and mirrors slices; here each number is found by its formula."""
    trial = make_trial(case)
    mean, deviation = trial.colours.double()
    height, width = case.shape[2:]
    expected = torch.zeros(case.shape, dtype=torch.float64)
    for n, (mirrored, down, right) in enumerate(trial.moves.tolist()):
        for i in range(height):
            for j in range(width):
                row, column = i - down, j - right
                if 0 <= row < height and 0 <= column < width:
                    column = width - 1 - column if mirrored else column
                    x = trial.pictures[n, :, row, column].double()
                    expected[n, :, i, j] = (x - mean) / deviation
    torch.testing.assert_close(wanted(trial), expected, rtol=1e-12, atol=1e-12)


def test_every_mistake_of_the_list_changes_something():
    trials = [make_trial(case) for case in CASES]
    for mistake in MISTAKES:
        changed = [not torch.equal(wanted(t), wanted(t, mistake)) for t in trials]
        assert any(changed), mistake.says


def test_bytes_are_counted():
    trial = make_trial(CASES[2])
    traffic = trial.run(made(SOLUTION))
    numbers = trial.pictures.numel()
    assert traffic.read["pictures"] == numbers
    assert traffic.written == {"result": 4 * numbers}
    assert traffic.total == sum(traffic.read.values()) + 4 * numbers
    assert traffic.stores["result"].tolist() == [1] * numbers


def test_the_bytes_of_operations_are_counted():
    x = torch.zeros(3, 4, 5, dtype=torch.uint8)
    row = torch.zeros(5)

    def work():
        y = x.float().view(12, 5).T.T
        (y - row.expand(12, 5)).bfloat16()

    moved = kernels.count_bytes(work)
    assert moved == [("to float32", 5 * 60), ("sub", 8 * 60 + 20), ("to bfloat16", 6 * 60)]


def test_nothing_is_left_behind_in_triton_or_in_the_kernels_names():
    kernel = made(SOLUTION)
    tl = kernels.tl
    names, before = set(kernel.__globals__), dict(vars(tl))
    check_kernel(kernel)
    with pytest.raises(kernels.OutsideError):
        make_trial(CASES[2]).run(planted((", mask=inside)", ")")))
    assert set(kernel.__globals__) == names
    assert all(vars(tl)[name] is value for name, value in before.items())


def test_the_notebooks_operations_agree_with_the_kernel():
    names = {"torch": torch}
    source = next(c.source for c in lesson_cells() if "def augment_eagerly" in c.source)
    exec(source, names)
    batch = names["batch_to_augment"](3)
    few = [batch[0][:, :, :20, :13], batch[1], *batch[2:]]
    found = kernels.launch(made(SOLUTION), *few, torch.bfloat16, block=256)
    expected = names["augment_eagerly"](*few)
    torch.testing.assert_close(found, expected, rtol=2**-7, atol=1e-5)


def test_no_kernel_is_given_away():
    """What is given for this part holds no load or store that a student could copy."""
    for path in (ROOT / "helpers" / "challenge").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "tl.arange" not in text
        assert "tl.program_id" not in text
    student = json.loads((ROOT / "notebooks/challenge/challenge.ipynb").read_text("utf-8"))
    sources = {cell.get("id"): "".join(cell["source"]) for cell in student["cells"]}
    assert sources["augment_kernel"].rstrip().endswith('is not written yet")')
    assert "tl.load" not in sources["augment_kernel"].split('"""')[-1]


def test_faults_are_empty_for_right_kernels():
    assert fault_of(made(SOLUTION), CASES[-1]) == ""


def test_the_benchmark_runs_on_a_cpu_and_writes_its_facts(tmp_path):
    file = tmp_path / "facts.json"
    command = [sys.executable, "benchmarks/kernel.py", "--pictures", "4", "--json", str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    facts = json.loads(file.read_text(encoding="utf-8"))
    assert facts["right"] is True
    assert facts["bytes_per_number"]["kernel"] < 3.1 < facts["bytes_per_number"]["eager"]
    if not torch.cuda.is_available():
        assert facts["device"].startswith("cpu")
        assert "seconds" not in facts
