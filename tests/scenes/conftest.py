from collections.abc import Callable, Iterator

import pytest

from tests.world import World


@pytest.fixture
def make_world() -> Iterator[Callable[..., World]]:
    """Makes worlds whose scenes are replayed at the end: the same events must lead to the same commands."""
    scenes: list[World] = []

    def make(**settings: object) -> World:
        scenes.append(World(**settings))  # type: ignore[arg-type]
        return scenes[-1]

    yield make
    for scene in scenes:
        assert scene.replayed() == [commands for _, commands in scene.log], "the scene does not replay to the same decisions"


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    return make_world()
