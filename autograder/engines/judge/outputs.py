"""What a cell prints and shows, kept up to a limit."""

import base64
import io
from typing import Any

PICTURE_BYTES = 2_000_000
MOST_OUTPUTS = 500


class Outputs:
    """What the running cell has shown.

    Attributes:
        most_text: how many characters of a cell are kept.
        truncated: whether there was more.
    """

    def __init__(self, most_text: int = 1_000_000) -> None:
        self.most_text = most_text
        self.truncated = False
        self._shown: list[dict[str, Any]] = []
        self._pieces: list[str] = []
        self._stream = ""
        self._text_size = 0
        self._picture_size = 0

    def clear(self) -> None:
        """Begin a new cell."""
        self.__init__(self.most_text)  # type: ignore[misc]

    def write(self, stream: str, text: str) -> None:
        """Keep what was printed, up to the limit."""
        room = self.most_text - self._text_size
        if room <= 0 or len(self._shown) >= MOST_OUTPUTS:
            self.truncated = self.truncated or bool(text)
            return
        if len(text) > room:
            self.truncated = True
            text = text[:room] + "\n… output cut here …\n"
        self._text_size += len(text)
        if stream != self._stream:
            self._close_stream()
            self._stream = stream
        self._pieces.append(text)

    def show(self, data: dict[str, Any]) -> None:
        """Keep what was displayed: a PNG picture, or else its text."""
        self._close_stream()
        picture = data.get("image/png")
        if isinstance(picture, bytes):
            picture = base64.b64encode(picture).decode("ascii")
        if isinstance(picture, str) and len(self._shown) < MOST_OUTPUTS:
            self._picture_size += len(picture)
            if self._picture_size > PICTURE_BYTES:
                self.truncated = True
                return
            self._shown.append({"kind": "picture", "name": "", "text": picture})
            return
        text = data.get("text/plain")
        self.write("result", f"{text}\n" if isinstance(text, str) else "")
        self._close_stream()

    def taken(self) -> list[dict[str, Any]]:
        """Give all outputs of the cell."""
        self._close_stream()
        return self._shown

    def _close_stream(self) -> None:
        if self._pieces:
            text = "".join(self._pieces)
            self._shown.append({"kind": "text", "name": self._stream, "text": text})
        self._pieces, self._stream = [], ""


class Stream(io.TextIOBase):
    """A `sys.stdout` or `sys.stderr` that writes to the outputs.

    Args:
        name: "stdout" or "stderr".
        outputs: where the text is kept.
    """

    encoding = "utf-8"

    def __init__(self, name: str, outputs: Outputs) -> None:
        super().__init__()
        self.name = name
        self._outputs = outputs

    def write(self, text: str) -> int:
        """Keep a text."""
        self._outputs.write(self.name, str(text))
        return len(text)

    def writable(self) -> bool:
        """Say yes."""
        return True

    def isatty(self) -> bool:
        """Say no."""
        return False
