import re
from collections import Counter

import pytest

from patchbook.accounts.fields import CUSTOM_TYPES, FIELDS, PERSON_FIELDS, STORED_AS, UnknownField, custom_type


@pytest.mark.parametrize("fields", [FIELDS, PERSON_FIELDS], ids=["account", "person"])
def test_no_word_stands_for_two_fields(fields):
    words = Counter(
        word for field in fields for word in {re.sub(r"[\W_]+", "", word) for word in (field.name, *field.synonyms)}
    )

    assert [word for word, times in words.items() if times > 1] == []


def test_every_type_says_how_it_is_stored():
    assert {field.type for field in (*FIELDS, *PERSON_FIELDS)} <= set(STORED_AS)
    assert [custom_type(name) for name in CUSTOM_TYPES] == list(CUSTOM_TYPES)
    with pytest.raises(UnknownField, match="No field type is called 'dollars'"):
        custom_type("dollars")
