"""Shows every figure of the app in columns of one width, as the pages do: `?width=300`.

`?enlarged=true` draws them as Present does.

`streamlit run tests/figures/gallery_app.py` draws ECharts and Vega as SVG, whose texts a
browser test can measure.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import streamlit as st

from nfm.figures import enlarged
from tests.figures.gallery import FIGURES

st.set_page_config(layout="wide")
width = int(st.query_params.get("width", "300"))
wanted = st.query_params.get("only", "")
large = "enlarged" in st.query_params
st.title("Figures")
with st.container(horizontal=True):
    for number, (name, entry) in enumerate(FIGURES.items()):
        if wanted not in name:
            continue
        with st.container(width=width, key=f"figure_{number}"):
            figure = entry.draw()
            height = entry.height
            if large and height is not None:
                height = enlarged.enlarge(height)
            if entry.kind == "echarts":
                figure = enlarged.enlarged_option(figure) if large else figure
                st.echarts_chart(figure, height=height, renderer="svg", alt=name)
            elif entry.kind == "plotly":
                figure = enlarged.enlarged_figure(figure) if large else figure
                st.plotly_chart(figure, config={"displayModeBar": False}, alt=name)
            elif entry.kind == "vega":
                spec = figure.with_data()
                spec = enlarged.enlarged_specification(spec) if large else spec
                spec |= {"usermeta": {"embedOptions": {"renderer": "svg"}}}
                st.vega_lite_chart(spec, height=height, alt=name)
            else:
                st.graphviz_chart(figure, width="stretch", alt=name)
