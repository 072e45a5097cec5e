"""The demo's class: who handed in what, and which tests each submission must fail.

The list of failing tests was derived by hand from the lesson's tests, not from a run.
"""

from collections.abc import Callable
from dataclasses import dataclass

from autograder.demo.material import Material, graded_cell, to_bytes
from autograder.records import Status

EVERYTHING = "everything"

# Names of planted mistakes in tests/mutants/week01_perceptron.toml.
WRONG_AXIS = "measures in rows, classes in columns"
ALIASED = "history holds one array many times"
INTEGER_STEP = "integer copy swallows the step"
SUM_FOR_MEAN = "sum for the mean in the loss"
STRICT = "strict inequality: nothing is learnt from w = 0"
TRANSPOSED = "transposed"
NEVER_STOPS = "goes on when all is learnt"


@dataclass(frozen=True)
class Member:
    """One member of the class.

    Attributes:
        folder: the name of the folder in `submitted/`.
        name: the person's name.
        what: what was handed in, in a few words.
        make: makes the notebook file's content.
        fails: tests (or exercises, for all their tests) without points; `EVERYTHING` for all.
        shows: what the record must say somewhere.
        status: how grading must end.
        file: the file's name where it is not the week's.
        hostile: whether it must not run without a wall.
    """

    folder: str
    name: str
    what: str
    make: Callable[[Material], bytes]
    fails: tuple[str, ...] = ()
    shows: str = ""
    status: Status = "graded"
    file: str | None = None
    hostile: bool = False

    def fails_test(self, test: str, exercise: str) -> bool:
        """Say whether a test must end without points.

        Args:
            test: the test's id.
            exercise: the exercise it belongs to.

        Returns:
            True where it must.
        """
        if self.status != "graded":
            return True
        return EVERYTHING in self.fails or test in self.fails or exercise in self.fails


def right(material: Material) -> bytes:
    """Hand in the solution, with the marks of its regions gone."""
    return to_bytes(material.notebook(material.solution))


def right_otherwise(material: Material) -> bytes:
    """Hand in another right answer wherever there is one."""
    return to_bytes(material.notebook({**material.solution, **material.alternatives}))


def half_right(material: Material) -> bytes:
    """Answer the first half of the exercises and leave the others as they were released."""
    names = list(material.solution)
    first = names[: len(names) // 2]
    return to_bytes(material.notebook({name: material.solution[name] for name in first}))


def untouched(material: Material) -> bytes:
    """Hand in what was released."""
    return to_bytes(material.notebook({}, written=False))


def slips(material: Material) -> bytes:
    """Hand in three of the mistakes that the lesson warns of: axis, aliasing, integer step."""
    return to_bytes(
        material.notebook(
            {
                **material.solution,
                "precision_recall_f1": material.with_mistake("precision_recall_f1", WRONG_AXIS),
                "perceptron_fit": material.with_mistake("perceptron_fit", ALIASED),
                "numerical_gradient": material.with_mistake("numerical_gradient", INTEGER_STEP),
            }
        )
    )


def wrong_reductions(material: Material) -> bytes:
    """Hand in a sum for a mean, a comparison with which nothing is learnt, a transposed table."""
    return to_bytes(
        material.notebook(
            {
                **material.solution,
                "logistic_loss_and_gradient": material.with_mistake(
                    "logistic_loss_and_gradient", SUM_FOR_MEAN
                ),
                "perceptron_fit": material.with_mistake("perceptron_fit", STRICT),
                "confusion_matrix": material.with_mistake("confusion_matrix", TRANSPOSED),
            }
        )
    )


def raises_an_exception(material: Material) -> bytes:
    """Hand in a gradient descent that writes into an empty list."""
    answer = '''\
def gradient_descent(loss_and_gradient, start, learning_rate, steps):
    """Minimise a function by steps against its gradient."""
    losses = []
    w = start
    for step in range(steps + 1):
        losses[step], gradient = loss_and_gradient(w)
        w = w - learning_rate * gradient
    return w, losses
'''
    return to_bytes(material.notebook({**material.solution, "gradient_descent": answer}))


def syntax_error(material: Material) -> bytes:
    """Hand in an answer with a colon missing."""
    answer = material.solution["perceptron_criterion"].replace("(w, X, y):", "(w, X, y)", 1)
    return to_bytes(material.notebook({**material.solution, "perceptron_criterion": answer}))


def endless_loop(material: Material) -> bytes:
    """Hand in a rule that never notices that it is done."""
    answer = material.with_mistake("perceptron_fit", NEVER_STOPS)
    return to_bytes(material.notebook({**material.solution, "perceptron_fit": answer}))


def prints_ten_megabytes(material: Material) -> bytes:
    """Hand in right answers with a forgotten print in one of them."""
    answer = material.solution["novikoff_bound"] + '\n\nprint("debugging " * 1_000_000)\n'
    return to_bytes(material.notebook({**material.solution, "novikoff_bound": answer}))


def broken_json(material: Material) -> bytes:
    """Hand in a file whose upload stopped half-way."""
    whole = right(material)
    return whole[: len(whole) // 2]


def leaves_the_process(material: Material) -> bytes:
    """Hand in an answer that ends the process that grades it."""
    answer = '''\
def gradient_descent(loss_and_gradient, start, learning_rate, steps):
    """Minimise a function by steps against its gradient."""
    import os

    os._exit(0)
'''
    return to_bytes(material.notebook({**material.solution, "gradient_descent": answer}))


def edited_metadata(material: Material) -> bytes:
    """Hand in a solved criterion, a hundred points for its test, and the other tests disarmed."""
    notebook = material.notebook(
        {"perceptron_criterion": material.solution["perceptron_criterion"]}
    )
    graded_cell(notebook, "test_perceptron_criterion_values")["metadata"]["nbgrader"]["points"] = (
        100
    )
    for cell in notebook["cells"]:
        marks = cell["metadata"].get("nbgrader", {})
        if marks.get("grade_id", "").startswith("test_perceptron_fit"):
            cell["source"] = "pass"
            marks["locked"] = False
    notebook["cells"] = [
        cell
        for cell in notebook["cells"]
        if not cell["metadata"]
        .get("nbgrader", {})
        .get("grade_id", "")
        .startswith("test_novikoff_bound")
    ]
    return to_bytes(notebook)


def spies(material: Material) -> bytes:
    """Hand in right answers, and a cell that looks for everything that is not the student's."""
    places = [str(path) for path in material.secrets]
    looks = f"""\
import os
import socket

places = {places!r}
found = []
for place in places:
    for folder, _, names in os.walk(place):
        found += [os.path.join(folder, name) for name in names]
    if os.path.isfile(place):
        found.append(place)
try:
    socket.create_connection(("192.0.2.1", 80), timeout=0.5)
    found.append("the network")
except OSError:
    pass
print(f"looked in {{len(places)}} places, found {{len(found)}} files")
for path in found[:3]:
    print(open(path, "rb").read(200))
"""
    return to_bytes(material.notebook(material.solution, own_cells=[looks]))


CLASS: tuple[Member, ...] = (
    Member("amara_okafor", "Amara Okafor", "right", right),
    Member("benedikt_huber", "Benedikt Huber", "right, written in another way", right_otherwise),
    Member(
        "chiara_ferrari",
        "Chiara Ferrari",
        "half right: the second half is untouched",
        half_right,
        fails=(
            "gradient_descent",
            "train_val_test_split",
            "confusion_matrix",
            "precision_recall_f1",
            "roc_auc",
        ),
        shows="is not written yet",
    ),
    Member(
        "daniyar_akhmetov",
        "Daniyar Akhmetov",
        "a wrong axis, an aliased array, a step in integers",
        slips,
        fails=(
            # The table lies on its side; the means over the classes are right all the same.
            "test_precision_recall_f1_per_class",
            "test_precision_recall_f1_empty_class",
            # All rows of the history are one array, and each of its tests looks at rows.
            "perceptron_fit",
            # Right for floats, zero for integers.
            "test_numerical_gradient_care",
        ),
    ),
    Member(
        "elif_yilmaz",
        "Elif Yılmaz",
        "a sum for a mean, < for ≤, rows for columns",
        wrong_reductions,
        fails=(
            # The gradient is right, but it is held against the (wrong) loss.
            "logistic_loss_and_gradient",
            # Under w = 0 no margin is below 0: the weights stay there for ever.
            "perceptron_fit",
            # No table in these tests is symmetric.
            "confusion_matrix",
        ),
    ),
    Member(
        "farid_rahimi",
        "Farid Rahimi",
        "an exception in one answer",
        raises_an_exception,
        fails=("gradient_descent",),
        shows="IndexError",
    ),
    Member(
        "grace_nakamura",
        "Grace Nakamura",
        "untouched",
        untouched,
        fails=(EVERYTHING,),
        shows="is not written yet",
    ),
    Member(
        "hugo_lindqvist",
        "Hugo Lindqvist",
        "a syntax error in one answer",
        syntax_error,
        fails=("perceptron_criterion",),
        shows="SyntaxError",
    ),
    Member(
        "ines_duarte",
        "Inês Duarte",
        "an endless loop",
        endless_loop,
        fails=("test_perceptron_fit_stops",),
    ),
    Member(
        "jaroslav_novak",
        "Jaroslav Novák",
        "right, but prints 10 MB",
        prints_ten_megabytes,
        shows="characters more",
    ),
    Member(
        "kwame_mensah",
        "Kwame Mensah",
        "broken JSON: the upload stopped half-way",
        broken_json,
        status="unreadable",
    ),
    Member(
        "linh_tran",
        "Linh Tran",
        "right, handed in under another name",
        right,
        file="perceptron (1).ipynb",
        shows="graded all the same",
    ),
    Member(
        "mateus_silva",
        "Mateus Silva",
        "an answer that ends its process",
        leaves_the_process,
        fails=("gradient_descent",),
        hostile=True,
    ),
    Member(
        "nadia_petrova",
        "Nadia Petrova",
        "gave a test 100 points, emptied and removed others",
        edited_metadata,
        fails=(
            "perceptron_fit",
            "novikoff_bound",
            "numerical_gradient",
            "logistic_loss_and_gradient",
            "gradient_descent",
            "train_val_test_split",
            "confusion_matrix",
            "precision_recall_f1",
            "roc_auc",
        ),
        shows="the points of `test_perceptron_criterion_values` had been changed",
        hostile=True,
    ),
    Member(
        "omar_haddad",
        "Omar Haddad",
        "right; looks for solutions, gradebook and others' work",
        spies,
        shows="found 0 files",
        hostile=True,
    ),
)
"""The class; no two folders are the same, and the first is whose work the spy looks for."""
