"""Installing: locks that are current, hashed, of one mind and without hosts; a bootstrap that heeds pip's settings."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import patchbook
from tools import bootstrap, vendor

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
    assert "web/static/vendor/maplibre-gl/maplibre-gl-worker.mjs" in packed  # git ignores it, the wheel must not
    assert {f"patchbook-{patchbook.__version__}.dist-info/licenses/{name}" for name in ("LICENSE", "NOTICE")} <= packed


@pytest.mark.parametrize("place", [vendor.PACKAGE, vendor.TESTS], ids=["for the pages", "for the tests"])
def test_the_javascript_of_others_lies_where_it_is_looked_for_as_the_lock_pins_it(place):
    assert vendor.is_laid(place)
    for package, names in place.files.items():
        for name in names:
            assert (ROOT / place.folder / package / Path(name).name).stat().st_size > 0, name


def test_every_package_of_javascript_has_a_hash_and_no_host_is_named():
    text = (ROOT / "package-lock.json").read_text()
    packages = {name: entry for name, entry in json.loads(text)["packages"].items() if name}

    assert "://" not in text
    assert [name for name, entry in packages.items() if not entry["integrity"].startswith("sha512-")] == []


def test_what_is_laid_already_is_not_laid_again(tmp_path):
    project = a_project(tmp_path)
    before = (project / vendor.PACKAGE.folder).stat().st_ino

    assert vendor.lay(vendor.PACKAGE, project) is False
    assert (project / vendor.PACKAGE.folder).stat().st_ino == before


@pytest.mark.parametrize("damage", ["changed", "missing", "added", "another lock"])
def test_what_differs_from_the_lock_counts_as_not_laid(tmp_path, damage):
    project = a_project(tmp_path)
    file = project / vendor.PACKAGE.folder / "htmx.org" / "htmx.min.js"
    assert vendor.is_laid(vendor.PACKAGE, project)

    match damage:
        case "changed":
            file.write_text("alert('not what the lock pins')")
        case "missing":
            file.unlink()
        case "added":
            file.with_name("more.js").write_text("")
        case "another lock":
            lock = project / "package-lock.json"
            lock.write_text(lock.read_text().replace('"version": "4', '"version": "5'))

    assert not vendor.is_laid(vendor.PACKAGE, project)


def test_packages_that_no_longer_fit_their_lock_are_named_by_the_check(tmp_path):
    shutil.copytree(ROOT / "tools", tmp_path / "tools")
    for name in ("package.json", "package-lock.json", "pyproject.toml", *LOCKS[:-1]):
        shutil.copyfile(ROOT / name, tmp_path / name)
    wanted = tmp_path / "package.json"
    wanted.write_text(wanted.read_text().replace('"htmx.org": "~4', '"htmx.org": "~5'))

    done = subprocess.run([sys.executable, "tools/lock.py", "--check"], cwd=tmp_path, capture_output=True, text=True)

    assert done.returncode == 1
    assert done.stderr == (
        "package-lock.json was made from other packages than package.json names now; run `make lock`.\n"
    )


def test_a_file_that_a_newer_package_lacks_is_named(tmp_path):
    with pytest.raises(vendor.CannotLay, match=r"no longer has htmx\.org/dist/gone\.js: name .* in tools/vendor\.py"):
        vendor.put(tmp_path / "node_modules" / "htmx.org" / "dist" / "gone.js", tmp_path / "made.js")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            "npm error code EINTEGRITY\nnpm error wanted sha512-a but got sha512-b\n",
            r"^The registry gave a package that is not the one package-lock\.json pins: .*sha512-b\)\.$",
        ),
        (
            "npm error code ECONNREFUSED\nnpm error errno ECONNREFUSED\nnpm error FetchError: refused\n",
            r"^The JavaScript of the pages could not be fetched: see .*npm says: ECONNREFUSED FetchError: refused\)\.$",
        ),
        ("killed", r"^The JavaScript of the pages could not be fetched: .*\(npm says: killed\)\.$"),
    ],
)
def test_what_npm_says_becomes_one_sentence_that_ends_with_what_to_do(said, sentence):
    assert re.match(sentence, vendor.explained(said))


def test_certificates_told_to_pip_are_told_to_node(monkeypatch, tmp_path):
    bundle = tmp_path / "company.pem"
    bundle.write_text("")
    for name in ("NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CERT", str(bundle))

    assert vendor.environment()["NODE_EXTRA_CA_CERTS"] == str(bundle)


def a_project(folder: Path) -> Path:
    """A folder with the lock and what was laid for it."""
    shutil.copyfile(ROOT / "package-lock.json", folder / "package-lock.json")
    shutil.copytree(ROOT / vendor.PACKAGE.folder, folder / vendor.PACKAGE.folder)
    return folder
