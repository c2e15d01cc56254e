"""Where the theory of the Learn page comes from."""

from __future__ import annotations

import streamlit as st


def show() -> None:
    """Draw the references."""
    with st.expander("References", icon=":material/menu_book:"):
        st.markdown(
            "- X. He and T.-S. Chua, *Neural Factorization Machines for Sparse Predictive "
            "Analytics*, SIGIR 2017: NFM, bi-interaction pooling, steps 3 to 9.\n"
            "- S. Rendle, *Factorization Machines*, ICDM 2010: FM and its sums in linear time, "
            "steps 2 and 4.\n"
            "- Y. Gorishniy, I. Rubachev and A. Babenko, *On Embeddings for Numerical Features in "
            "Tabular Deep Learning*, NeurIPS 2022: the vectors of numbers in step 6.\n"
            "- J. Duchi, E. Hazan and Y. Singer, *Adaptive Subgradient Methods*, JMLR 2011, and "
            "D. Kingma and J. Ba, *Adam*, ICLR 2015: step 8.\n"
            "- N. Srivastava et al., *Dropout*, JMLR 2014, and S. Ioffe and C. Szegedy, *Batch "
            "Normalization*, ICML 2015: step 9.\n\n"
            "Equation numbers are those of the article that this app follows."
        )
