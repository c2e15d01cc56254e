"""What the pages share: the only place besides the pages where Streamlit is imported."""
