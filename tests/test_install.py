"""Installing: locks that are current, hashed, of one mind and without hosts; a bootstrap that heeds pip's settings."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import patchbook
from tools import bootstrap

ROOT = Path(__file__).parent.parent
LOCKS = [*sorted(path.name for path in ROOT.glob("requirements*.lock")), "tools/uv.lock"]
PIN = re.compile(r"^([a-z0-9][\w.-]*)==(\S+)( ; .*?)? \\$", re.M)


def test_the_locks_were_made_from_the_dependencies_there_are():
    done = subprocess.run([sys.executable, "tools/lock.py", "--check"], cwd=ROOT, capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_hashes_and_no_host_is_named(lock):
    text = (ROOT / lock).read_text()
    lines = [line for line in text.splitlines() if not line.startswith("#")]

    assert "://" not in text
    assert [line for line in lines if not PIN.match(f"{line}\n") and not line.startswith("    --hash=sha256:")] == []
    assert len(re.findall(r"\\\n    --hash=sha256:", text)) >= len(PIN.findall(text)) > 0


@pytest.mark.parametrize("lock", [lock for lock in LOCKS if lock.startswith("requirements-")])
def test_a_lock_for_working_on_patchbook_agrees_with_the_one_for_running_it(lock):
    running, working = (set(PIN.findall((ROOT / name).read_text())) for name in ("requirements.lock", lock))
    pinned = {(name, version) for name, version, _ in working}

    assert {(name, version) for name, version, _ in running} <= pinned


def test_settings_for_pip_are_told_to_uv(monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example/simple")
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)

    assert bootstrap.environment()["UV_DEFAULT_INDEX"] == "https://mirror.example/simple"


def test_a_setting_for_uv_wins_over_the_one_for_pip(monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example/simple")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://other.example/simple")

    assert bootstrap.environment()["UV_DEFAULT_INDEX"] == "https://other.example/simple"


def test_a_folder_of_wheels_that_is_not_there_is_not_told_to_uv(monkeypatch, tmp_path):
    monkeypatch.setenv("PIP_FIND_LINKS", f"{tmp_path} {tmp_path / 'gone'}")
    monkeypatch.delenv("UV_FIND_LINKS", raising=False)

    assert bootstrap.environment()["UV_FIND_LINKS"] == str(tmp_path)


def test_a_lock_that_was_installed_is_not_installed_again(monkeypatch, tmp_path):
    lock = tmp_path / "requirements.lock"
    lock.write_text("# nothing\n")
    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    wanted = bootstrap.digest(lock, ROOT / "pyproject.toml", bootstrap.UV_LOCK, bootstrap.NPM_LOCK)
    (tmp_path / ".installed-requirements").write_text(wanted)

    bootstrap.install(lock)

    assert sorted(path.name for path in tmp_path.iterdir()) == [".installed-requirements", "requirements.lock"]


def test_the_wheel_holds_everything_in_the_package(tmp_path):
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]

    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)

    (wheel,) = tmp_path.glob("*.whl")
    packed = {name.removeprefix("patchbook/") for name in zipfile.ZipFile(wheel).namelist()}
    source = ROOT / "src" / "patchbook"
    files = {path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()}
    assert {name for name in files if "__pycache__" not in name} - packed == set()
    assert {f"patchbook-{patchbook.__version__}.dist-info/licenses/{name}" for name in ("LICENSE", "NOTICE")} <= packed
