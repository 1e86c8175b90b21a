"""« Mon commerce »: what the people of a shop do with its listing."""
