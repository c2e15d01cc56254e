"""Colours of all figures.

A palette change touches this module, .streamlit/config.toml and nfm/ui/stylesheet.css.
"""

# After Okabe and Ito 2008, "Color Universal Design": colour-blind people can tell them apart.
# The contrast of each to the light and to the dark page is about 3:1 or more.
BLUE = "#0072B2"
ORANGE = "#D55E00"
GREEN = "#009E73"
PINK = "#CC79A7"
GREY = "#7F8A96"
# Text of images, which do not follow the page's theme by themselves.
TEXT_ON_LIGHT = "#2B3440"
TEXT_ON_DARK = "#E6EAF0"
FIELD_COLORS = (BLUE, ORANGE, GREEN, PINK, "#A6761D", "#6A51A3", "#56B4E9", GREY)
FIELD_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "star", "hexagon", "x")

# Opaque, so that the numbers in the cells are legible on a light and on a dark page.
SEQUENTIAL = ((0.0, "#EAF3FA"), (0.5, "#5AA0CE"), (1.0, "#04345A"))
DIVERGING = (
    (0.0, "#8A3B00"),
    (0.25, "#E08A4A"),
    (0.5, "#F2F2F2"),
    (0.75, "#5AA0CE"),
    (1.0, "#04345A"),
)

# Pale cells with dark text, legible on a light and on a dark page.
CORRECT_CELLS = ("#DCEBF6", "#6FAAD2")
WRONG_CELLS = ("#FBE6D8", "#E08A4A")
DARK_TEXT = "#16202C"
CELL_BORDER = "rgba(128,128,128,0.25)"
STRONG_CELL_BORDER = "rgba(128, 128, 128, 0.35)"
PALE_GREY = "rgba(127,138,150,0.12)"
# Behind a value that differs from the one beside it: orange, translucent.
HIGHLIGHT = "rgba(213, 94, 0, 0.25)"
# A mark on a heat map, and its outline.
MARK, MARK_OUTLINE = "#FFFFFF", "#000000"
# Nodes of the network's picture.
NODE_FIELD, NODE_VECTOR, NODE_POOL = "#F1F5F9", "#CFE5F5", "#FBD9C4"
NODE_LAYER, NODE_OUTPUT = "#CDEBDD", "#F3D9E8"
