"""The network's picture."""

from __future__ import annotations

import re

import pytest

from nfm.figures.network_graph import describe_network, network_graph
from nfm.network_architecture import NetworkArchitecture
from nfm.settings import Settings
from nfm.tabular.encoded_table import EncodedShape

LAYOUT = EncodedShape(("Sex", "Cabin"), (3, 40), ("Age",), (16,), (True,))


def draw(layout=LAYOUT, outputs=1, target="Survived", task="binary", **settings):
    network = NetworkArchitecture(layout, Settings(**settings), outputs)
    return network_graph(network, target=target, task=task)


def arrows(graph):
    return set(re.findall(r"(\w+) -> (\w+)", graph))


def label(graph, node):
    found = re.search(rf'^{node} \[label="((?:[^"\\]|\\.)*)"', graph, re.MULTILINE)
    return found and found[1]


def test_one_field_of_one_level_is_not_spoken_of_in_the_plural():
    layout = EncodedShape(("Sex",), (1,), (), (), ())
    assert describe_network(NetworkArchitecture(layout, Settings(), 1)).startswith(
        "The network: 1 field,"
    )
    assert label(draw(layout), "field0") == "Sex\\n1 level"


def test_shapes_follow_the_settings():
    graph = draw(embedding_dim=8, hidden_units=(64, 32), activation="relu")
    assert label(graph, "field0") == "Sex\\n3 levels"
    assert label(graph, "vector1") == "40 × 8"
    assert label(graph, "field2") == "Age\\n16 bins + missing"
    assert label(graph, "vector2") == "17 × 8"
    assert label(graph, "pool") == "Bi-interaction\\n8 numbers"
    assert label(graph, "hidden1") == "Hidden 2\\n32 ReLU"
    assert label(graph, "prediction") == "Survived\\nsigmoid"
    assert {("vector0", "pool"), ("pool", "hidden0"), ("hidden1", "sum")} <= arrows(graph)


def test_factorization_machine_has_no_hidden_layers():
    graph = draw(interaction="fm")
    assert ("pool", "sum") in arrows(graph)
    assert "Hidden" not in graph
    assert "constant" not in graph


def test_linear_model_has_no_vectors():
    graph = draw(interaction="linear")
    assert arrows(graph) == {*((f"field{n}", "sum") for n in range(3)), ("sum", "prediction")}


def test_numbers_of_the_article_go_beside_the_pool():
    graph = draw(numeric="concat", numeric_scaling="none")
    assert {("field2", "values"), ("values", "hidden0"), ("vector0", "pool")} <= arrows(graph)
    assert label(graph, "vector2") is None


def test_numbers_alone_go_straight_into_the_first_layer():
    graph = draw(EncodedShape((), (), ("Age",), (0,), (False,)), numeric="concat")
    assert ("values", "hidden0") in arrows(graph)
    drawn = set(re.findall(r"^(\w+) \[label", graph, re.MULTILINE))
    assert {node for arrow in arrows(graph) for node in arrow} <= drawn


def test_without_hidden_layers_the_numbers_beside_the_pool_reach_the_sum():
    graph = draw(numeric="concat", hidden_units=())
    assert {("values", "sum"), ("pool", "sum")} <= arrows(graph)


def test_many_fields_are_summed_up():
    names = tuple(f"c{n}" for n in range(30))
    graph = draw(EncodedShape(names, (2,) * 30, (), (), ()))
    assert label(graph, "field9") == "21 more fields"
    assert label(graph, "field10") is None


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ('a"]\nevil [label="', 'a\\"] evil [label=\\"'),
        ("back\\slash\\N", "back\\\\slash\\\\N"),
        ("<b>&lt;</b>", "<b>&amp;lt;</b>"),
    ],
)
def test_hostile_names_stay_text(name, written):
    graph = draw(EncodedShape((name,), (2,), (), (), ()), target=name)
    assert label(graph, "field0").removesuffix("\\n2 levels") == written
    assert "\nevil" not in graph


def test_every_arrow_leads_from_and_to_something_drawn():
    for numeric in ("concat", "value", "piecewise"):
        for interaction in ("linear", "fm", "nfm"):
            for term in ("own", "shared"):
                graph = draw(numeric=numeric, interaction=interaction, linear_term=term)
                ends = {end for arrow in arrows(graph) for end in arrow}
                assert all(label(graph, end) for end in ends), graph


def test_output_of_several_classes():
    assert label(draw(outputs=4, task="multiclass"), "prediction") == "Survived\\nsoftmax of 4"
    assert "3 fields, embeddings of 32 numbers" in describe_network(
        NetworkArchitecture(LAYOUT, Settings(), 1)
    )
