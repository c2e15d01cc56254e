"""What people take away: a run as a script, as a record."""
