"""Pins every dependency with its hashes: `tools/lock.py [--upgrade]` writes the locks, `--check` judges them.

Each lock is made by `uv pip compile` for every platform from Python 3.11 on, and names no host: see
`docs/decisions/0005-a-lock-that-names-no-host.md`. The first line of a lock carries a digest of what it was made from,
so that `--check` needs no network. `package-lock.json` is npm's, and obeys the same rules.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import vendor

ROOT = Path(__file__).resolve().parent.parent
LOCKS = {
    "requirements.lock": ("build",),
    "requirements-dev.lock": ("build", "dev"),
    "requirements-docs.lock": ("build", "docs"),
    "requirements-bench.lock": ("build", "dev", "bench"),
}
"""Lock file → the dependency groups it holds beside what Patchbook needs to run."""

NPM_LOCK = "package-lock.json"
"""The JavaScript and CSS of others; `npm` makes it, from `package.json`."""

UV_LOCK = "tools/uv.lock"
"""The pinned uv itself, so that `pip` can check what it fetches."""


def main() -> int:
    """Write the locks, or with `--check` report those that no longer agree with pyproject.toml."""
    if "--check" in sys.argv[1:]:
        return check()
    write(UV_LOCK, ["-"], wanted=uv_version(), header="# the uv that installs everything else")
    for name, groups in LOCKS.items():
        inputs = ["pyproject.toml", *(part for group in groups for part in ("--group", group))]
        if name != "requirements.lock":
            inputs += ["--constraint", "requirements.lock"]
        write(name, inputs, header=first_line(groups))
    try:
        write_npm_lock()
    except vendor.CannotLay as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def check() -> int:
    """Say which locks are out of date; 0 when none is."""
    stale = [name for name, groups in LOCKS.items() if not (ROOT / name).read_text().startswith(first_line(groups))]
    for name in stale:
        print(f"{name} was made from other dependencies than pyproject.toml has now; run `make lock`.", file=sys.stderr)
    if declared("package.json") != declared(NPM_LOCK):
        stale.append(NPM_LOCK)
        print(f"{NPM_LOCK} was made from other packages than package.json names now; run `make lock`.", file=sys.stderr)
    return 1 if stale else 0


def declared(name: str) -> dict[str, object]:
    """What package.json asks for; its lock repeats it, so that nothing else is needed to see whether they agree."""
    asked = json.loads((ROOT / name).read_text())
    if name == NPM_LOCK:
        asked = asked["packages"][""]
    return {kind: asked.get(kind, {}) for kind in ("dependencies", "devDependencies")}


def write_npm_lock() -> None:
    """Pin the packages of npm, by the rules of the other locks: hashes, and no addresses."""
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        for name in ("package.json", NPM_LOCK):
            if (ROOT / name).exists():
                shutil.copyfile(ROOT / name, folder / name)
        verb = "update" if "--upgrade" in sys.argv[1:] else "install"
        vendor.npm(
            verb, "--package-lock-only", "--lockfile-version=3", "--omit-lockfile-registry-resolved", folder=folder
        )
        lock = json.loads((folder / NPM_LOCK).read_text())
    for package in lock["packages"].values():
        package.pop("funding", None)  # an address, too
    (ROOT / NPM_LOCK).write_text(json.dumps(lock, indent=2) + "\n")
    print(f"{NPM_LOCK}: {len(lock['packages']) - 1} packages")


def first_line(groups: tuple[str, ...]) -> str:
    """What the lock was made from, as one comment."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    made_from = [
        project["project"]["requires-python"],
        project["project"]["dependencies"],
        {group: project["dependency-groups"][group] for group in groups},
    ]
    digest = hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()
    return f"# made by `make lock` from pyproject.toml ({', '.join(groups)}), digest {digest}\n"


def write(name: str, inputs: list[str], *, header: str, wanted: str | None = None) -> None:
    """Compile one lock file below its header; versions that still fit stay unless `--upgrade` asks for the newest."""
    command = [str(Path(sys.executable).with_name("uv")), "pip", "compile", *inputs, "--quiet", "--universal"]
    command += ["--python-version", "3.11", "--generate-hashes", "--no-annotate", "--no-header", "--no-emit-index-url"]
    command += ["--output-file", name, *(["--upgrade"] if "--upgrade" in sys.argv[1:] else [])]
    subprocess.run(command, cwd=ROOT, input=wanted, text=True, check=True, stdout=subprocess.DEVNULL)
    compiled = (ROOT / name).read_text()
    (ROOT / name).write_text(f"{header.rstrip()}\n{compiled}")
    print(f"{name}: {compiled.count('==')} packages")


def uv_version() -> str:
    """The uv in use, as a requirement."""
    uv = Path(sys.executable).with_name("uv")
    said = subprocess.run([uv, "--version"], text=True, check=True, capture_output=True)
    return f"uv=={said.stdout.split()[1]}\n"


if __name__ == "__main__":
    sys.exit(main())
