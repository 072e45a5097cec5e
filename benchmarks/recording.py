"""How a benchmark keeps what it measured: with the command, the date and the machine."""

import json
import os
import platform
import shlex
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def circumstances() -> dict[str, Any]:
    """Say where, when and by which command this program measures.

    Returns:
        What can be written as JSON; torch's version and threads where it has been imported.
    """
    script = Path(sys.argv[0]).resolve()
    name = str(script.relative_to(ROOT)) if script.is_relative_to(ROOT) else script.name
    found = {
        "command": shlex.join(["python", name, *sys.argv[1:]]),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
    }
    torch = sys.modules.get("torch")
    if torch is not None:
        found |= {"torch": torch.__version__, "threads": torch.get_num_threads()}
    return found


def write_facts(path: Path | None, facts: dict[str, Any]) -> None:
    """Write facts and circumstances as JSON.

    Args:
        path: the file; nothing is written without one.
        facts: what was measured.
    """
    if path is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({**circumstances(), **facts}, indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def processor() -> str:
    """Name the CPU."""
    known = Path("/proc/cpuinfo")
    if known.is_file():
        for line in known.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    if sys.platform == "darwin":
        asked = ["sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    return platform.processor() or platform.machine()
