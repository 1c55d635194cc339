"""Tab completion: what could come next on a command line of thinkact, for bash, zsh and fish.

The shell's own script (`scripts`) asks `thinkact _complete SHELL …`; `answering` finds what fits by the commands'
parameters, which name a function of `values` as their `autocompletion`; `splitting` knows how bash cuts a line. What is
answered is text that no shell ever evaluates: goals and file names are other people's words.
"""
