from __future__ import annotations

import pickle

import pytest

from nfm.errors import BundleError, NFMError


def test_a_message_stays_as_it_is() -> None:
    assert str(NFMError("a" * 300)) == "a" * 300
    assert str(NFMError()) == ""


@pytest.mark.parametrize("kind", [NFMError, BundleError])
def test_a_long_message_keeps_what_happened_and_what_to_do(kind: type[NFMError]) -> None:
    message = str(kind(f"The file is damaged: {'9' * 4_000}: download it again."))
    assert len(message) == 300
    assert message.startswith("The file is damaged: 999")
    assert message.endswith("9: download it again.")


def test_an_error_survives_the_way_between_processes() -> None:
    error = pickle.loads(pickle.dumps(BundleError("x" * 400)))
    assert isinstance(error, BundleError)
    assert len(str(error)) == 300
