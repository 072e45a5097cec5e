"""Pictures that cells showed: only PNG that decodes, drawn anew, small enough for a page."""

import base64
import io
import math
import warnings
from collections.abc import Iterable
from dataclasses import dataclass

from PIL import Image

MOST_PIXELS = 12_000_000
MOST_WIDTH = 1000
MOST_HEIGHT = 1600
PICTURE_BYTES = 150_000
MOST_PICTURES = 40
LARGEST_INPUT = 3_000_000


@dataclass(frozen=True)
class Picture:
    """A picture as the page holds it.

    Attributes:
        png: PNG in base64, made by us.
        width: in pixels.
        height: in pixels.
    """

    png: str
    width: int
    height: int


def read_picture(text: str) -> Picture | None:
    """Decode a picture and draw it anew; nothing but its pixels is kept.

    Args:
        text: PNG in base64, as a cell's output holds it.

    Returns:
        The picture, or None where this is no PNG of bearable size.
    """
    if len(text) > LARGEST_INPUT:
        return None
    try:
        content = base64.b64decode("".join(text.split()), validate=True)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
                if not 0 < image.width * image.height <= MOST_PIXELS:
                    return None
                image.load()
                drawn = image.convert("RGBA")
    except Exception:  # a decoder meets a stranger's bytes: whatever it says, it is no picture
        return None
    paper = Image.new("RGB", drawn.size, "white")
    paper.paste(drawn, mask=drawn.getchannel("A"))
    paper.thumbnail((MOST_WIDTH, MOST_HEIGHT))
    return _small_enough(paper)


def _small_enough(image: Image.Image) -> Picture:
    """Take fewer colours, then fewer pixels, until the file is small enough."""
    content = _png(image)
    if len(content) > PICTURE_BYTES:
        content = _png(_few_colours(image))
    while len(content) > PICTURE_BYTES:
        share = min(0.8, math.sqrt(PICTURE_BYTES / len(content)))
        size = (max(1, int(image.width * share)), max(1, int(image.height * share)))
        image = image.resize(size)
        content = _png(_few_colours(image))
    return Picture(base64.b64encode(content).decode("ascii"), image.width, image.height)


def _few_colours(image: Image.Image) -> Image.Image:
    return image.quantize(64, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)


def _png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=6)
    return buffer.getvalue()


def within_budget(pictures: Iterable[Picture], size: int) -> list[Picture | None]:
    """Leave out the largest pictures until the rest fit.

    Args:
        pictures: the pictures of a page, in order.
        size: bytes of base64 that they may take together.

    Returns:
        The same list, None for each that was left out.
    """
    kept: list[Picture | None] = list(pictures)
    total = sum(len(picture.png) for picture in kept if picture)
    for index in sorted(range(len(kept)), key=lambda i: -len(kept[i].png)):  # type: ignore[union-attr]
        if total <= size:
            break
        total -= len(kept[index].png)  # type: ignore[union-attr]
        kept[index] = None
    return kept
