from patchbook.carving.stop import CRITERIA, Gap, MaxIterations, share_spent


def test_a_budget_tells_its_share_and_other_criteria_cannot():
    assert share_spent(MaxIterations(5)) == 0.0
    assert share_spent(Gap(0.1, lower_bound=1.0)) is None


def test_the_list_names_every_criterion_once():
    assert [criterion.__name__ for criterion in CRITERIA] == [
        "MaxSeconds",
        "MaxIterations",
        "NoImprovement",
        "Gap",
        "FirstOf",
    ]
