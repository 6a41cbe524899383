import polars as pl
import pytest

from patchbook.people.file import NoPeople, NoPersonId, read_people


@pytest.fixture
def people(tmp_path):
    def read(content, **how):
        path = tmp_path / "people.csv"
        path.write_text(content)
        return read_people(path, **how)

    return read


def test_people_are_read_with_their_lists_shares_and_homes(people):
    found, rejected = people(
        "person_id;name;city;state;country;languages;skills;capacity;ramp;Team colour\n"
        "P1;Ann Ng;Chicago;IL;US;en|de;health;1;1;blue\nP2;Bob;Munich;;DE;de;;50%;0,5;red\n"
    )

    ann, bob = found
    assert rejected.height == 0
    assert (ann.name, ann.languages, ann.skills) == ("Ann Ng", frozenset({"en", "de"}), frozenset({"health"}))
    assert ann.latitude == pytest.approx(41.85, abs=0.1)
    assert ann.longitude == pytest.approx(-87.65, abs=0.1)
    assert (bob.capacity, bob.ramp, bob.share) == (0.5, 0.5, 0.25)
    assert bob.other == {"city": "Munich", "country": "DE", "team_colour": "red"}


def test_a_home_that_is_given_is_not_looked_up(people):
    found, _ = people("id,name,lat,lon,city\nP1,Ann,10.5,20.5,Chicago\n")

    assert (found[0].latitude, found[0].longitude) == (10.5, 20.5)


def test_what_cannot_be_read_is_listed_with_its_line(people):
    found, rejected = people("id,name,capacity,ramp\nP1,Ann,-1,1\nP1,Again,1,1\nP2,Bob,lots,3\nP3\n")

    assert [person.person_id for person in found] == ["P1", "P2"]
    assert [person.share for person in found] == [1.0, 1.0]
    assert rejected.select("line", "column", "found").rows() == [
        (2, "capacity", "-1"),
        (3, "person_id", "P1"),
        (4, "capacity", "lots"),
        (4, "ramp", "3"),
        (5, None, "P3"),
    ]


def test_names_that_are_all_different_serve_as_ids(people):
    found, _ = people("sales agent,manager\nAnna Snelling,Dustin\nCecily Lampkin,Dustin\n")

    assert [(person.person_id, person.manager_id) for person in found] == [
        ("Anna Snelling", "Dustin"),
        ("Cecily Lampkin", "Dustin"),
    ]


def test_a_file_that_does_not_say_who_is_who_is_refused(people):
    with pytest.raises(NoPersonId, match=r"people\.csv has no column that is the person_id"):
        people("team,quota\nA,1\nB,2\n")
    with pytest.raises(NoPeople, match=r"people\.csv names nobody"):
        people("person_id,name\n,Ann\n-,Bob\n")


def test_a_column_of_their_own_keeps_its_name(people):
    found, _ = people("person_id,time_zone,line\nP1,Europe/Berlin,9\n")

    assert found[0].other == {"time_zone": "Europe/Berlin", "line_2": "9"}


def test_a_country_as_a_whole_is_no_home():
    table = pl.DataFrame({"person_id": ["P1", "P2"], "city": [None, "Boston"], "country": ["US", "US"]})

    people, _ = read_people(table)

    assert people[0].latitude is None
    assert people[1].latitude == pytest.approx(42.36, abs=0.1)
