"""Lines of a TOML file: which line a key stands on (the standard library's parser does not say)."""

import re

Path = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(
    r"""^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*="""
)
_PART = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")
_QUOTED = re.compile(r""""(?:\\.|[^"\\])*"|'[^']*\'""")


def key_lines(text: str) -> dict[Path, int]:
    """Find the line of every table and key.

    Args:
        text: a TOML document that the standard library's parser accepts.

    Returns:
        Line numbers (from 1) by key path; an entry of an array of tables has its index in the
        path, as in `("week", 1, "points")`.
    """
    lines: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    depth = 0
    closing = ""  # the triple quote that ends the string we are in
    for number, line in enumerate(text.splitlines(), start=1):
        if closing:
            closing = "" if closing in line else closing
            continue
        if depth == 0:
            if header := _HEADER.match(line):
                table = _parts(header[2])
                if header[1] == "[[":
                    index = counts[table] = counts.get(table, -1) + 1
                    table = (*table, index)
                lines[table] = number
                continue
            if key := _KEY.match(line):
                lines[(*table, *_parts(key[1]))] = number
        depth, closing = _after(line, depth)
    return lines


def line_of(lines: dict[Path, int], path: Path) -> int | None:
    """Give the line of a key, or of the nearest table around it that is written in the file.

    Args:
        lines: what `key_lines` returned.
        path: the key's path.

    Returns:
        A line number, or None where nothing of the path is in the file.
    """
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None


def _parts(dotted: str) -> Path:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))


def _after(line: str, depth: int) -> tuple[int, str]:
    """Give bracket depth and open triple quote at the end of a line that began outside strings."""
    for quote in ('"""', "'''"):
        if line.count(quote) % 2:
            return depth, quote
    bare = _QUOTED.sub("", line).split("#", 1)[0]
    return depth + sum(bare.count(c) for c in "[{") - sum(bare.count(c) for c in "]}"), ""
