"""What makes our processes start faster."""

import sys


def skip_slow_imports() -> None:
    """Keep jsonschema from building a parser for IRIs: two seconds in which nothing is gained.

    jsonschema (which nbformat imports) uses `rfc3987_syntax` where it is installed, to check the
    format of international web addresses; no notebook has a field of that format. To be called
    before anything imports nbformat; does nothing afterwards.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
