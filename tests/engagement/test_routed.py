"""Leads go by the rules of engagement in the record: to the partner of record, and to owners by motion."""

from __future__ import annotations

from builders.leads import NOW, PAT, ROOT, a_company, a_lead, receive
from patchbook.engagement import appointing, registering
from patchbook.leads import looking
from patchbook.leads.routing import set_routing

ROUTES = """\
routes:
  - name: All
    stages: [match, partner of record, global owner, by motion, owner, territory]
"""


def test_a_lead_goes_to_the_partner_of_record_then_to_the_global_owner_and_says_why(sqlite_record):
    a_company(sqlite_record)
    with sqlite_record.writing() as tx:
        set_routing(tx, ROUTES, why="as agreed", by=PAT, at=NOW)
    first = receive(sqlite_record, a_lead(1))
    with sqlite_record.writing() as tx:
        appointing.appoint(tx, "A1", "eve", reason="Speaks with the board.", by=PAT, at=NOW)
    second = receive(sqlite_record, a_lead(2))
    with sqlite_record.writing() as tx:
        made = registering.register(
            tx, "A1", partner="Resale", deal="Big", reason="Theirs.", person_id="dan", by=PAT, at=NOW
        )
        registering.approve(tx, made.registration_id, by=ROOT, at=NOW)
    third = receive(sqlite_record, a_lead(3))

    assert [got.lead.person_id for got in (first, second, third)] == ["ann", "eve", "dan"]
    with sqlite_record.reading() as tx:
        says = [looking.decisions(tx, got.lead.lead_id, by=PAT, at=NOW)[0].says for got in (first, second, third)]
    assert says[0] == "It goes to Ann Archer: inbound business belongs to the account's owner."
    assert "theirs everywhere; Ann Archer owns this site" in says[1]
    assert "Resale registered 'Big' on Acme, in force until 2027-06-01" in says[2]
