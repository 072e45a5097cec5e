"""Figures: shown once with words, readable, the same every time."""

import base64
import io
import subprocess
import sys

import matplotlib
import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from nbclient import NotebookClient
from PIL import Image

from helpers import plots
from helpers.plots import charts, output, regions

ALT = "A line that rises from zero to two."


@pytest.fixture(autouse=True)
def course_style():
    plots.use_course_style()
    yield
    plt.close("all")


@pytest.fixture
def axes():
    return plt.subplots()[1]


@pytest.fixture
def sent(monkeypatch):
    """What would go to the notebook: (kind, bytes, alt)."""
    messages = []
    monkeypatch.setattr(output, "_display", lambda *message: messages.append(message))
    return messages


def line_figure(colour=None):
    figure, axes = plt.subplots()
    axes.plot([0, 1, 2], color=colour)
    return figure


def picture(content):
    return Image.open(io.BytesIO(content))


def contrast(first, second):
    """WCAG's contrast ratio of two colours, 1 to 21."""
    lights = []
    for colour in (first, second):
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour[:3]]
        lights.append(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)
    return max(lights) / min(lights)


def distance_for_the_colour_blind(first, second, kind):
    """How far apart two colours look (sum of squares in sRGB) with the given dichromacy.

    Matrices for linear RGB: Machado, Oliveira and Fernandes 2009, severity 1.
    """
    matrix = {
        "protan": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
        "deutan": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    }[kind]
    seen = []
    for colour in (first, second):
        values = np.array(to_rgb(colour))
        linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
        linear = np.clip(np.array(matrix) @ linear, 0, 1)
        seen.append(
            np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
        )
    return float(((seen[0] - seen[1]) ** 2).sum())


def test_style_is_readable_and_the_same_whatever_was_set_before():
    before = dict(matplotlib.rcParams)
    matplotlib.rcParams.update({"font.size": 4, "axes.grid": False, "axes.facecolor": "red"})
    plots.use_course_style()
    assert dict(matplotlib.rcParams) == before
    sizes = ["axes.labelsize", "axes.titlesize", "xtick.labelsize", "legend.fontsize", "font.size"]
    assert min(matplotlib.rcParams[size] for size in sizes) >= 11
    assert matplotlib.rcParams["axes.grid"]
    assert not matplotlib.rcParams["axes.spines.top"]


def test_colours_markers_and_line_styles_tell_eight_things_apart():
    assert len(set(plots.COLOURS)) == len(set(plots.MARKERS)) == len(set(plots.LINESTYLES)) == 8
    for kind in ("protan", "deutan"):
        for i, first in enumerate(plots.COLOURS):
            for second in plots.COLOURS[i + 1 :]:
                assert distance_for_the_colour_blind(first, second, kind) > 0.01, (first, second)


def test_lines_differ_in_colour_and_in_style(axes):
    lines = [axes.plot([0, 1], [0, n])[0] for n in range(3)]
    assert [line.get_color() for line in lines] == list(plots.COLOURS[:3])
    assert len({line.get_linestyle() for line in lines}) == 3


def test_show_sends_one_png_and_closes(sent):
    figure = line_figure()
    assert plots.show(figure, alt=ALT) is None
    ((kind, content, alt),) = sent
    assert (kind, alt) == ("image/png", ALT)
    image = picture(content)
    assert image.format == "PNG"
    assert 600 < image.width < 720
    assert not plt.fignum_exists(figure.number)


def test_the_same_figure_gives_the_same_bytes_without_a_version_in_them(sent):
    plots.show(line_figure(), alt=ALT)
    plots.show(line_figure(), alt=ALT)
    assert sent[0] == sent[1]
    assert "Software" not in picture(sent[0][1]).info
    assert matplotlib.__version__.encode() not in sent[0][1]


def test_a_figure_made_without_pyplot_is_shown_too(sent):
    figure = Figure()
    figure.subplots().plot([0, 1])
    plots.show(figure, alt=ALT)
    assert len(sent) == 1


def test_a_caption_makes_the_picture_taller(sent):
    plots.show(line_figure(), alt=ALT)
    plots.show(line_figure(), alt=ALT, caption="Two steps up.")
    plain, captioned = (np.asarray(picture(content).convert("L")) for _, content, _ in sent)
    last_rows = slice(-20, None)
    assert (captioned[last_rows] < 200).sum() > 0
    assert not np.array_equal(plain[-captioned.shape[0] :], captioned[-plain.shape[0] :])


@pytest.mark.parametrize(
    ("alt", "message"),
    [
        ("", "the figure needs alt text: say in a sentence"),
        ("  \n ", "the figure needs alt text: say in a sentence"),
        (None, "the figure needs alt text: say in a sentence"),
        ("a plot of the loss", r"'a plot of the loss' says too little \(18 characters"),
        ("a             b", r"'a b' says too little \(3 characters"),
    ],
)
def test_words_are_required(sent, alt, message):
    with pytest.raises(ValueError, match=message):
        plots.show(line_figure(), alt=alt)
    with pytest.raises(ValueError, match=message):
        plots.animate(line_figure(), lambda frame: None, 2, alt=alt)
    assert sent == []


def test_no_grid_lies_on_a_picture(sent):
    figure, (left, right) = plt.subplots(1, 2)
    left.imshow(np.zeros((4, 4, 3)))
    right.plot([0, 1])
    plots.show(figure, alt=ALT)
    assert not any(line.get_visible() for line in left.get_xgridlines())
    assert all(line.get_visible() for line in right.get_xgridlines())


def test_twenty_characters_are_enough(sent):
    plots.show(line_figure(), alt="x" * 20)
    assert len(sent) == 1


def test_alt_text_over_several_lines_becomes_one(sent):
    plots.show(line_figure(), alt="A line that rises\n        from zero to two.")
    assert sent[0][2] == ALT


def test_in_a_notebook_each_picture_comes_once_with_its_alt_text(tmp_path):
    source = """
import matplotlib.pyplot as plt
from helpers import plots
plots.use_course_style()
figure, axes = plt.subplots()
line, = axes.plot([0, 1, 2])
"""
    cells = [
        f"{source}plots.show(figure, alt={ALT!r})",
        f"{source}plots.animate(figure, lambda n: line.set_ydata([0, n, 2]), 3, alt={ALT!r})",
        f"{source}plots.show(figure, alt={ALT!r})\nfigure2 = plt.figure()\n"
        f"plots.show(figure2, alt={ALT!r})",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=60, resources={"metadata": {"path": tmp_path}}).execute()
    outputs = [cell.outputs for cell in notebook.cells]
    assert [len(each) for each in outputs] == [1, 1, 2]
    for each, kind, form in zip(outputs, ("image/png", "image/gif"), ("PNG", "GIF"), strict=False):
        assert each[0].output_type == "display_data"
        assert each[0].metadata == {kind: {"alt": ALT}}
        assert set(each[0].data) == {kind, "text/plain"}
        assert each[0].data["text/plain"] == ALT
        assert picture(base64.b64decode(each[0].data[kind])).format == form


def test_in_a_plain_script_nothing_is_printed(tmp_path):
    code = f"""
import matplotlib.pyplot as plt
from helpers import plots
plots.use_course_style()
figure, axes = plt.subplots()
plots.show(figure, alt={ALT!r})
assert plt.get_fignums() == []
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=True
    )
    assert done.stdout + done.stderr == ""


def moving_line(sent, frames=6, **options):
    figure, axes = plt.subplots()
    (line,) = axes.plot([0, 1, 2], [0, 0, 0], label="height")
    axes.set(ylim=(0, 10))
    axes.legend()
    plots.animate(figure, lambda n: line.set_ydata([0, n, 2 * n]), frames, alt=ALT, **options)
    assert not plt.fignum_exists(figure.number)
    ((kind, content, alt),) = sent
    assert (kind, alt) == ("image/gif", ALT)
    return content


def test_an_animation_is_small_plays_three_times_and_rests(sent):
    content = moving_line(sent, interval_ms=200)
    assert len(content) <= 250_000
    gif = picture(content)
    assert gif.n_frames == 6
    assert gif.info["loop"] == 2
    durations = []
    for frame in range(6):
        gif.seek(frame)
        durations.append(gif.info["duration"])
        assert gif.convert("RGB").getpixel((2, 2)) == (255, 255, 255)
    assert durations == [200] * 5 + [3000]


def test_the_legend_stays_in_its_place(sent):
    figure, axes = plt.subplots()
    (line,) = axes.plot([0, 1, 2], [0, 0, 0], label="height")
    axes.set(ylim=(0, 10))
    axes.legend()
    places = []

    def draw(value):
        line.set_ydata([value] * 3)
        figure.canvas.draw()
        places.append(axes.get_legend().get_window_extent().bounds)

    plots.animate(figure, draw, [0, 9.5, 0.5], alt=ALT)
    assert len(sent) == 1
    np.testing.assert_allclose(places[1:], [places[0]] * 2, atol=1)


def test_frames_may_be_any_values(sent):
    gif = picture(moving_line(sent, frames=iter([1.0, 4.5])))
    assert gif.n_frames == 2


def test_the_same_animation_gives_the_same_bytes(sent):
    first = moving_line(sent)
    sent.clear()
    assert moving_line(sent) == first


def test_an_animation_of_no_frame_is_refused(sent):
    with pytest.raises(ValueError, match="at least one frame"):
        plots.animate(line_figure(), lambda frame: None, [], alt=ALT)


def test_an_animation_that_is_too_large_is_refused(sent):
    figure = plt.figure(figsize=(5, 4))
    image = figure.figimage(np.zeros((440, 550)))
    generator = np.random.default_rng(0)
    noise = generator.random((4, 440, 550))
    with pytest.raises(ValueError, match=r"4 frames takes \d+ kB, the limit is 250 kB: draw fewer"):
        plots.animate(figure, lambda n: image.set_data(noise[n]), 4, alt=ALT)
    assert sent == []


def test_decision_regions_show_what_the_classifier_says(axes):
    X = np.array([[0.0, 0.0], [1.0, 0.5], [0.2, 2.0], [0.8, 1.5]])
    seen = []

    def predict(places):
        seen.append(places)
        return np.where(places[:, 0] > 0.5, 1, -1)

    plots.decision_regions(axes, predict, X, np.array([-1, 1, -1, 1]), resolution=50)
    (places,) = seen
    assert places.shape == (2500, 2)
    assert places.min(axis=0) == pytest.approx([-0.08, -0.16])
    assert places.max(axis=0) == pytest.approx([1.08, 2.16])
    (tint,) = axes.images
    shown = np.asarray(tint.get_array())
    assert (shown[:, 0] == 0).all()
    assert (shown[:, -1] == 1).all()
    left, right, bottom, top = tint.get_extent()
    assert (left, right, bottom, top) == pytest.approx((-0.08, 1.08, -0.16, 2.16))
    names = [text.get_text() for text in axes.get_legend().get_texts()]
    assert names == ["class \N{MINUS SIGN}1", "class 1"]
    points = [tuple(map(tuple, each.get_offsets())) for each in axes.collections[-2:]]
    assert points == [((0.0, 0.0), (0.2, 2.0)), ((1.0, 0.5), (0.8, 1.5))]


def test_rows_of_the_plane_go_upwards(axes):
    X = np.array([[0.0, 0.0], [1.0, 1.0]])
    plots.decision_regions(axes, lambda places: places[:, 1] > 0.5, X, np.array([False, True]))
    shown = np.asarray(axes.images[0].get_array())
    assert axes.images[0].origin == "lower"
    assert (shown[0] == 0).all()
    assert (shown[-1] == 1).all()


def test_a_class_keeps_its_colour_when_it_is_never_predicted(axes):
    X = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 0.0]])
    plots.decision_regions(
        axes, lambda places: np.full(len(places), 2), X, np.arange(3), names=["a", "b", "c"]
    )
    assert np.unique(axes.images[0].get_array()).tolist() == [2]
    colours = [tuple(each.get_facecolor()[0][:3]) for each in axes.collections]
    assert colours == [to_rgb(colour) for colour in plots.COLOURS[:3]]


def test_labels_that_were_set_stay(axes):
    axes.set_xlabel("petal length in cm")
    plots.class_points(axes, np.zeros((1, 2)), np.zeros(1))
    assert axes.get_xlabel() == "petal length in cm"
    assert axes.get_ylabel() == "$x_2$"


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        (np.zeros((3, 4)), np.zeros(3), r"X must have the shape \(N, 2\)"),
        (np.zeros((0, 2)), np.zeros(0), r"X must have the shape \(N, 2\)"),
        (np.zeros((3, 2)), np.zeros((3, 1)), r"y must have the shape \(3,\)"),
    ],
)
def test_points_outside_the_plane_are_refused(axes, X, y, message):
    with pytest.raises(ValueError, match=message):
        plots.class_points(axes, X, y)


def test_a_classifier_that_returns_another_shape_is_named(axes):
    with pytest.raises(ValueError, match=r"of shape \(40000,\); it returned \(40000, 2\)"):
        plots.decision_regions(axes, lambda places: places, np.eye(2), np.arange(2))


@pytest.mark.parametrize(("weights", "bias"), [((2.0, 1.0), -3.0), ((0.0, 4.0), 2.0), ((1, 0), 5)])
def test_the_decision_line_fulfils_its_equation(axes, weights, bias):
    line = plots.decision_line(axes, np.array(weights), bias)
    for point in (line.get_xy1(), line.get_xy2()):
        assert np.dot(weights, point) + bias == pytest.approx(0)
    assert line.get_xy1() != line.get_xy2()
    line.remove()
    assert not axes.lines


def test_no_line_without_a_direction(axes):
    with pytest.raises(ValueError, match="weights are both 0"):
        plots.decision_line(axes, np.zeros(2), 1.0)
    with pytest.raises(ValueError, match=r"shape \(2,\), not \(3,\)"):
        plots.decision_line(axes, np.ones(3), 1.0)


def test_level_lines_put_values_where_they_belong(axes):
    filled = plots.level_lines(
        axes, lambda places: places[:, 0] + 10 * places[:, 1], (0, 1), (2, 3), label="criterion"
    )
    assert filled.zmin == pytest.approx(20)
    assert filled.zmax == pytest.approx(31)
    assert axes.get_xlim() == (0, 1)
    assert axes.get_ylim() == (2, 3)
    assert axes.figure.axes[1].get_ylabel() == "criterion"


def test_smoothing_keeps_the_boundary_in_its_place():
    mask = np.zeros((9, 9), dtype=bool)
    mask[:, :4] = True
    assert ((regions._smooth(mask) > 0.5) == mask).all()


def test_image_grid_shows_all_on_one_scale():
    images = np.stack([np.full((4, 6), value) for value in (0.0, 1.0, 3.0)])
    figure = plots.image_grid(images, titles=["a", "b", 3], columns=2)
    shown = [axes.images[0] for axes in figure.axes if axes.images]
    assert [axes.get_title() for axes in figure.axes] == ["a", "b", "3", ""]
    assert len(figure.axes) == 4
    assert {image.get_clim() for image in shown} == {(0.0, 3.0)}
    for image, values in zip(shown, images, strict=True):
        np.testing.assert_array_equal(image.get_array(), values)


@pytest.mark.parametrize(
    ("images", "limits"),
    [
        (np.full((2, 3, 3), 100, dtype=np.uint8), (0, 255)),
        (np.ones((2, 3, 3), dtype=bool), (0, 1)),
        (np.full((2, 3, 3), 0.25), (0.25, 1.25)),
    ],
)
def test_limits_of_brightness(images, limits):
    figure = plots.image_grid(images)
    assert figure.axes[0].images[0].get_clim() == limits


def test_pictures_of_several_sizes_in_colour():
    pictures = [np.zeros((3, 5, 3), np.uint8), np.zeros((7, 4), np.uint8)]
    figure = plots.image_grid(pictures)
    assert [axes.images[0].get_array().shape for axes in figure.axes] == [(3, 5, 3), (7, 4)]


@pytest.mark.parametrize(
    ("images", "titles", "message"),
    [
        ([], None, "at least one picture"),
        (np.zeros((2, 64)), None, r"picture 0 has the shape \(64,\)"),
        (np.zeros((2, 8, 8, 2)), None, r"picture 0 has the shape \(8, 8, 2\)"),
        (np.zeros((2, 8, 8)), ["a"], "2 pictures, but 1 titles"),
    ],
)
def test_a_grid_of_something_else_is_refused(images, titles, message):
    with pytest.raises(ValueError, match=message):
        plots.image_grid(images, titles=titles)


def test_mean_and_spread_over_runs(axes):
    runs = np.array([[1.0, 2.0, 3.0], [3.0, 6.0, 3.0]])
    line = plots.mean_and_spread(axes, [10, 20, 30], runs, label="net")
    np.testing.assert_array_equal(line.get_xdata(), [10, 20, 30])
    np.testing.assert_allclose(line.get_ydata(), [2, 4, 3])
    (band,) = axes.collections
    corners = band.get_paths()[0].vertices
    root = np.sqrt(2)  # the sample's standard deviation of 1 and 3
    for corner in ([10, 2 - root], [10, 2 + root], [20, 4 + 2 * root]):
        assert np.isclose(corners, corner).all(axis=1).any()
    assert line.get_label() == "net"


def test_one_run_has_no_band(axes):
    plots.mean_and_spread(axes, range(4), np.arange(4.0), label="net")
    assert len(axes.collections) == 0


def test_runs_of_another_length_are_refused(axes):
    with pytest.raises(ValueError, match=r"one row a run and 3 columns.*\(2, 4\)"):
        plots.mean_and_spread(axes, range(3), np.zeros((2, 4)), label="net")


def test_learning_curves_count_epochs_from_one(axes):
    plots.learning_curves(
        axes, {"train": np.array([3.0, 2.0]), "test": np.ones((3, 2))}, ylabel="loss"
    )
    assert [line.get_label() for line in axes.lines] == ["train", "test"]
    assert len({line.get_marker() for line in axes.lines}) == 2
    np.testing.assert_array_equal(axes.lines[0].get_xdata(), [1, 2])
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("epoch", "loss")
    assert axes.get_legend() is not None
    axes.figure.canvas.draw()
    assert all(float(tick).is_integer() for tick in axes.get_xticks())


def test_confusion_writes_rows_as_true_classes_and_every_number_is_readable(axes):
    matrix = np.array([[90, 10, 0], [5, 5, 10], [0, 0, 0]])
    plots.confusion(axes, matrix, ["a", "b", "c"])
    numbers = {text.get_position(): text for text in axes.texts}
    assert numbers[(1, 0)].get_text() == "10"
    assert numbers[(0, 1)].get_text() == "5"
    shares = np.asarray(axes.images[0].get_array())
    np.testing.assert_allclose(shares, [[0.9, 0.1, 0], [0.25, 0.25, 0.5], [0, 0, 0]])
    for (column, row), text in numbers.items():
        cell = axes.images[0].cmap(shares[row, column])
        assert contrast(cell, to_rgb(text.get_color())) >= 4.5
        assert text.get_fontsize() >= 11
    assert axes.get_xlabel() == "predicted class"
    assert axes.get_ylabel() == "true class"


def test_ink_is_readable_on_every_shade():
    for colour in matplotlib.colormaps[plots.SEQUENTIAL](np.linspace(0, 1, 101)):
        assert contrast(colour, to_rgb(charts._readable_on(colour))) >= 4.5


def test_shares_in_a_confusion_matrix_are_rounded(axes):
    plots.confusion(axes, np.array([[0.666, 0.334], [0.0, 1.0]]), ["no", "yes"])
    assert [text.get_text() for text in axes.texts] == ["0.67", "0.33", "0.00", "1.00"]


@pytest.mark.parametrize("shape", [(2, 3), (2, 2), (3,)])
def test_a_confusion_matrix_of_another_shape_is_refused(axes, shape):
    with pytest.raises(ValueError, match=r"of 3 classes has the shape \(3, 3\), not"):
        plots.confusion(axes, np.zeros(shape), ["a", "b", "c"])


def test_roc_axes_are_square_with_the_line_of_chance(axes):
    plots.roc_axes(axes)
    line = plots.roc_curve(axes, np.array([0, 0.2, 1]), np.array([0, 0.9, 1]), label="AUC 0.85")
    assert axes.get_aspect() == 1
    np.testing.assert_array_equal(line.get_ydata(), [0, 0.9, 1])
    names = [text.get_text() for text in axes.get_legend().get_texts()]
    assert names == ["chance", "AUC 0.85"]
    assert axes.get_xlabel() == "false-positive rate"
