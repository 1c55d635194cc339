"""`plugins test`: a plugin is read, loaded and called in a process of its own, and what is wrong with it is told."""
