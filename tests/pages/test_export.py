"""What is exported from the Predict page, and opened again."""

from __future__ import annotations

import ast
import zipfile
from dataclasses import replace
from io import BytesIO

import pytest

from nfm.errors import JobError
from nfm.inference.bundle import load_bundle
from nfm.jobs.worker import training_job
from nfm.network_architecture import parameter_table
from nfm.tabular.samples import SAMPLES, sample_bytes

WORKSPACE = "w" * 43
NUMBERS = b"kind,weight,price\n" + b"a,1.5,10.25\nb,2.5,20.5\na,3.5,31.75\nb,,44.0\n" * 8


def titanic(lab):
    lab.open("data")
    return lab.trained(lab.store.dataset(WORKSPACE, lab.store.get_preference(WORKSPACE, "dataset")))


def exported(lab):
    app = lab.open("data")
    app.session_state["predict_tabs"] = "Export"
    return lab.go(app, "predict")


def labels(app):
    return [button.label for button in app.get("download_button")]


def upload(app, name, content):
    app.file_uploader[0].upload(name, content)
    app.run()
    assert not app.exception
    return app


def bundle_of(lab, run):
    return lab.store.bundle(WORKSPACE, run.id)


def test_sample_is_exported_with_a_script_that_finds_its_file(lab):
    titanic(lab)
    app = exported(lab)
    assert labels(app) == ["Model (.nfm)", "Settings (.json)", "Script (.py)"]
    script, usage = (code.value for code in app.code)
    assert 'read_table(\n    "data/titanic.csv",' in script
    assert 'trained.bundle.save("titanic-run-1.nfm")' in script
    ast.parse(script)
    ast.parse(usage)
    assert 'load_bundle("titanic-run-1.nfm")' in usage
    assert not app.metric


def test_files_are_named_after_the_run_also_after_it_was_renamed(lab):
    run = titanic(lab)
    for name, file in [("lr 0.001", "titanic-lr-0-001"), ("lr 0.005", "titanic-lr-0-005")]:
        lab.store.rename_run(WORKSPACE, run.id, name)
        script, usage = (code.value for code in exported(lab).code)
        assert f'trained.bundle.save("{file}.nfm")' in script
        assert f'load_bundle("{file}.nfm")' in usage


def test_upload_is_exported_with_its_data(lab):
    lab.trained(lab.add(NUMBERS, name="../Preise 2024;.CSV.gz", target="price"))
    app = exported(lab)
    assert labels(app)[-2:] == ["Script (.py)", "Data file"]
    assert '"preise-2024.csv.gz"' in app.code[0].value
    assert "predict_proba" not in app.code[1].value


def test_generated_sample_needs_no_file(lab):
    sample = lab.add(sample_bytes("xor"), name=SAMPLES["xor"].title)
    lab.store.set_preference(WORKSPACE, "sample.xor", sample.id)
    lab.trained(sample)
    assert 'frame = load_sample("xor")' in exported(lab).code[0].value


def test_keras_file_is_made_by_a_worker(lab, monkeypatch):
    run = titanic(lab)
    asked = []

    def call(function, *arguments):
        asked.append((function, arguments))
        return b"a keras file"

    monkeypatch.setattr(lab.engine, "call", call, raising=False)
    app = exported(lab)
    app.button(key="make_keras").click().run()
    assert not app.exception
    assert asked == [(training_job.keras_file, (bundle_of(lab, run),))]
    assert labels(app)[1] == "Keras model (.keras)"
    app.run()
    assert labels(app)[1] == "Keras model (.keras)"
    assert len(asked) == 1


def test_without_a_worker_the_keras_file_is_refused_in_a_sentence(lab, monkeypatch):
    def call(function, *arguments):
        raise JobError("There is *no* worker.")

    titanic(lab)
    monkeypatch.setattr(lab.engine, "call", call, raising=False)
    app = exported(lab)
    app.button(key="make_keras").click().run()
    assert not app.exception
    assert app.error[0].value == r"There is \*no\* worker."
    assert "Keras model (.keras)" not in labels(app)


def test_model_comes_back_as_the_current_one_with_an_ordinary_row(lab, texts):
    run = titanic(lab)
    content = bundle_of(lab, run)
    app = exported(lab)
    upload(app, "C:\\models\\**mine**.nfm", content)
    assert r"\*\*mine\*\*.nfm, opened from a file, predicts Survived." in texts(app)
    assert app.session_state["predict_tabs"] == "One row"
    fields = {box.label.split(" :")[0]: box for box in app.selectbox}
    # Most cabins are missing, so an ordinary passenger's is.
    assert fields["Cabin"].options[-2] == "(missing)"
    assert fields["Cabin"].format_func(fields["Cabin"].value) == "(missing)"
    assert app.metric[0].label == "Probability of survival"
    before = app.metric[0].value
    fields["Sex"].set_value(3 - fields["Sex"].value).run()
    assert app.metric[0].value != before
    opened = lab.store.runs(WORKSPACE)[0]
    assert opened.status == "opened"
    assert load_bundle(bundle_of(lab, opened)).to_bytes() == content


@pytest.mark.parametrize("page", ["data", "train", "evaluate", "learn"])
def test_other_pages_live_with_a_model_from_a_file(lab, texts, page):
    app = page_with_opened_model(lab)
    lab.go(app, page)
    if page == "train":
        assert "**Opened** from a file" in texts(app)
    if page == "evaluate":
        assert "is not available" in texts(app)
        assert not app.metric


def page_with_opened_model(lab):
    run = titanic(lab)
    app = upload(exported(lab), "mine.nfm", bundle_of(lab, run))
    app.session_state["predict_tabs"] = "Export"
    return app.run()


def test_model_from_a_file_shows_its_own_features_and_network_on_train(lab, texts):
    run = titanic(lab)
    page_with_opened_model(lab)
    lab.add(NUMBERS, target="price")
    app = lab.open("train")
    said = texts(app)
    assert "**mine.nfm**, opened from a file, predicts **Survived** from 8 columns" in said
    assert "Sex" in said
    assert "Its settings: Preset Recommended · Epochs 3" in said
    assert "Predict **price**" not in said
    assert "**Next run**, on table.csv" in said
    bundle = load_bundle(bundle_of(lab, run))
    parts = parameter_table(bundle.architecture)
    total = sum(part.count for part in parts)
    assert f"The network of mine.nfm: {total:,} parameters" in [box.label for box in app.expander]


def test_model_from_a_file_is_evaluated_and_explained_on_a_table(lab, texts, titanic):
    page_with_opened_model(lab)
    rows = titanic.head(300)[titanic.columns[::-1]]
    app = lab.open("evaluate")
    assert "is not available" in texts(app)
    upload(app, "**rows**.csv", rows.to_csv(index=False).encode())
    said = texts(app)
    assert "is not available" not in said.split("Would a simpler")[0]
    assert r"This page uses the rows of **\*\*rows\*\*.csv** instead" in said
    assert "Measured on **300 uploaded rows**" in said
    assert "in another order than in training" in said
    assert app.metric[0].label == "Accuracy"
    # Also after a refresh, and on the other pages.
    for page in ("evaluate", "interactions", "predict", "train", "learn", "data"):
        app = lab.open(page)
        assert not app.exception, page
        assert not app.error, page
        assert page == "evaluate" or "is not available" not in texts(app), page
    app = lab.open("predict")
    assert any(heading.value.startswith("Why") for heading in app.header)
    assert (
        lab.store.dataset(WORKSPACE, lab.store.get_preference(WORKSPACE, "dataset")).name
        == "Titanic"
    )
    app = lab.open("evaluate")
    app.button(key="model_table.leave").click().run()
    assert not app.exception
    assert "Choose a table to evaluate it on" in texts(app)


def test_model_is_evaluated_on_a_table_that_is_here_already(lab, texts):
    page_with_opened_model(lab)
    app = lab.open("interactions")
    table = lab.store.datasets(WORKSPACE)[0]
    lab.find(app, "Or one of your tables").set_value(table.id).run()
    assert not app.exception
    assert "This page uses the rows of **Titanic** instead" in texts(app)
    lab.store.delete_dataset(WORKSPACE, table.id)
    assert "is not available" in texts(lab.open("interactions"))


def test_table_that_does_not_fit_the_model_is_refused_and_not_kept(lab, texts):
    page_with_opened_model(lab)
    kept = lab.store.datasets(WORKSPACE)
    app = lab.open("evaluate")
    upload(app, "other.csv", NUMBERS)
    assert "**other.csv**: The file has none of the columns that the model needs" in texts(app)
    upload(app, "short.csv", b"Sex,Age,Survived\n" + b"male,22.5,1\nfemale,30,0\n" * 9)
    assert "The table lacks columns 'Pclass', 'SibSp'" in app.error[0].value
    assert lab.store.datasets(WORKSPACE) == kept


def test_model_of_a_deleted_table_is_evaluated_on_another(lab, texts, titanic):
    dataset = lab.add(titanic.to_csv(index=False).encode(), target="Survived")
    lab.trained(dataset)
    lab.store.delete_dataset(WORKSPACE, dataset.id)
    app = lab.open("evaluate")
    upload(app, "again.csv", titanic.to_csv(index=False).encode())
    assert "Measured on **891 uploaded rows**" in texts(app)
    lab.store.restore_dataset(WORKSPACE, dataset.id)
    assert "**178 test rows**" in texts(lab.open("evaluate"))


def test_model_from_a_file_is_exported_without_a_script(lab, texts, titanic):
    app = page_with_opened_model(lab)
    assert not app.exception
    assert labels(app) == ["Model (.nfm)", "Settings (.json)"]
    assert "Needs the table that the model was trained on" in texts(app)
    app.session_state["predict_tabs"] = "Many rows"
    app.run()
    upload(app, "rows.csv", titanic.head(30).to_csv(index=False).encode())
    assert "30 rows predicted" in texts(app)
    assert "30 rows are checked" in texts(app)


def test_first_visit_can_open_a_model(lab, texts):
    content = bundle_of(lab, titanic(lab))
    for run in lab.store.runs(WORKSPACE):
        lab.store.delete_run(WORKSPACE, run.id)
    app = lab.open("predict")
    assert "no trained model yet" in texts(app)
    upload(app, "mine.nfm", content)
    assert "opened from a file" in texts(app)
    assert app.metric[0].value


def test_model_that_claims_extreme_numbers_and_hostile_names_is_asked_safely(lab, texts):
    table = NUMBERS.replace(b"kind,weight", b"**k** :red[x],<b>w</b>")
    bundle = load_bundle(bundle_of(lab, lab.trained(lab.add(table, target="price"))))
    numeric = tuple(
        field.model_copy(update={"minimum": -1.7e308, "median": 0.5, "maximum": 1.7e308})
        for field in bundle.encoder.numeric
    )
    encoder = bundle.encoder.model_copy(update={"numeric": numeric})
    upload(exported(lab), "mine.nfm", replace(bundle, encoder=encoder).to_bytes())
    app = lab.open("predict")
    assert not app.error
    labels_of_fields = [widget.label for widget in [*app.selectbox, *app.number_input]]
    # Labels are what screen readers say; the name itself stands above, escaped.
    shown = [element.value for element in app.markdown]
    assert any(r"\*\*k\*\* \:red\[x\]" in text for text in shown)
    assert any(r"\<b>w\</b>" in text for text in shown)
    assert not any("\\" in label for label in labels_of_fields)
    app.number_input[0].set_value(1e308).run()
    assert not app.exception
    assert app.metric[0].value


def with_member(content, name, data):
    stream = BytesIO(content)
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr(name, data)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda content: b"", "not a bundle"),
        (lambda content: content[:-100], "only a part"),
        (lambda content: b"\x80\x04\x95" + content[:50], "not a bundle"),
        (lambda content: with_member(content, "../../evil.py", "x"), "nothing else"),
        (lambda content: content.replace(b"PK\x03\x04", b"PK\x03\x05", 1), "damaged"),
    ],
)
def test_file_that_is_no_bundle_is_refused_and_nothing_changes(lab, texts, damage, sentence):
    run = titanic(lab)
    app = upload(exported(lab), "**evil**.nfm", damage(bundle_of(lab, run)))
    assert sentence in app.error[0].value
    assert r"\*\*evil\*\*.nfm" in app.error[0].value
    assert lab.store.runs(WORKSPACE) == (lab.store.run(WORKSPACE, run.id),)
    assert "Run 1 predicts Survived" in texts(app)
