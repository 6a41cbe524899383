"""How a cell becomes a value: one file a kind of value, each with a parser for one text and one for a column."""
