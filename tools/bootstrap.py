"""Makes `.venv` and installs a lock file into it, on a machine that has Python, git and make and perhaps nothing else.

    python3 tools/bootstrap.py [requirements.lock] [--browser] [--java]

Standard library only, because it runs before anything is installed. It is quick when there is nothing to do: a stamp in
`.venv` remembers which lock was installed last. Settings for pip (`PIP_INDEX_URL`, `PIP_CERT`, …) are also understood.
With `--browser` it also sees to the Chromium in which pages are tested, with `--java` to the Java that runs Spark.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
UV_LOCK = ROOT / "tools" / "uv.lock"
NPM_LOCK = ROOT / "package-lock.json"

FOR_UV = {
    "PIP_INDEX_URL": "UV_DEFAULT_INDEX",
    "PIP_EXTRA_INDEX_URL": "UV_INDEX",
    "PIP_FIND_LINKS": "UV_FIND_LINKS",
    "PIP_NO_INDEX": "UV_NO_INDEX",
    "PIP_TRUSTED_HOST": "UV_INSECURE_HOST",
    "PIP_CERT": "SSL_CERT_FILE",
    "PIP_DEFAULT_TIMEOUT": "UV_HTTP_TIMEOUT",
}
"""What a person may have set for pip → the same for uv, which does not read pip's settings."""


class CannotInstall(Exception):
    """The machine lacks something only its owner can add; the message says what."""


def main() -> int:
    """Install the lock named on the command line, and Patchbook itself."""
    lock = next((name for name in sys.argv[1:] if name.endswith(".lock")), "requirements.lock")
    try:
        install(ROOT / lock)
        lay_vendor(*(option for option in sys.argv[1:] if option == "--browser"))
        if "--browser" in sys.argv[1:]:
            need_browser()
        if "--java" in sys.argv[1:]:
            need_java()
    except CannotInstall as error:
        print(error, file=sys.stderr)
        return 2
    except subprocess.CalledProcessError as error:
        print(f"Installing stopped at `{' '.join(map(str, error.cmd))}`; its message is above.", file=sys.stderr)
        return 2
    return 0


def install(lock: Path) -> None:
    """Make `.venv` hold what the lock says, unless it does already."""
    if sys.version_info < (3, 11):  # noqa: UP036 - an older Python can read this file, and is told here
        raise CannotInstall(f"Patchbook needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}.")
    stamp = VENV / f".installed-{lock.stem}"
    wanted = digest(lock, ROOT / "pyproject.toml", UV_LOCK, NPM_LOCK)
    if stamp.exists() and stamp.read_text() == wanted:
        return

    if not (BIN / "python").exists():
        make_venv()
    put_uv()
    run(uv(), "pip", "install", "--quiet", "--require-hashes", "-r", lock)
    lay_vendor()  # the editable install would too, but says why it cannot in many lines
    # The build tool is in the lock: nothing is fetched unpinned behind our back.
    run(uv(), "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", ROOT)
    stamp.write_text(wanted)


def lay_vendor(*options: str) -> None:
    """Lay the JavaScript of others that the pages load, and with `--browser` what their tests load."""
    command = [BIN / "python", ROOT / "tools" / "vendor.py", *options]
    done = subprocess.run(list(map(str, command)), cwd=ROOT, text=True, stderr=subprocess.PIPE)
    if done.returncode != 0:
        raise CannotInstall(done.stderr.strip())


def make_venv() -> None:
    """An environment, with pip where this Python can give one."""
    print(f"Making {VENV.relative_to(ROOT)} with Python {sys.version.split()[0]}", flush=True)
    if not has_ensurepip() and not tool_on_path():
        fetch_ensurepip()
    with_pip = [] if has_ensurepip() else ["--without-pip"]
    run(sys.executable, "-m", "venv", *with_pip, VENV)


def put_uv() -> None:
    """Put the pinned uv into the environment, by whichever installer is there."""
    if (BIN / "uv").exists():
        return
    python = BIN / "python"
    if (BIN / "pip").exists():
        run(python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", UV_LOCK)
    elif found := shutil.which("uv"):
        run(found, "pip", "install", "--quiet", "--python", python, "--require-hashes", "-r", UV_LOCK)
    elif found := shutil.which("pip3") or shutil.which("pip"):
        run(found, "--python", python, "install", "--quiet", "--require-hashes", "-r", UV_LOCK)
    else:
        run(python, "-m", "ensurepip")
        run(python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", UV_LOCK)


def uv() -> Path:
    """The pinned uv; one of another version is not used, whatever is on the path."""
    return BIN / "uv"


def tool_on_path() -> bool:
    """Whether an installer outside the environment can fill it."""
    return any(shutil.which(name) for name in ("uv", "pip3", "pip"))


def has_ensurepip() -> bool:
    """Whether this Python can put pip into an environment; Debian keeps that part in a package of its own."""
    found = subprocess.run([sys.executable, "-c", "import ensurepip"], capture_output=True)
    return found.returncode == 0 and importlib.util.find_spec("venv") is not None


def fetch_ensurepip() -> None:
    """On Debian and its kin, install the part of Python that makes environments; elsewhere say what is missing."""
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    packages = [package, *([] if Path("/etc/ssl/certs/ca-certificates.crt").exists() else ["ca-certificates"])]
    if not apt_get(packages, because="this Python has neither pip nor venv"):
        raise CannotInstall(
            f"This Python cannot make virtual environments: run `apt-get install {' '.join(packages)}` as root,"
            " or put pip or uv on the path, and run make again."
        )


def need_browser() -> None:
    """See that Chromium is there: the report is tested in a real browser, and no test is skipped."""
    missing = [] if shutil.which("chromium") else ["chromium", "fonts-dejavu-core"]
    if sys.platform == "linux" and not can_load("libatomic.so.1"):  # what drives the browser is linked to it
        missing.append("libatomic1")
    if missing and not apt_get(missing, because="the report is tested in a browser"):
        raise CannotInstall(
            f"The report is tested in Chromium, which is not all there: run `apt-get install {' '.join(missing)}`"
            " as root, and run make again."
        )


def need_java() -> None:
    """See that a Java is there: rules are tested in a real Spark, and no test is skipped."""
    if shutil.which("java") or os.environ.get("JAVA_HOME"):
        return
    if not apt_get(["default-jre-headless"], because="assigning is tested in Spark, which runs on Java"):
        raise CannotInstall(
            "Assigning is tested in Spark, which runs on Java 17 or newer: run `apt-get install default-jre-headless`"
            " as root, or set JAVA_HOME, and run make again."
        )


def can_load(library: str) -> bool:
    """Whether this system has a shared library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def apt_get(packages: list[str], *, because: str) -> bool:
    """Whether Debian's packages could be installed, which takes apt-get and root or sudo."""
    apt, as_root = shutil.which("apt-get"), as_root_command()
    if apt is None or as_root is None:
        return False
    print(f"Installing {', '.join(packages)} with apt-get: {because}", flush=True)
    quiet = {"env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, "stdout": subprocess.DEVNULL}
    fetch = [*as_root, apt, "install", "-y", "-qq", "--no-install-recommends", *packages]
    for command in ([*as_root, apt, "update", "-qq"], fetch):
        if subprocess.run(command, **quiet).returncode != 0:
            return False
    return True


def as_root_command() -> list[str] | None:
    """What to put before a command so that root runs it: nothing, sudo, or None where neither is possible."""
    if os.name != "nt" and os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True).returncode == 0:
        return [sudo, "-n"]
    return None


def run(*command: str | Path) -> None:
    """Run one command with pip's settings translated for uv, and stop at the first failure."""
    subprocess.run(list(map(str, command)), cwd=ROOT, check=True, env=environment())


def environment() -> dict[str, str]:
    """This process's environment, aimed at `.venv`, with what pip was told told to uv as well."""
    settings = {**os.environ, "VIRTUAL_ENV": str(VENV), "UV_LINK_MODE": os.environ.get("UV_LINK_MODE", "copy")}
    for pip_name, uv_name in FOR_UV.items():
        value = os.environ.get(pip_name)
        if not value or uv_name in os.environ:
            continue
        if pip_name == "PIP_FIND_LINKS":  # pip overlooks a folder that is not there, uv stops at it
            value = " ".join(part for part in value.split() if "://" in part or Path(part).is_dir())
        if value:
            settings[uv_name] = value
    return settings


def digest(*files: Path) -> str:
    """One name for the contents of these files."""
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
