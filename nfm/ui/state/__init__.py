"""State that several pages share: the workspace, the current model, the values of forms."""
