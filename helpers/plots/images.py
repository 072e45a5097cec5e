"""Many small pictures in one figure."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure


def image_grid(
    images: np.ndarray | Sequence[np.ndarray],
    *,
    titles: Sequence[object] | None = None,
    columns: int = 8,
) -> Figure:
    """Lay pictures out in rows, all on one scale of brightness.

    Bytes are shown from 0 to 255 and colour pictures of floats from 0 to 1; grey floats from
    the smallest to the largest value of all pictures together, so that they can be compared.

    Args:
        images: (N, H, W) grey or (N, H, W, 3) colour, or a list of such pictures of any size.
        titles: N short titles, or None.
        columns: pictures in a row.

    Returns:
        The figure, to be handed to `show`.

    Raises:
        ValueError: there is no picture, one has another shape, or the titles are not N.
    """
    pictures = [np.asarray(image) for image in images]
    if not pictures:
        raise ValueError("image_grid needs at least one picture")
    for index, picture in enumerate(pictures):
        if picture.ndim != 2 and not (picture.ndim == 3 and picture.shape[2] in (3, 4)):
            raise ValueError(
                f"picture {index} has the shape {picture.shape}; (H, W) or (H, W, 3) is needed"
            )
    if titles is not None and len(titles) != len(pictures):
        raise ValueError(f"there are {len(pictures)} pictures, but {len(titles)} titles")
    columns = min(columns, len(pictures))
    rows = -(-len(pictures) // columns)
    width = 6.0 if columns > 2 else 2.6 * columns
    tallest = max(picture.shape[0] / picture.shape[1] for picture in pictures)
    height = rows * (width / columns * tallest + (0.28 if titles is not None else 0.05))
    figure, grid = plt.subplots(rows, columns, figsize=(width, height), squeeze=False)
    low, high = _limits(pictures)
    for index, axes in enumerate(grid.flat):
        axes.set_axis_off()
        axes.set_anchor("N")
        if index < len(pictures):
            axes.imshow(pictures[index], cmap="gray", vmin=low, vmax=high)
            if titles is not None:
                axes.set_title(str(titles[index]), fontsize=11, fontweight="normal", loc="center")
    return figure


def _limits(pictures: list[np.ndarray]) -> tuple[float, float]:
    """The values that are shown black and white."""
    if all(picture.dtype == np.uint8 for picture in pictures):
        return 0.0, 255.0
    grey = [picture for picture in pictures if picture.ndim == 2]
    if not grey or all(picture.dtype == bool for picture in grey):
        return 0.0, 1.0
    low = min(float(np.nanmin(picture)) for picture in grey)
    high = max(float(np.nanmax(picture)) for picture in grey)
    return (low, high) if high > low else (low, low + 1.0)
