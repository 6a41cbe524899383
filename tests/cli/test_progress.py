"""How far long work is told on a terminal, and nowhere else."""

from __future__ import annotations

from patchbook.cli.progress import progress_line


def test_nothing_is_shown_where_there_is_no_terminal(capsys):
    with progress_line("Replay") as tell:
        tell("10 of 20", 0.5)

    assert capsys.readouterr() == ("", "")


def test_the_phase_is_shown_on_a_terminal(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    with progress_line("Replay") as tell:
        tell("10 of 20", 0.5)

    out, err = capsys.readouterr()
    assert out == ""
    assert "Replay: 10 of 20" in err
