"""The texts of the Learn page, in the order in which they are read."""

from __future__ import annotations

import numpy as np

from nfm.teaching.card import LearnCard, LearnStep, Question, changed, set_to
from nfm.teaching.pooling import EXAMPLE
from nfm.teaching.truth_table import parity

EXAMPLE_ROWS = tuple((1.0, *vector) for vector in EXAMPLE)
"""Rows of the calculator at first: x and the vector of each feature."""

# In the order of `input_rows`: the first switch changes slowest.
_ONLY_SECOND = (False, True, False, True)
_OPPOSITE = (True, False, False, True)
_ALL_THREE_UP = (False,) * 7 + (True,)

STEPS = (
    LearnStep(
        "1 Why pairs",
        (
            LearnCard(
                "One lamp, two switches: why is adding up not enough?",
                "Two switches on a staircase control one lamp: flipping either one changes it. "
                "One switch alone tells you nothing about the lamp. Both together tell you "
                "everything.",
                "two_switches",
                "Correct answer",
                "the grey diamonds",
                "Turn the lamp on for other switch positions. The diamonds follow.",
                changed("on"),
            ),
            LearnCard(
                "A linear model adds up",
                "Logistic regression gives every feature a weight, adds the weights up and turns "
                "the sum into a probability. If one switch alone decides, that works.",
                "two_switches",
                "Linear",
                "the bars of Linear",
                "Turn the lamp on for ↓↑ and ↑↑ only: it follows switch 2.",
                set_to("on", _ONLY_SECOND),
            ),
            LearnCard(
                "One weight can't do both",
                "On the staircase, flipping switch 1 must raise the sum while switch 2 is down, "
                "and lower it while switch 2 is up. One weight can't: Linear says 50% everywhere.",
                "two_switches",
                "Linear",
                "the bars of Linear",
                "Wire the opposite staircase: on for ↓↓ and ↑↑ only.",
                set_to("on", _OPPOSITE),
            ),
            LearnCard(
                "An interaction: two columns act together",
                "On the Titanic, second class instead of third raised survival of women from "
                "50% to 92%, but of men only from 14% to 16%: the effect of class depended on "
                "sex. A factorization machine (FM) learns that.",
                "two_switches",
                "FM",
                "the bars of FM",
                "Turn the lamp on in any three positions.",
                lambda now, _start: sum(now["on"]) == 3,
            ),
            LearnCard(
                "Does every lamp need pairs?",
                "Two columns may matter without acting together. Try it.",
                "two_switches",
                "scores",
                "the scores below the chart",
                "Turn the lamp on for ↑↑ only. How many of the four positions does Linear get "
                "right?",
                question=Question(
                    ("0", "2", "4"),
                    "4",
                    "Each switch raises the sum, and only both lift it above one half: "
                    "adding up is enough.",
                ),
            ),
        ),
    ),
    LearnStep(
        "2 Vectors",
        (
            LearnCard(
                "Where do the weights of all pairs come from?",
                "The obvious fix is a weight for every pair of features. But there are very many "
                "pairs, and most of them hardly ever occur, so their weights cannot be learned.",
                "pair_counts",
                "pairs",
                "the number of pair weights",
                "Move n to 1,000,000 features.",
                set_to("features", 1_000_000),
            ),
            LearnCard(
                "A vector per feature",
                "A factorization machine gives every feature a short vector of k numbers, its "
                "factors. The weight of a pair is the inner product of both vectors: large if they "
                "point in similar directions, negative in opposite ones.",
                "pair_counts",
                "vectors",
                "the count with vectors",
                "Set k to 4 and compare both counts.",
                set_to("size", 4),
            ),
            LearnCard(
                "Vectors are learned",
                "The FM learned these vectors from your lamp. A pair that never occurred has a "
                "weight, too: each of its two features learned its vector in other pairs.",
                "learned_vectors",
                "map",
                "the map: one row per feature, one column per factor",
                "Turn the lamp on for other switch positions. The vectors change.",
                changed("on"),
            ),
            LearnCard(
                "What is the weight of a pair?",
                "The table holds the inner products of the vectors above: the weights of the four "
                "pairs.",
                "learned_vectors",
                "weights",
                "the table of pair weights",
                "Turn the lamp on for ↓↑ and ↑↓ only. Which sign has the weight of both switches "
                "up?",
                question=Question(
                    ("Positive", "Negative"),
                    "Negative",
                    "With both switches up the lamp is off, so this pair must lower the sum.",
                ),
            ),
        ),
    ),
    LearnStep(
        "3 Pooling",
        (
            LearnCard(
                "What does the bi-interaction layer pass on?",
                "An FM reduces every pair to one number. An NFM stops one step earlier: it "
                "multiplies the two vectors factor by factor, written ⊙, and keeps the result.",
                "pair_products",
                "products",
                "the table of pairs",
                "Change any number of the vectors. The products follow.",
                changed("rows"),
            ),
            LearnCard(
                "One vector for all pairs",
                "The bi-interaction adds the products up over all pairs. However many features a "
                "row has, k numbers come out: one summary of all pairs for each factor.",
                "pair_products",
                "result",
                "the result below the table",
                "Set an x to 0: its pairs vanish from the result.",
                lambda now, _start: any(row[0] == 0 for row in now["rows"]),
            ),
            LearnCard(
                "Two sums give the same",
                "Square the sum of the vectors, subtract the sum of their squares, and halve: "
                "$(a+b)^2 - a^2 - b^2 = 2ab$. The layer has no weights of its own.",
                "two_sums",
                "sums",
                "the table of sums",
                "Change a number: both ways still give the same result.",
                changed("rows"),
            ),
            LearnCard(
                "What does an FM keep?",
                "An FM goes one step further and adds the k numbers up.",
                "two_sums",
                "result",
                "the result below the table",
                "Reset the calculator. To which number would an FM add up the result?",
                question=Question(
                    ("31", "60", "120"),
                    "60",
                    "19 + 10 + 27 + 4 = 60: an FM keeps this number, an NFM the four.",
                ),
            ),
        ),
    ),
    LearnStep(
        "4 Cost",
        (
            LearnCard(
                "Aren't there far too many pairs?",
                "Visiting the pairs one by one takes about n² steps: twice the fields, four times "
                "the work.",
                "cost",
                "Pair by pair",
                "the line Pair by pair",
                "Press Measure again: the times change a little, the slope stays.",
                changed("measured"),
            ),
            LearnCard(
                "Two sums are cheap",
                "By two sums the work grows like n: twice the fields, twice the work. The result "
                "is the same, so an NFM can afford all pairs of a row.",
                "cost",
                "By two sums",
                "the line By two sums",
                "Set k to 64 and compare both lines.",
                set_to("size", 64),
            ),
            LearnCard(
                "How much do two sums save?",
                "The cards below the chart count the multiplications and measure the time.",
                "cost",
                "multiplications",
                "the number of multiplications",
                "With 512 fields, how many times as many multiplications do the pairs need?",
                question=Question(
                    ("2", "23", "255"),
                    "255",
                    "For each factor, 512 · 511 / 2 pairs stand against 513 products.",
                ),
            ),
        ),
    ),
    LearnStep(
        "5 Network",
        (
            LearnCard(
                "Three switches: what does the network on top add?",
                "With a third switch on the staircase, a pair no longer tells you anything: only "
                "all three do. An FM adds its pairs, so it fails as the linear model did before.",
                "three_switches",
                "FM",
                "the bars of FM",
                "Turn the lamp on for ↑↑↑ only: now the FM is right.",
                set_to("on", _ALL_THREE_UP),
            ),
            LearnCard(
                "A network combines the pairs",
                "An NFM puts a small network on the pooled pairs instead of adding them up. Its "
                "hidden layer weights them and bends the sums, so it can combine pairs.",
                "three_switches",
                "NFM",
                "the bars of NFM",
                "Wire the opposite: on for ↓↓↓, ↓↑↑, ↑↓↑ and ↑↑↓.",
                set_to("on", tuple(not on for on in parity(3))),
            ),
            LearnCard(
                "Three models in one",
                "An NFM is a bias, a weight per feature and a network on the pooled pairs. Without "
                "hidden layers it can be an FM, without vectors a linear model.",
                "three_switches",
                "scores",
                "the scores below the chart",
                "Find a lamp on which Linear fails and the FM does not.",
                lambda now, _start: now["right"]["linear"] < 8 == now["right"]["fm"],
            ),
            LearnCard(
                "Which model is enough?",
                "Choose the simplest model that is right everywhere.",
                "three_switches",
                "scores",
                "the scores below the chart",
                "Let only switches 1 and 2 count: on for ↓↑↓, ↓↑↑, ↑↓↓ and ↑↓↑. Which model is "
                "enough?",
                question=Question(
                    ("Linear", "FM", "NFM"),
                    "FM",
                    "The lamp depends on one pair, and an FM learns pairs: it needs no network.",
                ),
            ),
        ),
    ),
    LearnStep(
        "6 One row",
        (
            LearnCard(
                "How does one row go through a trained model?",
                "Each value of the row becomes an id, or a position among the bins of its column. "
                "The model looks up its weight w and its vector.",
                "look_up",
                "fields",
                "the table, above all its column Looked up",
                "Choose another row: the model looks up other rows of its tables.",
                changed("row"),
            ),
            LearnCard(
                "A vector for each value",
                "The vectors were learned in training. Values with the same effect on every pair "
                "have similar vectors.",
                "row_vectors",
                "vectors",
                "the map: one row per column of your table",
                "Choose another row and see which vectors change.",
                changed("row"),
            ),
            LearnCard(
                "The pairs are pooled",
                "The bi-interaction multiplies the vectors of all pairs factor by factor and adds "
                "them up. The network learns about pairs from these numbers only.",
                "pooled",
                "pooled",
                "the bars: one per factor",
                "Choose another row: the bars change.",
                changed("row"),
            ),
            LearnCard(
                "Hidden layers combine them",
                "Each unit weights its inputs, adds them up and applies the activation. With ReLU, "
                "a sum below zero becomes zero: the unit is inactive.",
                "hidden",
                "hidden",
                "the bars: one per unit",
                "Choose another row: other units are active.",
                changed("row"),
            ),
            LearnCard(
                "Which part never changes?",
                "Bias, weights and network are added up to the raw value. For two classes, a "
                "sigmoid turns it into a probability.",
                "prediction",
                "parts",
                "the table of parts",
                "Choose other rows. Which part stays the same?",
                question=Question(
                    ("The bias", "The weights", "The part from the pairs"),
                    "The bias",
                    "The bias belongs to the model; the other parts depend on the row's values.",
                ),
            ),
        ),
    ),
    LearnStep(
        "7 Gradient",
        (
            LearnCard(
                "How do the vectors learn?",
                "Training moves every number a little in the direction that makes the loss "
                "smaller. For that it needs the gradient: how the result changes with each number.",
                "gradient",
                "measured",
                "the row Measured with h",
                "Choose another h: the measured gradient hardly changes.",
                changed("h"),
            ),
            LearnCard(
                "A feature learns from the others",
                "The gradient of a vector is the sum of the other vectors in the row. A feature "
                "that is alone in its row learns nothing from pairs.",
                "gradient",
                "formula",
                "the row Equation 5",
                "Change the vector of another row.",
                changed("row"),
            ),
            LearnCard(
                "Which gradient has row 1?",
                "The article's example has the vectors [3, 0, 1, 0], [1, 2, 3, 4] and "
                "[4, 5, 6, 1].",
                "gradient",
                "formula",
                "the row Equation 5",
                "What does equation 5 give for row 1 of the example?",
                question=Question(
                    ("[3, 0, 1, 0]", "[5, 7, 9, 5]", "[8, 7, 10, 5]"),
                    "[5, 7, 9, 5]",
                    "It is the sum of the other two vectors, [1, 2, 3, 4] and [4, 5, 6, 1].",
                ),
            ),
        ),
    ),
    LearnStep(
        "8 Optimisers",
        (
            LearnCard(
                "Same start, same gradient: which rule gets down?",
                "SGD steps against the gradient with the same rate for every weight. Here the rate "
                "is too large for the steep side: each step overshoots, farther each time.",
                "descent",
                "SGD",
                "the path of SGD",
                "Set the learning rate to 0.03.",
                set_to("rate", 0.03),
            ),
            LearnCard(
                "Adagrad: a rate for each weight",
                "Adagrad divides each step by the size of all gradients of that weight so far. So "
                "steep and flat weights advance alike, and the vector of a rare level still moves.",
                "descent",
                "Adagrad",
                "the path of Adagrad",
                "Set the steepness to 100: Adagrad's path stays.",
                set_to("steepness", 100),
            ),
            LearnCard(
                "Adam: averages that forget",
                "Adam uses moving averages of the gradient and of its square, so that old "
                "gradients fade. It is this app's default; the article recommends Adagrad.",
                "descent",
                "Adam",
                "the path of Adam",
                "Set the number of steps to 160.",
                set_to("steps", 160),
            ),
            LearnCard(
                "How large may the rate be?",
                "SGD stays in the valley if its steps are small enough for the steep side.",
                "descent",
                "SGD",
                "the path of SGD",
                "Set the steepness to 30. Which of these rates is the largest at which SGD gets "
                "down?",
                question=Question(
                    ("0.01", "0.03", "0.1"),
                    "0.03",
                    "Above 2 divided by the steepness, here 0.067, each step leaps farther.",
                ),
            ),
        ),
    ),
    LearnStep(
        "9 Overfitting",
        (
            LearnCard(
                "How does a network learn rules instead of memorising rows?",
                "A small NFM learns 400 made-up rows; 1,000 others check it. Where the validation "
                "loss rises while the training loss falls, it overfits: early stopping ends "
                "there.",
                "overfitting",
                "Validation",
                "the line Validation",
                "Set dropout to 0.5: the line stays down.",
                set_to("dropout", 0.5),
            ),
            LearnCard(
                "Dropout: no factor is always there",
                "In each training step, dropout sets a random share p of the factors to 0 and "
                "scales the rest up. So no unit can rely on another one.",
                "batch",
                "values",
                "the six rows of the batch",
                "Set dropout to 0.5, then press Draw again.",
                changed("draw"),
            ),
            LearnCard(
                "Batch norm: the same scale for all factors",
                "Batch norm subtracts each factor's mean in the batch and divides by its "
                "standard deviation. Two learned numbers per factor can undo it.",
                "batch",
                "moments",
                "the mean and standard deviation of each factor",
                "Set dropout to 0 and switch on batch norm.",
                lambda now, _start: now["norm"] and not now["dropout"],
            ),
            LearnCard(
                "What happens during prediction?",
                "Dropout and batch norm treat training and prediction differently.",
                "batch",
                "values",
                "the values of the batch",
                "Set dropout to 0.5 and choose prediction. How many factors are set to 0?",
                question=Question(
                    ("About half", "None", "All"),
                    "None",
                    "During prediction the network keeps all factors.",
                ),
            ),
        ),
    ),
)


def rows_state(numbers: np.ndarray, vectors: np.ndarray) -> tuple[tuple[float, ...], ...]:
    """Return the calculator's rows as they stand in a figure's state.

    Args:
        numbers: x of each feature, float64 (n,).
        vectors: v of each feature, float64 (n, k).
    """
    return tuple(
        (float(x), *map(float, vector)) for x, vector in zip(numbers, vectors, strict=True)
    )
