"""A client's cache of the API's name, by a clock that the test moves."""

import pytest

from drills.clients.resolver import CachedName, Resolution, ResolutionError

PRIMARY = Resolution(canonical="a1.execute-api.us-east-1.amazonaws.com", address="127.0.1.1", ttl=30)
SECONDARY = Resolution(canonical="b2.execute-api.us-west-2.amazonaws.com", address="127.0.2.1", ttl=30)


class World:
    """A DNS server and a clock."""

    def __init__(self) -> None:
        self.now = 100.0
        self.answer: Resolution | None = PRIMARY
        self.asked: list[str] = []

    def question(self, name: str) -> Resolution:
        self.asked.append(name)
        if self.answer is None:
            raise ResolutionError(name)
        return self.answer

    def name(self) -> CachedName:
        return CachedName("api.tandem.example.com", self.question, clock=lambda: self.now)


def test_an_answer_is_kept_for_its_ttl_and_no_longer() -> None:
    world = World()
    name = world.name()
    assert name.region() == "us-east-1"
    world.answer = SECONDARY
    world.now += 29.9
    assert name.region() == "us-east-1"
    world.now += 0.1
    assert name.resolve().address == "127.0.2.1"
    assert world.asked == ["api.tandem.example.com"] * 2


def test_every_answer_is_recorded() -> None:
    world = World()
    name = world.name()
    for answer in (PRIMARY, PRIMARY, SECONDARY, PRIMARY):
        world.answer = answer
        name.resolve()
        world.now += 30
    assert [each.at for each in name.answers] == [100, 130, 160, 190]


def test_an_expired_answer_is_not_used_when_nobody_answers() -> None:
    world = World()
    name = world.name()
    name.resolve()
    world.answer, world.now = None, 131.0
    with pytest.raises(OSError, match=r"api\.tandem"):
        name.resolve()


def test_a_name_that_leads_to_no_api_is_refused() -> None:
    world = World()
    world.answer = Resolution(canonical="example.org", address="192.0.2.1", ttl=1)
    with pytest.raises(ResolutionError, match="is not the name of an API"):
        world.name().resolve()
