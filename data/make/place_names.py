"""Makes place_names.npz: countries and cities as ten languages write them, from Unicode's CLDR.

A name is kept for a language only if none of the other nine writes it the same way. Names of one
place lie all in the training set or all in the test set.
"""

from collections import Counter
from pathlib import Path

import archive
import numpy as np
from babel import Locale

LANGUAGES = {
    "cs": "Czech",
    "de": "German",
    "es": "Spanish",
    "fi": "Finnish",
    "fr": "French",
    "hu": "Hungarian",
    "it": "Italian",
    "nl": "Dutch",
    "pl": "Polish",
    "tr": "Turkish",
}
TEST_SHARE = 0.25
SHORTEST = 3
SOFT_HYPHEN = "\N{SOFT HYPHEN}"


def places(code: str) -> dict[str, str]:
    """What a language calls each country and each city that has a time zone of its own."""
    locale = Locale.parse(code)
    countries = {key: name for key, name in locale.territories.items() if key.isalpha()}
    zones = locale.time_zones.items()
    cities = {zone: found["city"] for zone, found in zones if "city" in found}
    both = {**countries, **cities}.items()
    return {key: str(name).replace(SOFT_HYPHEN, "") for key, name in both}


def make(folder: Path) -> list[Path]:
    """Write place_names.npz into the folder."""
    names = {code: places(code) for code in LANGUAGES}
    writers = Counter(name for found in names.values() for name in set(found.values()))
    keys = sorted({key for found in names.values() for key in found})
    drawn = np.random.default_rng(4).permutation(len(keys))[: round(TEST_SHARE * len(keys))]
    for_test = {keys[index] for index in drawn}
    rows = {
        (name, number): key in for_test
        for number, found in enumerate(names.values())
        for key, name in sorted(found.items())
        if writers[name] == 1 and len(name) >= SHORTEST
    }
    arrays = {
        "names": np.frombuffer("\n".join(name for name, _ in rows).encode(), dtype=np.uint8),
        "labels": np.array([number for _, number in rows], dtype=np.uint8),
        "is_test": np.array(list(rows.values())),
        "languages": np.array(list(LANGUAGES.values())),
    }
    path = folder / "place_names.npz"
    archive.write_npz(path, arrays)
    return [path]


if __name__ == "__main__":
    archive.run(make, __doc__)
