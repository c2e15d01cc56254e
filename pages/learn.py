"""Learn: what a neural factorization machine is, on cards with a figure to try each idea out."""

from nfm.ui.components import page_head
from nfm.ui.learn import steps

page_head.show_title("Learn", "learn")
steps.show()
steps.show_references()
