"""A trial of a model: what works at its endpoint, asked with real requests within a short time."""
