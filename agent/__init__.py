"""The deciding half of thinkact: it thinks, asks leave, acts and tells."""
