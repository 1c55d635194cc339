"""The hands of thinkact, and the face that plugin authors import."""
