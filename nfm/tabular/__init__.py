"""From a table to the codes and numbers that the network takes: schema, split, encoder."""
