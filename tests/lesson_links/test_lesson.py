"""Lessons are written into an address and read back; whatever else stands there does no harm."""

from __future__ import annotations

from typing import get_args
from urllib.parse import parse_qs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from nfm.lesson_links.lesson import (
    MOST_CHARACTERS,
    SETTINGS,
    Lesson,
    nearest_preset,
    read_lesson,
    write_lesson,
)
from nfm.settings import PRESETS, Settings, make_settings
from nfm.tabular.kinds import Kind
from nfm.tabular.samples import SAMPLES
from nfm.tabular.splitting import SplitOptions

TEXT = st.text(min_size=1, max_size=12).filter(str.isprintable)
CHANGES = {
    "interaction": st.sampled_from(["linear", "fm", "nfm"]),
    "hidden_units": st.lists(st.integers(1, 4096), max_size=4).map(tuple),
    "learning_rate": st.floats(1e-9, 10),
    "batch_size": st.none() | st.integers(1, 1_000_000),
    "class_weight": st.sampled_from([None, "balanced"]),
    "regression_loss": st.sampled_from(["squared_error", "huber"]),
    "early_stopping": st.booleans(),
    "random_state": st.integers(0, 2**32 - 1),
}


@st.composite
def lessons(draw: st.DrawFn) -> Lesson:
    changed = draw(st.fixed_dictionaries({}, optional=CHANGES))
    preset = draw(st.sampled_from(sorted(PRESETS)))
    return Lesson(
        data=draw(st.sampled_from(sorted(SAMPLES))),
        settings=settings_of({**PRESETS[preset], **changed}),
        target=draw(st.none() | TEXT),
        features=draw(
            st.none() | st.lists(TEXT.filter(lambda name: "," not in name), min_size=1).map(tuple)
        ),
        kinds=draw(st.dictionaries(TEXT, st.sampled_from(get_args(Kind)), max_size=3)),
        split=SplitOptions(test_fraction=draw(st.floats(0, 0.9)), stratify=draw(st.booleans())),
        row=draw(st.none() | st.integers(1, 10_000_000)),
        edits=draw(st.dictionaries(TEXT, st.just("") | TEXT, max_size=3)),
        threshold=draw(st.none() | st.floats(0, 1)),
        hide=draw(st.booleans()),
    )


def settings_of(values: dict) -> Settings:
    """Settings without the validation share, which a link has with the split."""
    return make_settings({name: value for name, value in values.items() if name in SETTINGS})


def read(query: str):
    return read_lesson(parse_qs(query, keep_blank_values=True))


@settings(max_examples=30)
@given(lessons())
def test_a_lesson_is_read_as_it_was_written(lesson: Lesson):
    assert read(write_lesson(lesson)) == (lesson, ())


@given(
    st.dictionaries(
        st.sampled_from([*SETTINGS, "lesson", "data", "row", "hide", "preset", "features"])
        | st.sampled_from(["split.", "kind.", "edit."]).flatmap(lambda at: TEXT.map(at.__add__))
        | st.text(max_size=20),
        st.lists(st.text(max_size=30), max_size=3),
        max_size=6,
    )
)
def test_any_parameters_make_a_lesson_that_is_in_range(parameters: dict[str, list[str]]):
    lesson, problems = read_lesson({"lesson": ["1"], **parameters})
    assert Lesson.model_validate(lesson.model_dump()) == lesson
    assert all(problem.endswith(".") and problem.isprintable() for problem in problems)


def test_only_what_differs_from_the_nearest_preset_is_written():
    assert write_lesson(Lesson(settings=Settings())) == "lesson=1&preset=recommended"
    changed = settings_of({**PRESETS["article"], "epochs": 7})
    assert nearest_preset(changed) == ("article", {"epochs": 7})
    assert write_lesson(Lesson(settings=changed)) == "lesson=1&preset=article&epochs=7"


@pytest.mark.parametrize(
    ("parameter", "named"),
    [
        ("epochs=0", "'epochs' is '0'"),
        ("epochs=99999999", "10000"),
        ("epochs=five", "'epochs' is 'five'"),
        ("learning_rate=nan", "'learning_rate' is 'nan'"),
        ("hidden_units=64,x", "'hidden_units'"),
        ("interaction=gbm", "'linear', 'fm' or 'nfm'"),
        ("data=passwd", "choose one of titanic"),
        ("preset=best", "choose one of recommended"),
        ("threshold=1.5", "'threshold' is '1.5'"),
        ("row=0", "'row' is '0'"),
        ("random_state=1&random_state=2", "more than once"),
        ("validation_fraction=0.5", "no such field"),
        ("split.shares=1", "no such field"),
        ("edit.=1", "no such field"),
        ("shell=rm", "'shell' is 'rm': there is no such field"),
        ("kind.Age=number", "'kind.Age' is 'number'"),
        ("edit.Sex=a%00b", "cannot be printed"),
        ("edit.Sex=" + "a" * 201, "200 characters"),
    ],
)
def test_what_cannot_be_used_is_named_and_the_rest_is_used(parameter: str, named: str):
    data = "" if parameter.startswith("data") else "data=xor&"
    lesson, problems = read(f"lesson=1&dropout=0.5&{data}{parameter}")
    assert len(problems) == 1
    assert named in problems[0]
    assert lesson.settings is not None
    assert lesson.settings == make_settings({"dropout": 0.5})
    assert (lesson.row, lesson.edits, lesson.kinds, lesson.threshold) == (None, {}, {}, None)


@pytest.mark.parametrize(
    "query",
    [
        "lesson=2&epochs=7",
        "lesson=&epochs=7",
        "epochs=7",
        "lesson=1&epochs=7&edit.a=" + "x" * MOST_CHARACTERS,
        "lesson=1&epochs=7&" + "&".join(f"a{number}=1" for number in range(300)),
    ],
)
def test_a_link_of_another_version_or_without_measure_is_not_used_at_all(query: str):
    lesson, problems = read(query)
    assert lesson == Lesson()
    assert len(problems) == 1
    assert "Nothing of" in problems[0]


def test_a_long_hostile_value_is_shown_short():
    _, (problem,) = read("lesson=1&epochs=" + "%3Cscript%3E" * 100)
    assert len(problem) < 250


@pytest.mark.parametrize(
    "field", ["row=3", "edit.a=1", "kind.a=numeric", "target=a", "features=a,b"]
)
def test_what_belongs_to_a_table_needs_a_sample(field: str):
    lesson, (problem,) = read(f"lesson=1&{field}")
    assert lesson == Lesson()
    assert "belongs to a sample" in problem
    with pytest.raises(ValidationError):
        Lesson(row=3)


def test_a_link_from_before_copies_stayed_together_divides_as_it_did():
    lesson, problems = read("lesson=1&data=cars&split.test_fraction=0.3")
    assert problems == ()
    assert lesson.split == SplitOptions(test_fraction=0.3, keep_copies_together=False)
    assert read("lesson=1&data=cars")[0].split == SplitOptions(keep_copies_together=False)


@pytest.mark.parametrize("keep", ["auto", True, False])
def test_a_link_says_what_is_done_with_copies(keep):
    lesson = Lesson(data="cars", split=SplitOptions(keep_copies_together=keep))
    assert read(write_lesson(lesson)) == (lesson, ())
