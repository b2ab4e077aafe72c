"""What a stranger tries who floods an API: what anybody can guess, and never what only the checkers know."""

from __future__ import annotations

from drills.scenarios.flood import guesses


def test_a_stranger_floods_the_path_that_everybody_knows_where_the_checkers_ask_another() -> None:
    paths = guesses(["/healthz/unguessable"])
    assert paths[0] == "/healthz"
    assert "/healthz/unguessable" not in paths


def test_where_the_checkers_ask_what_everybody_knows_only_wrong_paths_are_flooded() -> None:
    paths = guesses(["/healthz"])
    assert "/healthz" not in paths
    assert len(set(paths)) == 2


def test_no_two_strangers_guess_alike() -> None:
    assert guesses([])[1:] != guesses([])[1:]
