"""From a figure to the notebook: one picture, with its description, shown once."""

import base64
import io
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

SHORTEST_ALT = 20
LARGEST_GIF = 250_000
_REST_MS = 3000
_REPEATS = 2  # after the first pass; then the last frame stays


def show(figure: Figure, *, alt: str, caption: str | None = None) -> None:
    """Show a figure in the notebook, once, and close it.

    Outside a notebook nothing is shown; the figure is drawn and closed all the same. Axes that
    hold a picture lose their grid, which would lie on top of it.

    Args:
        figure: the finished figure.
        alt: what is to be seen, in a sentence, for readers who can't see it.
        caption: a line to print under the figure.

    Raises:
        ValueError: `alt` is missing or says too little.
    """
    text = _checked_alt(alt)
    if caption:
        figure.supxlabel(caption, fontsize=11, color="#333333")
    _uncover_pictures(figure)
    buffer = io.BytesIO()
    figure.savefig(
        buffer, format="png", bbox_inches="tight", pad_inches=0.08, metadata={"Software": None}
    )
    plt.close(figure)
    _display("image/png", buffer.getvalue(), text)


def animate(
    figure: Figure,
    draw_frame: Callable[[Any], object],
    frames: int | Iterable[Any],
    *,
    alt: str,
    interval_ms: int = 400,
) -> None:
    """Show a small animation that plays three times and then rests on its last frame.

    Args:
        figure: the figure to draw in; it is closed at the end.
        draw_frame: called with each frame in turn; it changes the figure.
        frames: a number n, for the frames 0 … n − 1, or the frames themselves.
        alt: what is to be seen, in a sentence, also how it ends.
        interval_ms: how long a frame stays, in milliseconds; the last stays 3 seconds.

    Raises:
        ValueError: `alt` says too little, there is no frame, or the file would be over 250 kB.
    """
    text = _checked_alt(alt)
    film = _Film()
    for frame in range(frames) if isinstance(frames, int) else frames:
        draw_frame(frame)
        film.add(_pixels(figure))
    plt.close(figure)
    if not film.changes:
        raise ValueError("an animation needs at least one frame: `frames` is empty")
    _display("image/gif", _gif(film, interval_ms), text)


def _checked_alt(alt: str) -> str:
    text = " ".join(alt.split()) if isinstance(alt, str) else ""
    if not text:
        raise ValueError("the figure needs alt text: say in a sentence what is to be seen")
    if len(text) < SHORTEST_ALT:
        raise ValueError(
            f"the alt text {text!r} says too little ({len(text)} characters, at least "
            f"{SHORTEST_ALT} are needed): say in a sentence what is to be seen"
        )
    return text


def _uncover_pictures(figure: Figure) -> None:
    for axes in figure.axes:
        if axes.images:
            axes.grid(False)


def _pixels(figure: Figure) -> np.ndarray:
    """The figure as it is now, (H, W) numbers of 24 bits: red, green, blue.

    Axes and legends stay where the first frame put them.
    """
    _uncover_pictures(figure)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    drawn = np.asarray(canvas.buffer_rgba()).astype(np.uint32)
    figure.set_layout_engine("none")
    for axes in figure.axes:
        if (legend := axes.get_legend()) is not None:
            box = legend.get_window_extent().transformed(axes.transAxes.inverted())
            legend.set(loc=(box.x0, box.y0))
    return drawn[..., 0] << 16 | drawn[..., 1] << 8 | drawn[..., 2]


class _Film:
    """Frames, each kept as its difference from the one before: from one to the next little changes.

    Attributes:
        changes: for each frame the places, in the flattened picture, that differ, and their
            colours.
    """

    def __init__(self) -> None:
        self.changes: list[tuple[np.ndarray, np.ndarray]] = []
        self._last: np.ndarray | None = None

    def add(self, picture: np.ndarray) -> None:
        """Add a frame, (H, W) numbers of 24 bits."""
        if self._last is None:
            self.shape = picture.shape
            places = np.arange(picture.size)
        else:
            places = np.flatnonzero(picture != self._last)
        self.changes.append((places, picture.ravel()[places]))
        self._last = picture

    def frames(self, distinct: np.ndarray, indices: np.ndarray) -> Iterator[Image.Image]:
        """Give the frames one by one, with `indices[k]` where the colour is `distinct[k]`."""
        canvas = np.zeros(self.shape, dtype=np.uint8)
        for places, colours in self.changes:
            canvas.ravel()[places] = indices[np.searchsorted(distinct, colours)]
            yield Image.fromarray(canvas.copy())


def _gif(film: _Film, interval_ms: int) -> bytes:
    """A GIF of the frames; one palette for all, with fewer colours where it gets too large."""
    size = 0
    for colours in (64, 32, 16):
        content = _encoded(film, interval_ms, colours)
        size = len(content)
        if size <= LARGEST_GIF:
            return content
    raise ValueError(
        f"the animation of {len(film.changes)} frames takes {size // 1000} kB, the limit is "
        f"{LARGEST_GIF // 1000} kB: draw fewer frames, or a smaller figure"
    )


def _encoded(film: _Film, interval_ms: int, colours: int) -> bytes:
    drawn = np.concatenate([colours for _, colours in film.changes])
    distinct, counts = np.unique(drawn, return_counts=True)
    table = _palette(_channels(distinct), counts, colours)
    palette = table.tobytes()

    def frames() -> Iterator[Image.Image]:
        for frame in film.frames(distinct, _nearest(_channels(distinct), table)):
            frame.putpalette(palette)
            yield frame

    first, *others = frames()
    buffer = io.BytesIO()
    first.save(
        buffer,
        format="GIF",
        save_all=True,
        append_images=others,
        duration=[interval_ms] * len(others) + [_REST_MS],
        loop=_REPEATS,
    )
    return buffer.getvalue()


def _channels(codes: np.ndarray) -> np.ndarray:
    """(K,) colours of 24 bits as (K, 3) bytes: red, green, blue."""
    return np.stack([codes >> 16, codes >> 8 & 255, codes & 255], axis=1).astype(np.uint8)


def _nearest(colours: np.ndarray, table: np.ndarray) -> np.ndarray:
    """For each of (K, 3) colours, the index of the nearest in the table: (K,) bytes."""
    points, centres = colours.astype(np.float32), table.astype(np.float32)
    # |a − b|² without |a|², which is the same for all b; these whole numbers are exact in float32.
    distances = (centres**2).sum(axis=1) - 2 * points @ centres.T
    return distances.argmin(axis=1).astype(np.uint8)


def _palette(distinct: np.ndarray, counts: np.ndarray, colours: int) -> np.ndarray:
    """Half of the colours are the commonest ones, exactly; the other half stand for the rest."""
    order = np.argsort(-counts, kind="stable")
    exact, others = order[: colours // 2], order[colours // 2 :]
    if len(others) == 0:
        return distinct[exact]
    weights = np.ceil(np.sqrt(counts[others])).astype(int)  # a thin line counts too
    sample = Image.fromarray(np.repeat(distinct[others], weights, axis=0)[np.newaxis])
    mixed = sample.quantize(colours // 2, Image.Quantize.MEDIANCUT).getpalette() or []
    mixtures = np.array(mixed[: 3 * (colours // 2)], dtype=np.uint8).reshape(-1, 3)
    return np.concatenate([distinct[exact], mixtures])


def _display(kind: str, content: bytes, alt: str) -> None:
    """Send a picture to the notebook; do nothing where there is none."""
    try:
        from IPython import get_ipython
    except ImportError:
        return
    if get_ipython() is None:
        return
    from IPython.display import display

    data = {kind: base64.b64encode(content).decode("ascii"), "text/plain": alt}
    display(data, raw=True, metadata={kind: {"alt": alt}})
