"""Confines one program, keeps it within its limits, and ends with the one who asked for it; all that it started, too.

A program of its own, started by a plain Python without packages (`_ways.launcher_words`); it imports nothing of
thinkact but its own rooms, and loads little, as it stands between a program and its start: modules in C, and ctypes
where Landlock needs it. It reads its orders from its standard input (their length in eight bytes, then `marshal`), and
goes on holding that pipe: once it is closed, be it that the asker was killed, everything ends. How it ended is written
to the descriptor that the orders name, as a line of JSON. With the number of another descriptor behind its name the
orders come from there, and the program gets the launcher's own input and outputs.

It confines by one way, which the orders state whole. By the kernel of Linux (`_by_kernel`): `bwrap` (the arguments of
bubblewrap are in the orders) or `landlock` (mounts in namespaces of its own, where the orders want them; rules of
Landlock; a seccomp filter). By a program of the system (`_by_program`), whose words are in the orders: `sandbox-exec`,
whose children are found in the table of processes, or a container of `docker` or `podman`, which is ended by its name.
A way that does not work is a failure to start: nothing runs with less.
"""
