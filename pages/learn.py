"""Learn: what a neural factorization machine is, on cards with a figure to try each idea out."""

from nfm.ui.components import share_link
from nfm.ui.learn import steps

share_link.show_title("Learn", "learn")
steps.show()
steps.show_references()
