"""A copy's lag is the age of the oldest acknowledged transaction that it does not hold."""

from collections.abc import Sequence

from drills.clients.load import Transaction
from drills.measure.lag import Follower
from operations.errors import OperationError


class Copy:
    """Holds what the test says."""

    def __init__(self) -> None:
        self.held: set[str] = set()
        self.asked: list[list[str]] = []
        self.away = False

    def look_up(self, ids: Sequence[str]) -> set[str]:
        self.asked.append(list(ids))
        if self.away:
            raise OperationError("gone")
        return self.held & set(ids)


def acknowledged(*times: float) -> list[Transaction]:
    return [Transaction(key=str(at), body={}, due=at, acknowledged_at=at, id=f"id-{at}") for at in times]


def test_it_is_the_age_of_the_oldest_missing_one_and_nothing_once_all_are_there() -> None:
    copy = Copy()
    follower = Follower(copy.look_up)
    follower.expect(acknowledged(1.0, 2.0, 3.0))
    assert follower.behind(4.0) == 3.0
    copy.held = {"id-1.0"}
    assert follower.behind(5.0) == 3.0
    copy.held |= {"id-2.0", "id-3.0"}
    assert follower.behind(6.0) == 0.0


def test_a_copy_that_is_away_has_no_lag_and_is_asked_again() -> None:
    copy = Copy()
    follower = Follower(copy.look_up)
    follower.expect(acknowledged(1.0))
    copy.away = True
    assert follower.behind(2.0) is None
    copy.away = False
    assert follower.behind(3.0) == 2.0
    copy.held = {"id-1.0"}
    assert follower.behind(4.0) == 0.0
    copy.away = True
    assert follower.behind(5.0) is None  # although nothing new is expected of it


def test_a_long_tail_is_worked_off_in_several_looks() -> None:
    copy = Copy()
    follower = Follower(copy.look_up)
    tail = acknowledged(*(float(n) for n in range(250)))
    follower.expect(tail)
    copy.held = {str(one.id) for one in tail}
    assert follower.behind(300.0) == 0.0
    assert [len(ids) for ids in copy.asked] == [100, 100, 50]
