"""docs/rules/masters.md: when two names mean the same company."""

import pytest

from o2c_tui.rules.duplicates import normalised


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Acme Works Ltd", "ACME  WORKS, Limited"),
        ("Acme & Sons GmbH", "acme and sons"),
        ("A.C.M.E. Inc.", "ACME"),
        ("Café Müller AG", "Cafe Muller"),
        ("ＡＣＭＥ　Ｗｏｒｋｓ", "Acme Works"),
        ("上海华信贸易有限公司", "上海华信贸易"),
        ("上海华信贸易股份有限公司", "上海华信贸易有限责任公司"),
    ],
)
def test_case_width_accents_and_legal_form_make_no_other_company(one, other):
    assert normalised(one) == normalised(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Acme Works", "Acme Work"), ("上海华信", "上海华兴"), ("Ltd", "Inc"), ("公司", "集团"), ("Coast", "Ast")],
)
def test_other_names_stay_apart(one, other):
    assert normalised(one) != normalised(other)


def test_a_name_of_nothing_but_a_legal_form_stays_itself():
    assert normalised("Limited") == "limited"
