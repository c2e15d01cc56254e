"""Names of columns and levels: downloaded, filled in, uploaded, typed, and shown by a model."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
from playwright.sync_api import expect

from tests.browser.steps import button, key, train, wait_for_result, wait_until_drawn

TABLE = "zone,sqm,sold\n" + "".join(
    f"{'AB'[number % 2]},{40 + number // 2},{int(number % 2 and number > 20)}\n"
    for number in range(120)
)


def test_a_table_is_named_in_a_spreadsheet_and_by_typing(page, open_app):
    open_app(page, "data")
    files = page.get_by_test_id("stFileUploaderDropzoneInput")
    files.set_input_files({"name": "sales.csv", "mimeType": "text/csv", "buffer": TABLE.encode()})
    expect(page.get_by_text("sales.csv: 120 rows, 3 columns.")).to_be_visible()
    page.get_by_role("tab", name="Names").click()
    expect(button(page, "Restore")).to_be_disabled()
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()

    # The table of names is a canvas; its second row is the level A of zone.
    grid = key(page, "names_table").get_by_test_id("stDataFrame")
    grid.scroll_into_view_if_needed()
    grid.click(position={"x": 350, "y": 2.5 * 35})
    page.keyboard.press("Enter")
    page.locator("#portal textarea").wait_for()
    page.keyboard.type("Old town", delay=60)  # the table does not follow faster typing
    expect(page.locator("#portal textarea")).to_have_value("Old town")
    page.wait_for_timeout(300)
    page.keyboard.press("Enter")
    expect(button(page, "Restore")).to_be_enabled()
    row = page.get_by_role("textbox", name="A row is called")
    row.fill("house")
    row.press("Enter")

    names = pd.DataFrame()
    while "house" not in set(names.get("name", ())):  # until the row's name has been stored
        wait_until_drawn(page)
        with page.expect_download() as started:
            key(page, "names_download").get_by_role("button").click()
        if started.value.failure() is None:  # the row's name, stored meanwhile, replaces the file
            names = pd.read_csv(Path(started.value.path()), dtype=str, keep_default_na=False)
    names = names.set_index(["column", "level"])
    assert names.loc[("zone", "A"), "name"] == "Old town"
    names.loc[("zone", ""), "name"] = "Part of the town"
    names.loc[("sqm", ""), ["name", "unit"]] = ["Living area", "m²"]
    names.loc[("sold", "1"), "probability"] = "Probability of a sale"
    names.loc[("elsewhere", ""), "name"] = "Of another table"
    written = io.BytesIO()
    names.reset_index().to_csv(written, sep=";", index=False)
    files.last.set_input_files(
        {"name": "names.csv", "mimeType": "text/csv", "buffer": written.getvalue()}
    )
    expect(page.get_by_text("The uploaded names are also for 'elsewhere'")).to_be_visible()

    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_function(
        "() => (main => main.scrollWidth <= main.clientWidth)"
        "(document.querySelector('[data-testid=stMain]'))"
    )
    page.set_viewport_size({"width": 1280, "height": 720})
    button(page, "Next: train a model").click()
    train(page)
    wait_for_result(page)
    button(page, "Next: make a prediction").click()
    expect(key(page, "prediction")).to_contain_text("Probability of a sale")
    expect(page.get_by_role("spinbutton", name="Living area (m²)")).to_be_visible()
    expect(page.get_by_role("combobox", name="Part of the town")).to_have_value("Old town")
    expect(page.get_by_text("this house's values")).to_be_visible()
