"""Make the environment on a bare machine, then run what is asked: `python3 run.py demo` or `python3 run.py test`.

Standard library only, and written so that an old Python can still read it and be told that it is too old.
It makes `.venv` beside this file, installs exactly what `requirements.lock` names (by hash, with uv, for the
Python that runs this file: none is downloaded), and keeps a stamp, so that a second call starts at once.
Where npm is present it also installs the storage emulator that the demo and some tests use, into `.parts`.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Dict, List, Sequence

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
PARTS = HERE / ".parts"
LOCK = HERE / "requirements.lock"
PARTS_SOURCE = HERE / "rehearsal" / "parts"
WINDOWS = os.name == "nt"
PYTHON = VENV / "Scripts" / "python.exe" if WINDOWS else VENV / "bin" / "python"
OLDEST = (3, 11)
DISK_NEEDED_MB = 2500
COMMANDS = {"demo": ["-m", "console", "demo"], "test": ["-m", "pytest"]}
USAGE = "Usage: python3 run.py demo [options of unless demo] | python3 run.py test [options of pytest]"


class SetUpError(Exception):
    """Set-up cannot go on; the text says why and what to do."""


def main(arguments: List[str]) -> int:
    """Set up if needed, then run; returns the exit code (2 for wrong usage, 1 when set-up failed)."""
    if not arguments or arguments[0] not in COMMANDS:
        say(USAGE)
        return 2
    try:
        check_python(sys.version_info)
        set_up()
    except SetUpError as wrong:
        say(str(wrong))
        return 1
    if arguments[0] == "test":
        os.chdir(str(HERE))
    return run([str(PYTHON), *COMMANDS[arguments[0]], *arguments[1:]])


def say(sentence: str) -> None:
    """One sentence on stderr."""
    sys.stderr.write(sentence + "\n")
    sys.stderr.flush()


def check_python(version: Sequence[object]) -> None:
    """Refuse a Python older than OLDEST, or one that cannot make a virtual environment."""
    found = f"{version[0]}.{version[1]}"
    if (int(str(version[0])), int(str(version[1]))) < OLDEST:
        raise SetUpError(
            f"This needs Python {OLDEST[0]}.{OLDEST[1]} or later; {sys.executable} is Python {found}. "
            "Install a newer Python and run this file with it."
        )
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        raise SetUpError(
            "This Python cannot make virtual environments: its venv or ensurepip module is missing. "
            f"On Debian and Ubuntu run: apt-get install python{found}-venv"
        )


def set_up() -> None:
    """Bring `.venv` and `.parts` to what the lock files say, unless their stamps say that they are."""
    stamp = stamp_of([LOCK, HERE / "pyproject.toml"], [sys.version, sys.executable, str(HERE)])
    stamp_file = VENV / "cloud-unless.stamp"
    if read(stamp_file) != stamp:
        make_environment()
        write(stamp_file, stamp)
    set_up_parts()


def stamp_of(files: Sequence[Path], words: Sequence[str]) -> str:
    """A digest of the files' contents and the words."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    for word in words:
        digest.update(word.encode("utf-8") + b"\0")
    return digest.hexdigest()


def make_environment() -> None:
    """A clean `.venv` with uv, the locked packages and this project."""
    free_mb = shutil.disk_usage(HERE).free // 1000000
    if free_mb < DISK_NEEDED_MB:
        raise SetUpError(
            f"The disk that holds {HERE} has {free_mb} MB free; set-up needs {DISK_NEEDED_MB} MB. Free some room and run this again."
        )
    say(f"Making the environment in {VENV} (once; a minute or two) …")
    python = str(PYTHON)
    step([sys.executable, "-m", "venv", "--clear", str(VENV)])
    uv = write_temporary(uv_lines(read(LOCK)))
    try:
        step(
            [python, "-m", "pip", "install", "--quiet", "--retries", "2", "--timeout", "20", "--require-hashes", "--no-deps", "-r", str(uv)]
        )
    finally:
        uv.unlink()
    step([python, "-m", "uv", "pip", "sync", "--quiet", "--python", python, "--require-hashes", str(LOCK)])
    step(
        [python, "-m", "uv", "pip", "install", "--quiet", "--python", python, "--no-deps", "--no-build-isolation", "--editable", str(HERE)]
    )


def uv_lines(lock: str) -> str:
    """The lines of the lock that pin uv and its hashes."""
    kept: List[str] = []
    inside = False
    for line in lock.splitlines():
        if not line.startswith((" ", "#")):
            inside = line.startswith("uv==")
        if inside and not line.strip().startswith("#"):
            kept.append(line)
    if not kept:
        raise SetUpError("requirements.lock does not pin uv. Take requirements.lock from the repository again.")
    return "\n".join(kept) + "\n"


def set_up_parts() -> None:
    """Install the emulators that come from npm, where npm is present; without them the demo and tests say what they left out."""
    npm = shutil.which("npm")
    sources = [PARTS_SOURCE / name for name in ("package.json", "package-lock.json")]
    if npm is None or not all(source.exists() for source in sources):
        return
    stamp, stamp_file = stamp_of(sources, []), PARTS / "cloud-unless.stamp"
    if read(stamp_file) == stamp:
        return
    say(f"Installing the storage emulator in {PARTS} (once) …")
    PARTS.mkdir(exist_ok=True)
    for source in sources:
        shutil.copy(str(source), str(PARTS))
    try:
        step([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cwd=PARTS)
        write(stamp_file, stamp)
    except SetUpError as wrong:
        say(f"Going on without the storage emulator (Azurite). {wrong}")


def step(command: List[str], cwd: Path = HERE) -> None:
    """Run one command of set-up; on failure raise with a sentence that fits what it printed."""
    try:
        done = subprocess.run(
            command,
            cwd=str(cwd),
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
    except OSError as wrong:
        raise SetUpError(explain(str(wrong), command)) from wrong
    if done.returncode:
        raise SetUpError(explain(done.stdout.decode("utf-8", "replace"), command))


def environment() -> Dict[str, str]:
    """Our own environment, with uv told to download no Python and to trust the certificates that the system trusts.

    Settings that choose a registry are kept; those that would install elsewhere, add to the lock or leave its hashes unchecked are not.
    """
    held = dict(os.environ, UV_PYTHON_DOWNLOADS="never", UV_SYSTEM_CERTS="1", PIP_DISABLE_PIP_VERSION_CHECK="1", PYTHONUTF8="1")
    return {name: value for name, value in held.items() if name not in NOT_INHERITED}


def explain(printed: str, command: List[str]) -> str:
    """One sentence for what most often goes wrong, then the last lines that the command printed."""
    lowered = printed.lower()
    if "no space left" in lowered or "errno 28" in lowered or "enospc" in lowered or "not enough space" in lowered:
        why = f"The disk is full. Free at least {DISK_NEEDED_MB} MB and run this again."
    elif ("hash" in lowered and "mismatch" in lowered) or "do not match the hashes" in lowered:
        why = "A package is not what requirements.lock expects. Do not go on; find out why your registry serves another file."
    elif any(word in lowered for word in NO_ANSWER):
        why = (
            "No package registry answers. Connect this machine to one, or name your council's mirror in UV_DEFAULT_INDEX and PIP_INDEX_URL."
        )
    else:
        why = "A step of set-up failed: " + " ".join(Path(word).name for word in command[:6])
    return why + "\n" + "\n".join("  | " + line for line in printed.strip().splitlines()[-8:])


NOT_INHERITED = (
    "PYTHONPATH",
    "PYTHONHOME",
    "VIRTUAL_ENV",
    "PIP_BREAK_SYSTEM_PACKAGES",
    "PIP_CONSTRAINT",
    "PIP_DRY_RUN",
    "PIP_PREFIX",
    "PIP_REQUIREMENT",
    "PIP_ROOT",
    "PIP_TARGET",
    "PIP_USER",
    "UV_BREAK_SYSTEM_PACKAGES",
    "UV_CONSTRAINT",
    "UV_NO_VERIFY_HASHES",
    "UV_OVERRIDE",
    "UV_PYTHON",
    "UV_SYSTEM_PYTHON",
)

NO_ANSWER = (
    "name resolution",
    "connection refused",
    "connection error",
    "connectionerror",
    "newconnectionerror",
    "connecttimeout",
    "timed out",
    "max retries",
    "could not find a version",
    "no matching distribution",
    "failed to fetch",
    "dns error",
    "enotfound",
    "econnrefused",
    "eai_again",
    "etimedout",
    "network is unreachable",
    "getaddrinfo",
)


def read(file: Path) -> str:
    """The text of a file, "" when there is none."""
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def write(file: Path, text: str) -> None:
    """Write a small file."""
    file.write_text(text, encoding="utf-8")


def write_temporary(text: str) -> Path:
    """A temporary file that holds the text; the caller removes it."""
    handle, name = tempfile.mkstemp(suffix=".txt")
    os.close(handle)
    write(Path(name), text)
    return Path(name)


def run(command: List[str]) -> int:
    """Become the command where the system can, else wait for it; returns its exit code."""
    held = dict(os.environ, PYTHONUTF8="1", UNLESS_PARTS=str(PARTS))
    held = {name: value for name, value in held.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    if not WINDOWS:
        os.execve(command[0], command, held)  # noqa: S606 - this process becomes the one that was asked for
    try:
        return subprocess.run(command, env=held, check=False).returncode
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
