from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from nfm.files.replacing import replacing


def write(path: Path, content: bytes) -> None:
    with replacing(path) as stream:
        stream.write(content)


def test_a_file_is_written(tmp_path: Path) -> None:
    write(tmp_path / "new", b"one")
    write(tmp_path / "new", b"two")
    assert (tmp_path / "new").read_bytes() == b"two"
    assert os.listdir(tmp_path) == ["new"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_what_was_there_stays_if_writing_does_not_end(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "model.nfm"
    path.write_bytes(b"before")

    def break_off() -> None:
        with replacing(path) as stream:
            stream.write(b"half")
            raise error

    with pytest.raises((KeyboardInterrupt, OSError)) as raised:
        break_off()
    assert path.read_bytes() == b"before"
    assert os.listdir(tmp_path) == ["model.nfm"]
    if isinstance(raised.value, OSError):
        assert raised.value.filename == str(path)


def test_permissions_and_links_stay(tmp_path: Path) -> None:
    path, link = tmp_path / "model.nfm", tmp_path / "link"
    path.write_bytes(b"before")
    path.chmod(0o640)
    link.symlink_to(path)
    write(link, b"after")
    assert link.is_symlink()
    assert path.read_bytes() == b"after"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_folder_that_is_missing_is_named_by_the_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as raised:
        write(tmp_path / "missing" / "file", b"")
    assert raised.value.filename == str(tmp_path / "missing" / "file")


def test_a_device_is_written_to() -> None:
    write(Path(os.devnull), b"text")
    assert not Path(os.devnull).is_file()
