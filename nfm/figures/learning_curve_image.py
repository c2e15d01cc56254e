"""The loss of a finished training as an SVG image."""

from __future__ import annotations

import math
from collections.abc import Sequence

from nfm.epoch import Epoch
from nfm.figures.number_format import number
from nfm.figures.palette import BLUE, ORANGE, TEXT_ON_DARK, TEXT_ON_LIGHT

_WIDTH, _HEIGHT = 520, 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 16, 34, 40
_FONT = 15


def learning_curve_image(epochs: Sequence[Epoch], *, dark: bool = False) -> str:
    """Draw the loss on training and validation rows, epoch by epoch.

    Args:
        epochs: In order, at least two, with finite losses.
        dark: Whether the page is dark.
    """
    ink = TEXT_ON_DARK if dark else TEXT_ON_LIGHT
    curves = {
        "training": [(one.number, one.train.loss) for one in epochs],
        "validation": [(one.number, one.validation.loss) for one in epochs if one.validation],
    }
    high = _round_up(max(loss for points in curves.values() for _, loss in points))
    last = epochs[-1].number

    def across(epoch: float) -> float:
        return _LEFT + (epoch - 1) / (last - 1) * (_WIDTH - _LEFT - _RIGHT)

    def up(loss: float) -> float:
        return _HEIGHT - _BOTTOM - loss / high * (_HEIGHT - _TOP - _BOTTOM)

    def write(x: float, y: float, text: str, anchor: str = "middle") -> str:
        return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{ink}">{text}</text>'

    axes, lines = [write((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 4, "Epoch")], []
    for epoch in sorted({1, (1 + last) // 2, last}):
        axes.append(write(across(epoch), _HEIGHT - _BOTTOM + 18, str(epoch)))
    for loss in (0.0, high / 2, high):
        axes.append(
            f'<path d="M{_LEFT} {up(loss):.1f}H{_WIDTH - _RIGHT}" stroke="{ink}" '
            f'stroke-opacity="{0.15 if loss else 0.5}"/>'
            + write(_LEFT - 8, up(loss) + 5, number(loss), "end")
        )
    for place, (part, points) in enumerate(curves.items()):
        # As in the live chart, where the training curve is dashed.
        look = f'stroke="{(BLUE, ORANGE)[place]}" stroke-width="3" fill="none"'
        look += ' stroke-dasharray="7 4"' if part == "training" else ""
        left = _LEFT + 8 + 190 * place
        axes.append(f'<path d="M{left} 14h26" {look}/>')
        axes.append(write(left + 33, 19, f"Loss, {part}", "start"))
        path = " ".join(f"{across(epoch):.1f},{up(loss):.1f}" for epoch, loss in points)
        lines.append(f'<polyline points="{path}" {look}/>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'width="{_WIDTH}" height="{_HEIGHT}" font-size="{_FONT}" font-family="sans-serif">'
        f"{''.join(axes)}{''.join(lines)}</svg>"
    )


def _round_up(value: float) -> float:
    """Return the least round number that is at least a positive value."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if step * power >= value)
