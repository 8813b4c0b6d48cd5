"""docs/rules/masters.md: the letters a clerk types for a name, and the code proposed for it."""

import pytest

from o2c_tui.rules.initials import initials, suggest_code


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("上海华信贸易有限公司", "shhxmyyxgs"),
        ("北京", "bj"),
        ("深圳市", "szs"),
        ("鑫达", "xd"),
        ("重庆长安", "cqca"),  # as in the city, not as in heavy
        ("厦门", "xm"),
        ("中国银行", "zgyh"),
        ("Blue Water Marine", "bwm"),
        ("blue-water", "bw"),
        ("Beacon华信", "bhx"),
        ("华信 Trading", "hxt"),
        ("Ｂｌｕｅ　Ｗａｔｅｒ", "bw"),
        ("Émile Zola", "éz"),
        ("3M", "3"),
        ("", ""),
        ("!!!", ""),
        ("龘", ""),  # too rare to know
    ],
)
def test_initials_of_a_name(name, letters):
    assert initials(name) == letters


@pytest.mark.parametrize(
    ("name", "taken", "code"),
    [
        ("Bluewater Marine", (), "BLUEW"),
        ("Café Müller", (), "CAFEM"),
        ("上海华信贸易有限公司", (), "SHHXM"),
        ("Bluewater Marine", ("BLUEW",), "BLUEW2"),
        ("Bluewater Marine", ("BLUEW", "BLUEW2", "BLUEW3"), "BLUEW4"),
        ("3M", (), "3M"),
        ("!!!", (), "X"),
        ("龘", ("X",), "X2"),
        ("", (), "X"),
    ],
)
def test_a_code_is_proposed_that_nobody_has(name, taken, code):
    assert suggest_code(name, taken) == code
