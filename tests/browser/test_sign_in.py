"""Sign-in: workspaces belong to accounts, and the browser's own can be taken over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Server, start_server
from tests.browser.steps import button
from tests.sign_in_provider import Provider, running_provider, sign_in_variables


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running_provider() as running:
        yield running


@pytest.fixture
def closed_server(repository: Path, tmp_path: Path, provider: Provider) -> Iterator[Server]:
    """An app that is only for those who have signed in."""
    variables = sign_in_variables(tmp_path, provider.issuer)
    running = start_server(repository, tmp_path, **variables)
    yield running
    running.stop()


def sign_in(page: Page, account: str) -> None:
    button(page, "Sign in").click()
    page.get_by_role("link", name=account, exact=True).click()
    expect(button(page, "Sign out")).to_be_visible()


def sign_out(page: Page) -> None:
    button(page, "Sign out").click()
    expect(button(page, "Sign in")).to_be_visible()


def upload(page: Page, name: str) -> None:
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": b"a,b\n1,x\n2,y\n3,x\n4,y\n" * 10}
    )
    expect(opened(page, name)).to_be_visible()


def opened(page: Page, name: str) -> Locator:
    """What Data says of the table that is open."""
    return page.locator("strong", has_text=name)


def test_each_account_has_its_own_tables(
    closed_server: Server, page: Page, open_app: Callable[..., None]
):
    def go(path: str) -> None:
        open_app(page, path, url=closed_server.url)

    for path in ("", "data", "train", "predict", "evaluate", "interactions", "learn"):
        go(path)
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        expect(page.locator("[data-testid=stMain] h1")).to_have_count(1)
        expect(page.get_by_role("link", name="Train")).to_be_hidden()

    sign_in(page, "ann")
    expect(page.get_by_text("Ann *Bold*", exact=True)).to_be_visible()
    go("data")
    upload(page, "of_ann.csv")
    sign_out(page)
    go("data")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.get_by_text("of_ann.csv")).to_be_hidden()

    sign_in(page, "ben")
    go("data")
    expect(opened(page, "Titanic")).to_be_visible()
    expect(page.get_by_text("of_ann.csv")).to_have_count(0)
    sign_out(page)

    sign_in(page, "ann")
    go("data")
    expect(opened(page, "of_ann.csv")).to_be_visible()
    assert "Traceback" not in closed_server.output(1_000_000)


def test_the_tables_of_the_browser_can_be_taken_over(
    repository: Path, tmp_path: Path, provider: Provider, page: Page, open_app: Callable[..., None]
):
    before = start_server(repository, tmp_path)
    open_app(page, "data", url=before.url)
    expect(button(page, "Sign out")).to_be_hidden()
    upload(page, "of_the_browser.csv")
    page.goto("about:blank")  # a tab that stays open notes that the server has gone
    before.stop()

    after = start_server(repository, tmp_path, **sign_in_variables(tmp_path, provider.issuer))
    try:
        open_app(page, "data", url=after.url)
        expect(page.get_by_text("of_the_browser.csv")).to_have_count(0)
        sign_in(page, "ben")
        expect(page.get_by_text("from before you signed in")).to_be_visible()
        button(page, "Leave them").click()
        expect(page.get_by_text("from before you signed in")).to_be_hidden()
        sign_out(page)

        sign_in(page, "ann")
        button(page, "Move to my account").click()
        expect(page.get_by_text("from before you signed in")).to_be_hidden()
        open_app(page, "data", url=after.url)
        expect(opened(page, "of_the_browser.csv")).to_be_visible()
        expect(page.get_by_text("from before you signed in")).to_have_count(0)
    finally:
        page.goto("about:blank")
        after.stop()


def test_a_provider_that_refuses_is_said(
    closed_server: Server, page: Page, open_app: Callable[..., None]
):
    message = page.get_by_text("the sign-in provider did not respond, or refused")
    open_app(page, url=closed_server.url)
    button(page, "Sign in").click()
    page.get_by_role("link", name="refuse").click()
    expect(message).to_be_visible()
    sign_in(page, "ann")
    expect(message).to_be_hidden()
