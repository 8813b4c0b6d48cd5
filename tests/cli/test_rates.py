"""Exchange rates by command: entered, from CSV, from the ECB's files. docs/rules/currency.md, "Rates"."""

import json
from decimal import Decimal as D

import pytest

DAILY = """<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
  <gesmes:subject>Reference rates</gesmes:subject>
  <Cube>
    <Cube time='2026-11-20'>
      <Cube currency='USD' rate='1.0870'/>
      <Cube currency='JPY' rate='163.25'/>
      <Cube currency='CNY' rate='7.8264'/>
    </Cube>
  </Cube>
</gesmes:Envelope>
"""
HISTORY = DAILY.replace(
    "    <Cube time='2026-11-20'>",
    "    <Cube time='2026-11-23'><Cube currency='USD' rate='1.0900'/><Cube currency='CNY' rate='7.8480'/></Cube>\n"
    "    <Cube time='2026-11-20'>",
)


@pytest.fixture
def books(o2c, tmp_path, monkeypatch):
    """A company, in the currency given."""

    def made(currency: str) -> None:
        assert o2c("init", "Test Trading", "--currency", currency).code == 0

    return made


@pytest.fixture
def file(tmp_path):
    """A file of rates."""

    def made(text: str | bytes, name: str = "eurofxref.xml"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return made


def rates(o2c) -> dict[tuple[str, str], D]:
    found = json.loads(o2c("list", "rates", "--json").out)
    return {(row["currency"], row["valid_on"]): D(str(row["rate"])) for row in found}


def test_the_banks_rates_are_turned_round_for_a_company_in_euros(o2c, books, file):
    books("EUR")

    said = o2c("import", "ecb", file(DAILY))

    assert (said.code, said.out.splitlines()[0]) == (0, "3 made, 0 changed, 0 as they were.")
    assert rates(o2c) == {
        ("USD", "2026-11-20"): D("0.919963"),  # 1 ÷ 1.0870 = 0.9199632…
        ("JPY", "2026-11-20"): D("0.006126"),  # 1 ÷ 163.25 = 0.0061255…
        ("CNY", "2026-11-20"): D("0.127773"),  # 1 ÷ 7.8264 = 0.1277726…
    }


def test_and_crossed_by_way_of_the_euro_for_another_company(o2c, books, file):
    books("CNY")

    o2c("import", "ecb", file(DAILY), "--currencies", "USD,EUR")

    assert rates(o2c) == {
        ("USD", "2026-11-20"): D("7.2"),  # 7.8264 ÷ 1.0870
        ("EUR", "2026-11-20"): D("7.8264"),
    }


def test_the_same_file_again_changes_nothing_and_a_longer_one_adds_its_days(o2c, books, file):
    books("EUR")
    o2c("import", "ecb", file(DAILY), "--currencies", "usd")

    again = json.loads(o2c("import", "ecb", file(DAILY), "--json").out)
    longer = json.loads(o2c("import", "ecb", file(HISTORY), "--json").out)
    since = json.loads(o2c("import", "ecb", file(HISTORY), "--since", "2026-11-21", "--dry-run", "--json").out)

    assert (again["made"], again["changed"], again["same"], again["currencies"]) == (0, 0, 1, ["USD"])
    assert (longer["made"], longer["same"]) == (1, 1)
    assert (since["made"], since["same"]) == (0, 1)
    assert o2c("verify").code == 0


@pytest.mark.parametrize(
    "text",
    [
        "no xml",
        "<rates/>",
        "<Cube><Cube time='yesterday'><Cube currency='USD' rate='1'/></Cube></Cube>",
        "<Cube><Cube time='2026-11-20'><Cube currency='USD' rate='-1'/></Cube></Cube>",
        "<Cube><Cube time='2026-11-20'><Cube currency='USD' rate='one'/></Cube></Cube>",
        '<!DOCTYPE x [<!ENTITY a "1.0">]><Cube><Cube time="2026-11-20"><Cube currency="USD" rate="&a;"/></Cube></Cube>',
    ],
)
def test_what_is_not_of_the_banks_form_is_refused_and_nothing_is_written(o2c, books, file, text):
    books("EUR")

    said = o2c("import", "ecb", file(text))

    assert said.code == 1
    assert "no file of exchange rates of the ECB" in said.err
    assert rates(o2c) == {}


def test_a_file_without_the_currencies_of_these_books_says_so(o2c, books, file):
    books("EUR")

    said = o2c("import", "ecb", file(DAILY), "--currencies", "BRL")

    assert said.code == 1
    assert "none for BRL against EUR" in said.err


def test_rates_come_from_csv_and_by_hand_too(o2c, books, file):
    books("EUR")

    taken = o2c("import", "rates", file("currency,date,rate\nUSD,2026-11-20,0.92\nusd,2026-11-21,0.93\n", "r.csv"))
    entered = o2c("do", "save_rate", '{"currency": "USD", "rate": "0.94", "on": "2026-11-21"}')
    again = o2c("import", "rates", file("currency,date,rate\nUSD,2026-11-20,0.92\n", "r.csv"))
    wrong = o2c("import", "rates", file("currency,date,rate\nUSD,2026-11-20,0\nEUR,2026-11-20,1\n", "r.csv"))

    assert (taken.code, entered.code) == (0, 0)
    assert again.out.startswith("0 made, 0 changed, 1 as they were.")
    assert rates(o2c) == {("USD", "2026-11-20"): D("0.92"), ("USD", "2026-11-21"): D("0.94")}
    assert wrong.code == 1
    assert "more than 0" in wrong.err
    assert "own currency" in wrong.err
