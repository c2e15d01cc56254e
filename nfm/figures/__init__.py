"""Charts: functions from data to a figure of Plotly, ECharts, Vega-Lite or Graphviz."""
