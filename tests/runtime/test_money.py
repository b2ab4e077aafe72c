from __future__ import annotations

import pytest

from tandem_runtime.shared.money import format_amount, parse_amount


@pytest.mark.parametrize(
    ("text", "currency", "minor"), [("12.34", "EUR", 1234), ("500", "JPY", 500), ("0.001", "KWD", 1)]
)
def test_amounts_survive_the_way_there_and_back(text: str, currency: str, minor: int) -> None:
    assert parse_amount(text, currency) == minor
    assert format_amount(minor, currency) == text


@pytest.mark.parametrize(
    "text", ["12.3", "12", "-1.00", "0.00", "1e2", "NaN", "01.00", "1.00\n", "\u0661.00", "", "9" * 40]
)
def test_an_amount_that_is_not_exact_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        parse_amount(text, "EUR")


def test_a_currency_outside_iso_4217_is_refused() -> None:
    with pytest.raises(ValueError, match="ISO 4217"):
        parse_amount("1.00", "XXX")


def test_a_negative_balance_keeps_its_sign() -> None:
    assert format_amount(-5, "EUR") == "-0.05"
