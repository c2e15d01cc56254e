"""What several pages share: whose data, which model, what the forms hold."""
