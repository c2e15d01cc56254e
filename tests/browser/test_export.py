"""Many rows in and out, and a model that moves to another person's browser."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pandas as pd
from playwright.sync_api import Page, expect

from tests.browser.steps import key, train, wait_for_result

# A worker, another test and the browser may share two cores.
PATIENCE = 60_000


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()


def upload(page: Page, name: str, content: bytes) -> None:
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )


def download(page: Page, name: str) -> tuple[str, bytes]:
    """Click on a download, and return the file's name and bytes."""
    with page.expect_download() as started:
        key(page, name).get_by_role("button").first.click()
    return started.value.suggested_filename, Path(started.value.path()).read_bytes()


def predict(page: Page, content: bytes) -> pd.DataFrame:
    """Have a file predicted, and return what is downloaded."""
    tab(page, "Many rows")
    upload(page, "new passengers.csv", content)
    expect(page.get_by_text("new passengers.csv: 891 rows predicted.")).to_be_visible(
        timeout=PATIENCE
    )
    expect(page.get_by_test_id("stDataFrame")).to_be_visible(timeout=PATIENCE)
    name, predictions = download(page, "download_predictions")
    assert name == "predictions-new-passengers.csv"
    return pd.read_csv(io.BytesIO(predictions))


def test_rows_are_predicted_and_the_model_moves_to_another_browser(
    page: Page, new_page, open_app, titanic: pd.DataFrame
) -> None:
    rows = titanic.drop(columns="Survived").assign(Name="=1+1", Notes="-2+3")
    content = rows.to_csv(index=False).encode()
    page.set_default_timeout(PATIENCE)
    open_app(page, "train")
    train(page)
    wait_for_result(page)
    page.get_by_role("button", name="Next: make a prediction").click()
    expect(page.get_by_test_id("stMetricValue").first).to_contain_text("%", timeout=PATIENCE)

    predictions = predict(page, content)
    assert predictions["PassengerId"].tolist() == titanic["PassengerId"].tolist()
    assert set(predictions["Name"]) == {"'=1+1"}
    assert set(predictions["Notes"]) == {"'-2+3"}
    assert (predictions["predicted_Survived"] == titanic["Survived"]).mean() > 0.75
    expect(page.get_by_text("The file has the target")).to_have_count(0)
    name, submission = download(page, "download_submission")
    submitted = pd.read_csv(io.BytesIO(submission))
    assert name == "submission.csv"
    assert submission.startswith(b"PassengerId,Survived\n1,")
    assert submitted["Survived"].tolist() == predictions["predicted_Survived"].tolist()

    tab(page, "Export")
    name, bundle = download(page, "download_bundle")
    assert name == "titanic-run-1.nfm"
    name, record = download(page, "download_record")
    assert json.loads(record)["test_metrics"]["accuracy"] > 0.7
    assert 'read_table(\n    "data/titanic.csv"' in download(page, "download_script")[1].decode()
    key(page, "make_keras").get_by_role("button").first.click()
    expect(key(page, "download_keras")).to_be_visible(timeout=PATIENCE)
    name, network = download(page, "download_keras")
    assert (name, network[:2]) == ("titanic-run-1.keras", b"PK")

    other = new_page()
    other.set_default_timeout(PATIENCE)
    open_app(other, "predict")
    expect(other.get_by_text("There is no trained model yet")).to_be_visible(timeout=PATIENCE)
    upload(other, "evil.nfm", bundle[: len(bundle) // 2])
    expect(other.get_by_test_id("stAlert")).to_contain_text("only a part of one", timeout=PATIENCE)
    upload(other, "theirs.nfm", bundle)
    expect(other.get_by_text("theirs.nfm, opened from a file, predicts Survived.")).to_be_visible(
        timeout=PATIENCE
    )
    expect(other.get_by_test_id("stMetricValue").first).to_contain_text("%", timeout=PATIENCE)
    pd.testing.assert_frame_equal(predict(other, content), predictions)
    other.reload()
    expect(other.get_by_text("theirs.nfm, opened from a file, predicts Survived.")).to_be_visible(
        timeout=PATIENCE
    )
