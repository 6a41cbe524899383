"""Leads on the command line: in by hand and by file, out with the reason, back, by hand, and made again."""

from __future__ import annotations

import json

ROUTING = "routes:\n  - name: all\n    stages: [match, owner, territory]\n"


def lead_of(printed: str) -> str:
    return printed.split(":")[0]


def test_a_lead_is_added_explained_accepted_and_verified(published, patchbook_says):
    code, printed, complained = patchbook_says("lead", "add", "1", "--field", "company=Company 1", "--field", "x=1")
    assert (code, complained) == (0, "")
    lead_id = lead_of(printed)
    assert lead_id.startswith("lead-")

    code, told, _ = patchbook_says("lead", "why", lead_id)
    assert code == 0
    assert "match:" in told
    _, told, _ = patchbook_says("lead", "why", lead_id, "--json")
    (decision,) = json.loads(told)
    assert decision["cause"] == "received"

    code, told, _ = patchbook_says("lead", "add", "1", "--field", "company=Company 1", "--field", "x=1")
    assert "It came before" in told
    code, _, complained = patchbook_says("lead", "add", "1", "--field", "company=Other")
    assert code == 2
    assert "came before as" in complained

    code, told, _ = patchbook_says("lead", "reassign", lead_id, "ANN", "--why", "hers")
    assert code == 0
    assert "Ann Archer" in told
    code, told, _ = patchbook_says("lead", "accept", lead_id, "--as", "ANN")
    assert told == f"{lead_id} is accepted.\n"
    patchbook_says("lead", "touch", lead_id, "--how", "call", "--as", "ANN")
    code, told, _ = patchbook_says("speed")
    assert "first touch" in told
    code, told, _ = patchbook_says("lead", "verify")
    assert code == 0
    assert "none comes out otherwise" in told
    code, told, _ = patchbook_says("lead", "show", lead_id)
    assert "touched call" in told
    assert patchbook_says("lead", "close", lead_id, "--why", "won")[0] == 0


def test_a_file_of_leads_is_taken_and_written_again(published, patchbook_says):
    (published / "leads.csv").write_text("id,company,country\n1,Company 1,US\n,None,US\n2,=cmd(),Narnia\n")
    code, printed, _ = patchbook_says("lead", "import", "leads.csv")
    assert code == 0
    assert printed.startswith("2 leads of leads.csv are in the record")
    assert "• Line 3: A lead's source_id is empty; give it 1 to 200 characters" in printed
    assert "• Line 4: country: 'Narnia' was not taken; a country, by name or code would be." in printed
    assert " 2 came before." in patchbook_says("lead", "import", "leads.csv")[1]
    assert (
        patchbook_says("lead", "list", "--person", "ANN", "--status", "closed")[1] == "No lead fits that you may see.\n"
    )

    code, told, _ = patchbook_says("lead", "list", "--out", "out.csv")
    assert told == "2 leads are in out.csv.\n"
    assert "'=cmd()" in (published / "out.csv").read_text()
    code, told, _ = patchbook_says("queue", "--json")
    assert code == 0
    waiting = json.loads(told)["waiting"]
    code, told, _ = patchbook_says("queue", "--sweep")
    assert f"{waiting} looked at" in told
    assert patchbook_says("lead", "import", "nothing.csv")[0] == 2


def test_a_lead_given_back_goes_on(published, patchbook_says):
    _, printed, _ = patchbook_says("lead", "add", "7", "--field", "company=Nobody Knows")
    lead_id = lead_of(printed)
    patchbook_says("lead", "reassign", lead_id, "ANN", "--why", "try")
    code, told, complained = patchbook_says("lead", "return", lead_id, "--why", "a student", "--as", "ANN")
    assert (code, complained) == (0, "")
    assert "wait" in told or "goes to" in told
    assert "passed over: Ann Archer gave it back before." in patchbook_says("lead", "why", lead_id)[1]
    code, _, complained = patchbook_says("lead", "add", "8", "--field", "company")
    assert code == 2
    assert "write field=value" in complained


def test_the_routing_document_is_checked_set_and_shown(published, patchbook_says):
    (published / "routing.yaml").write_text(ROUTING)
    assert patchbook_says("routing", "check", "routing.yaml")[1] == "routing.yaml is good.\n"
    assert patchbook_says("routing", "versions")[1].startswith("There is no routing document yet")
    assert patchbook_says("routing", "set", "routing.yaml")[1] == "Version 1 of the routing document holds.\n"
    assert patchbook_says("routing", "show")[1] == ROUTING
    (published / "routing.yaml").write_text(f"{ROUTING}free_mail: [mail.example]\n")
    assert patchbook_says("routing", "set", "routing.yaml", "--why", "one more")[0] == 0
    assert "+free_mail" in patchbook_says("routing", "show", "--since", "1")[1]
    (published / "routing.yaml").write_text("rootes: 1\npools: 7\n")
    code, printed, _ = patchbook_says("routing", "check", "routing.yaml")
    assert code == 2
    assert "line 1" in printed
    assert "line 2" in printed
    assert "did you mean 'routes'" in printed


def test_a_lead_may_be_called_by_the_id_it_came_with(published, patchbook_says):
    for source in ("form", "fair"):
        patchbook_says("lead", "add", f"{source}-1", "--source", source, "--field", "company=Company 1")
        patchbook_says("lead", "add", "both", "--source", source, "--field", "company=Company 1")

    code, told, _ = patchbook_says("lead", "why", "form-1")
    assert code == 0
    assert "by no routing document and the plan Grid" in told
    code, told, _ = patchbook_says("lead", "close", "fair-1", "--why", "won")
    assert told.endswith(" is closed.\n")
    code, _, complained = patchbook_says("lead", "why", "both")
    assert code == 2
    assert complained.startswith("Several leads came with the id 'both'; name one by the id it has here: lead-")
    code, _, complained = patchbook_says("lead", "why", "neither")
    assert (code, complained) == (2, "There is no lead 'neither'.\n")


def test_what_is_wrong_with_a_routing_document_is_told_with_the_name_of_its_file(published, patchbook_says):
    (published / "ours.yaml").write_text("routs: []\n")

    code, _, complained = patchbook_says("routing", "set", "ours.yaml")

    assert code == 2
    assert complained == "ours.yaml line 1: 'routs' is not a section of a routing document; did you mean 'routes'?\n"
