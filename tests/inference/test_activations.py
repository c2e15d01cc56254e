import numpy as np
import pytest
from scipy.special import ndtr

from nfm.inference.activations import gelu, relu, sigmoid, softmax

GRID = np.linspace(-20, 20, 4001, dtype=np.float32)


def test_gelu_is_the_exact_form() -> None:
    expected = GRID.astype(np.float64) * ndtr(GRID.astype(np.float64))
    assert gelu(GRID).dtype == np.float32
    np.testing.assert_allclose(gelu(GRID), expected, rtol=1e-6, atol=1e-6)


def test_sigmoid_stays_within_its_bounds_where_exp_overflows() -> None:
    values = sigmoid(np.array([-1e4, -1, 0, 1, 1e4], dtype=np.float32))
    assert values.dtype == np.float32
    np.testing.assert_allclose(values, [0, 0.26894143, 0.5, 0.7310586, 1], rtol=1e-6)


def test_softmax_stays_finite_where_exp_overflows() -> None:
    values = softmax(np.array([[1e4, 1e4, -1e4]], dtype=np.float32))
    assert values.dtype == np.float32
    assert values.tolist() == [[0.5, 0.5, 0.0]]


def test_relu_keeps_what_is_positive() -> None:
    assert relu(np.array([-1.0, 2.0])).tolist() == [0.0, 2.0]


@pytest.mark.filterwarnings("error")
def test_no_activation_warns() -> None:
    extreme = np.array([[-1e38, 1e38]], dtype=np.float32)
    for function in (sigmoid, softmax, relu):
        assert np.isfinite(function(extreme)).all()
