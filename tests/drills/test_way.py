"""A report says which way the clients went: through the custom domain, or by the names of the Regions."""

from __future__ import annotations

from drills.clients.resolver import Answer
from drills.report.way import told, way_of


def answer(canonical: str) -> Answer:
    return Answer(canonical=canonical, address="127.0.1.1", ttl=30, at=1)


CUSTOM = answer("d-abc123.execute-api.us-east-1.amazonaws.com")
REGIONAL = answer("abc123.execute-api.us-east-1.amazonaws.com")


def test_what_dns_answered_says_which_way_the_clients_went() -> None:
    assert way_of([CUSTOM, CUSTOM]) == "custom domain"
    assert way_of([REGIONAL]) == "Regional names"
    assert way_of([REGIONAL, CUSTOM]) == "Regional names and custom domain"
    assert way_of([]) is None


def test_the_report_says_it_in_a_sentence_and_nothing_where_nobody_was_led_anywhere() -> None:
    [sentence] = told("custom domain")
    assert "custom domain" in sentence
    assert "validation record" in sentence
    [sentence] = told("Regional names")
    assert "Regional names" in sentence
    assert told(None) == []
