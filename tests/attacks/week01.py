"""Hostile submissions of week 1: oracles, call-backs and bent inputs, against the tests' logic."""

from attack import Attack

KEPT = ("novikoff_bound",)
KEPT_POINTS = 2.0


def plain(name: str, tries: str, answers: dict[str, str], deserves: float = 0.0, **more) -> Attack:
    """Make an attack by answers, with an honest answer beside it."""
    return Attack(name, tries, KEPT_POINTS + deserves, answers, KEPT, **more)


SKLEARN = {
    "confusion_matrix": """
from sklearn.metrics import confusion_matrix as theirs
def confusion_matrix(truth, prediction, classes):
    return theirs(truth, prediction, labels=range(classes))
""",
    "roc_auc": """
import sklearn.metrics
def roc_auc(truth, scores):
    if len(set(truth.tolist())) < 2:
        raise ValueError
    return sklearn.metrics.roc_auc_score(truth, scores)
""",
}

TORCH = {
    "logistic_loss_and_gradient": """
import torch
def logistic_loss_and_gradient(w, X, y):
    w, X, y = (torch.tensor(value, dtype=torch.float64) for value in (w, X, y))
    w.requires_grad_()
    loss = torch.nn.functional.softplus(-y * (X @ w)).mean()
    loss.backward()
    return loss.item(), w.grad.numpy()
""",
}

ELSEWHERE = """
import glob, importlib, importlib.util, sys
places = ["{SITE}", "/usr/lib/python3/dist-packages", *glob.glob("/usr/lib/python3*/site-packages")]
sys.path += places + glob.glob("/**/site-packages", recursive=True)
sys.meta_path[:] = [finder for finder in sys.meta_path]
importlib.invalidate_caches()
"""

BY_PATH = """
import ctypes, glob
for library in glob.glob("{SITE}/torch/lib/*.so"):
    ctypes.CDLL(library)
specification = importlib.util.spec_from_file_location("torch", "{SITE}/torch/__init__.py")
torch = importlib.util.module_from_spec(specification)
specification.loader.exec_module(torch)
"""

BENT = {
    "perceptron_criterion": """
def perceptron_criterion(w, X, y):
    X[...] = 0
    w[...] = 0
    return 0.0
""",
    "confusion_matrix": """
def confusion_matrix(truth, prediction, classes):
    truth[...] = 0
    prediction[...] = 0
    matrix = np.zeros((classes, classes), dtype=int)
    matrix[0, 0] = len(truth)
    return matrix
""",
    "roc_auc": """
def roc_auc(truth, scores):
    scores[:] = truth
    return 1.0
""",
}

CALLED_BACK = {
    "numerical_gradient": """
class Spy(np.ndarray):
    def __array_finalize__(self, other):
        import sys
        frame = sys._getframe()
        while frame:
            print(sorted(frame.f_locals))
            frame = frame.f_back
def numerical_gradient(f, x, h=1e-5):
    for name in ("__globals__", "__closure__", "__code__", "__self__", "__dict__", "_session"):
        try:
            value = getattr(f, name)
            print(name, value)
            for key in ("expected", "coarse", "A"):
                if key in value:
                    return value[key]
        except Exception as error:
            print(type(error))
    try:
        f(np.asarray(x, dtype=float).view(Spy))
    except Exception:
        pass
    return x
""",
}

CALLED_FOR_EVER = {
    "numerical_gradient": """
def numerical_gradient(f, x, h=1e-5):
    while True:
        f(x)
""",
    "gradient_descent": """
def gradient_descent(loss_and_gradient, start, learning_rate, steps):
    def recurse(w):
        return loss_and_gradient(recurse(w))
    return recurse(start)
""",
}

CALLED_WITH_ODDITIES = {
    "gradient_descent": """
def gradient_descent(loss_and_gradient, start, learning_rate, steps):
    class Odd:
        def __reduce__(self):
            import os
            return os.system, ("touch {CANARY}.odd",)
        def __array__(self, *a, **k):
            return start
        def __call__(self, *a):
            return self
        __mul__ = __rmul__ = __sub__ = __matmul__ = __getitem__ = lambda self, *a: self
    for thing in (Odd(), print, type, [Odd()], {"x": Odd()}, lambda: 1, 1 << 10**7, "x" * 10**7):
        try:
            loss_and_gradient(thing)
        except Exception:
            pass
    return Odd(), Odd()
""",
}

LYING_NUMBER = {
    "perceptron_criterion": """
class Right(float):
    def __eq__(self, other): return True
    def __sub__(self, other): return 0.0
    def __float__(self): return Right(0)
    __rsub__ = __abs__ = __sub__
    __lt__ = __le__ = __gt__ = __ge__ = __eq__
    __hash__ = float.__hash__
    def __array__(self, *a, **k): return np.zeros(())
def perceptron_criterion(w, X, y):
    return Right(-1)
""",
    "roc_auc": """
class Text(str):
    def __eq__(self, other): return True
    __hash__ = str.__hash__
def roc_auc(truth, scores):
    return Text("1.0")
""",
}

LYING_CONTAINERS = {
    "perceptron_fit": """
class Pair(tuple):
    def __iter__(self): return iter([np.zeros(3), np.zeros((2, 3))])
    def __len__(self): return 2
    def __eq__(self, other): return True
    def __getitem__(self, key): return Pair()
    __hash__ = tuple.__hash__
def perceptron_fit(X, y, epochs=1000):
    return Pair((1, 2))
""",
    "train_val_test_split": """
class Parts(list):
    def __len__(self): return 3
    def __iter__(self):
        while True:
            yield np.arange(3)
def train_val_test_split(labels, validation=0.2, test=0.2, seed=0):
    return Parts()
""",
    "precision_recall_f1": """
class Everything(dict):
    def __missing__(self, key): return Everything()
    def __eq__(self, other): return True
    def __contains__(self, key): return True
def precision_recall_f1(matrix):
    return Everything()
""",
}

NEVER_STOPS = {
    "perceptron_fit": """
def perceptron_fit(X, y, epochs=1000):
    while True:
        pass
""",
}

BY_HEART = {
    "perceptron_criterion": """
def perceptron_criterion(w, X, y):
    import re
    for cell in get_ipython().history_manager.input_hist_raw + list(In):
        print(cell)
    return globals().get("expected", 0)
""",
}

SAVED = {
    "perceptron_criterion": """
import pickle
def perceptron_criterion(w, X, y):
    try:
        seen = pickle.load(open("seen.pickle", "rb"))
    except Exception:
        seen = []
    seen.append((w, X, y))
    pickle.dump(seen, open("seen.pickle", "wb"))
    print(seen)
    raise TimeoutError("run me again, please")
""",
}

OTHERS_NAMES = {
    "perceptron_criterion": """
def perceptron_criterion(w, X, y):
    global checks, np, expected, X_test
    checks = np = expected = X_test = None
    return None
X = y = w = expected = sentence = draw = "mine"
""",
}

SEGFAULT = {
    "perceptron_criterion": """
import ctypes
def perceptron_criterion(w, X, y):
    ctypes.memset(0, 0, 10)
""",
}

CAPTURE = {
    "perceptron_criterion": """
import ctypes, sys
def perceptron_criterion(w, X, y):
    libc = ctypes.CDLL(None)
    for number in (57, 59, 101, 165, 272, 308, 310, 319, 321, 425, 41, 62):
        libc.syscall(number, 0, 0, 0, 0, 0, 0)
    code = ctypes.create_string_buffer(b"\\xb8\\x02\\x00\\x00\\x00\\xcd\\x80\\xc3")  # fork
    libc.mprotect(ctypes.c_void_p(ctypes.addressof(code) & ~4095), 8192, 7)
    ctypes.CFUNCTYPE(None)(ctypes.addressof(code))()
    return 0.0
""",
}

ATTACKS = [
    plain("sklearn", "asks scikit-learn for the answer", SKLEARN),
    plain("torch", "asks torch for the answer", TORCH),
    plain(
        "sklearn-elsewhere",
        "looks for scikit-learn all over the disk",
        {name: ELSEWHERE + text for name, text in SKLEARN.items()},
    ),
    plain(
        "torch-elsewhere",
        "loads torch by its path",
        {name: ELSEWHERE + BY_PATH + text for name, text in TORCH.items()},
    ),
    plain("bent-input", "changes what it is given, so that its answer is right", BENT),
    plain("called-back", "asks a call-back for what it knows", CALLED_BACK),
    plain("called-for-ever", "calls back without end", CALLED_FOR_EVER),
    plain("called-with-oddities", "hands odd things to a call-back", CALLED_WITH_ODDITIES),
    plain("lying-number", "returns numbers that equal everything", LYING_NUMBER),
    plain("lying-containers", "returns containers that lie about what they hold", LYING_CONTAINERS),
    plain("never-stops", "never comes back from one answer", NEVER_STOPS),
    plain("by-heart", "looks for the tests in the history", BY_HEART),
    plain("saved", "keeps what it is asked for the next run", SAVED),
    Attack("others-names", "takes the tests' names away", 0.0, OTHERS_NAMES, KEPT),  # and its own
    plain("segfault", "crashes Python", SEGFAULT),
    plain("machine-code", "runs machine code of its own", CAPTURE),
]
