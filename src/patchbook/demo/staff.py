"""The people of the demo workspace: the sales team of the file, who left before, and who works beside them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from sqlalchemy import Connection

from patchbook.access import grant
from patchbook.demo.people import DEPARTED, FAMILY, GIVEN, MANAGERS
from patchbook.demo.scene import ADMIN, FINANCE, HEAD, PLANNER, VIEWER, Acting, Scene
from patchbook.imports import actions as imports
from patchbook.people import actions as people
from patchbook.people.file import read_people
from patchbook.people.person import Person
from patchbook.people.principal import Role, system

BESIDE = {
    PLANNER: ("Revenue operations", Role.PLANNER),
    ADMIN: ("Systems", Role.ADMIN),
    FINANCE: ("Finance", Role.FINANCE),
    VIEWER: ("Marketing", Role.VIEWER),
    HEAD: ("Head of sales", Role.MANAGER),
}
"""Person → what they do, and the role they sign in with."""

HIRED = "P125"
"""Who starts soon, in a seat that becomes vacant."""

BEGAN = -900
"""So many days ago everybody had begun to work here."""


def bring_in(scene: Scene, tx: Connection) -> None:
    """Import companies, people and deals, and give everybody the role they sign in with."""
    who: Acting = {"by": system(), "at": scene.day(-330, 8)}
    persons, _ = read_people(scene.data / "people.csv")
    team = [replace(one, manager_id=HEAD) if one.person_id in MANAGERS else one for one in persons]
    made_up = _made_up([one.name for one in persons], scene.seed)
    people.take(tx, [*made_up, *team], employed_from=scene.day(BEGAN), **who)
    imports.accounts(tx, scene.data / "accounts.csv", **who)
    imports.opportunities(tx, scene.data / "opportunities.csv", **who)
    for person_id, (_, role) in BESIDE.items():
        grant(tx, person_id, role, **who)
    for one in team:
        if one.person_id not in MANAGERS:
            grant(tx, one.person_id, Role.REP, **who)


def newcomer(scene: Scene) -> Person:
    """Who is hired soon."""
    taken = [one.name for one in read_people(scene.data / "people.csv")[0]]
    taken += [one.name for one in _made_up(taken, scene.seed)]
    name = _names(taken, 1, scene.seed + 1)[0]
    return Person(
        person_id=HIRED, name=name, email=_address(name), role="Field rep", segment="Field", manager_id="M01", ramp=0.5
    )


def _made_up(taken: list[str], seed: int) -> list[Person]:
    """Who works beside the team, and the reps who have left since."""
    names = _names(taken, len(BESIDE) + len(DEPARTED), seed)
    beside = [
        Person(person_id=person_id, name=name, email=_address(name), role=role)
        for (person_id, (role, _)), name in zip(BESIDE.items(), names, strict=False)
    ]
    left = [
        Person(
            person_id=person_id,
            name=name,
            email=_address(name),
            role="Field rep",
            segment="Field",
            manager_id="M02" if number == 1 else "M01",
        )
        for number, (person_id, name) in enumerate(zip(DEPARTED, names[len(BESIDE) :], strict=True))
    ]
    return [*beside, *left]


def _names(taken: list[str], count: int, seed: int) -> list[str]:
    """Names nobody has yet; first names and family names each differ from those of the team."""
    rng = np.random.default_rng([seed, 5])
    used = {word for name in taken for word in name.split()}
    given = [str(one) for one in rng.permutation([one for one in GIVEN if one not in used])]
    family = [str(one) for one in rng.permutation([one for one in FAMILY if one not in used])]
    return [f"{first} {last}" for first, last in list(zip(given, family, strict=False))[:count]]


def _address(name: str) -> str:
    return f"{name.replace(' ', '.')}@example.com".lower()
