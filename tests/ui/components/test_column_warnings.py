"""What is said about results that are close to perfect, and about memorised columns."""

from __future__ import annotations

from nfm.evaluation.memorised_columns import MemorisedColumn
from nfm.evaluation.perfect_score import ColumnScore, PerfectScore
from nfm.tabular.split_summary import CopyCount
from nfm.ui.components.column_warnings import _button, explanation, memorised_explanation
from nfm.ui.data.split_form import copies_sentence


def found(cause, *columns: ColumnScore, known: int = 0, number: bool = False) -> PerfectScore:
    return PerfectScore(cause, "y_1", number, columns, known, 120, "test")


def test_the_column_is_named_with_what_it_does_alone() -> None:
    said = explanation(found("columns", ColumnScore("<b>x</b>", 1.0, True)))
    assert "**\\<b>x\\</b>** alone determines y_1" in said
    assert "it is right for 100.0% of the rows" in said
    assert "ignore it and train again" in said
    nearly = explanation(found("columns", ColumnScore("x", 0.98, True), number=True))
    assert "alone nearly determines" in nearly
    assert "explains 98.0% of the variance" in nearly


def test_what_is_ignored_already_is_not_to_be_ignored_again() -> None:
    one = found("columns", ColumnScore("x", 1.0, True))
    said = explanation(one, ["x"])
    assert said.endswith("It is ignored when you train again.")
    assert "ignore it" not in said
    two = found("columns", ColumnScore("x", 1.0, True), ColumnScore("z", 1.0, True))
    said = explanation(two, ["x"])
    assert "**x** is ignored when you train again, **z** is not." in said
    assert said.endswith("If it is known only after the outcome, ignore it too.")


def test_each_button_names_its_columns() -> None:
    assert _button(["x"]) == "Ignore x"
    assert _button(["x", "z"]) == "Ignore x and z"
    assert _button(["x", "z", "w"]) == "Ignore x, z and w"
    assert _button(["x", "z", "w", "v"]) == "Ignore x, z, w and 1 more"


def test_several_columns_are_counted() -> None:
    said = explanation(found("columns", *(ColumnScore(f"c{k}", 1.0, True) for k in range(5))))
    assert "**c0**, **c1**, **c2** and 2 more each alone determine y_1" in said


def test_without_a_culprit_nobody_is_accused() -> None:
    copies = explanation(found("copies", ColumnScore("x", 0.6, False), known=90))
    assert "90 of 120 test rows are equal to a training row" in copies
    assert "Keep together" in copies
    together = explanation(found("together", ColumnScore("x", 0.6, False)))
    assert "No single column explains it" in together
    assert "The best column, x, alone is right for 60.0% of the rows" in together


def test_a_memorised_column_is_named_with_its_loss_and_with_what_to_try() -> None:
    worse = MemorisedColumn("<i>flight</i>", 1165, 0.0411, -0.0083, 0.0035)
    said = memorised_explanation([worse], [worse.column])
    assert said == (
        "**\\<i>flight\\</i> seems memorised.** Its 1,165 levels lower the loss on the training "
        "rows by 0.041, but not on the validation rows: there, the loss would be 0.0083 lower with "
        "every level replaced by (other). Ignore it and train again, and compare the validation "
        "loss."
    )
    level = MemorisedColumn("state", 52, 0.01, -0.0004, 0.0036)
    both = memorised_explanation([worse, level], [])
    assert "The same holds for **state**. Train again without what is ignored now" in both
    assert "the loss would be the same within its standard error" in memorised_explanation(
        [level], ["state"]
    )


def test_copies_are_counted_in_words() -> None:
    assert copies_sentence(CopyCount(2000, 12, False, False)) == (
        "2,000 rows repeat another row (not counting the target): 12 different rows in all. "
        "With so few different values per column, repeats are expected by chance, so these rows "
        "are split like all others."
    )
    assert copies_sentence(CopyCount(2000, 200, True, True)).endswith(
        "Copies are kept in the same part."
    )
    assert "look better than they are" in copies_sentence(CopyCount(2000, 200, True, False))
