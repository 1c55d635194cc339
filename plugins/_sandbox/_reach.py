"""What a confined program reaches beside its own folder: files and folders to read or to write, the network."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from plugins._sandbox._desk import Desk, _is_below
from plugins._sandbox._placeholders import Placeholders
from plugins._sandbox._standing import Standing

__all__ = ["NOWHERE", "Reach", "laid_over", "reach"]

_FOR_THE_NETWORK = (  # names of hosts, and whom to believe; no key of this machine's
    *("resolv.conf", "hosts", "nsswitch.conf", "gai.conf", "services", "protocols"),
    *("ssl/certs", "ssl/openssl.cnf", "ssl/cert.pem", "pki/tls", "pki/ca-trust", "ca-certificates"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Real paths. `read` and `write` may hold each other: the inner one counts, and
    nothing is written in what is read alone. `named` are other names under which
    some of them are known, each with the real one. `pinned`, `readonly` and `masked` as in `Guarded`."""

    read: tuple[str, ...] = ()
    write: tuple[str, ...] = ()
    named: tuple[tuple[str, str], ...] = ()
    pinned: tuple[str, ...] = ()
    readonly: tuple[str, ...] = ()
    masked: tuple[str, ...] = ()
    network: bool = False

    def trees(self) -> Iterator[list[object]]:
        """Each with whether it may be written, as the launcher is told."""
        for path in self._outer_first():
            yield [path, path in self.write]

    def system(self) -> list[str]:
        """Files and folders of the system that the network takes."""
        wanted = [os.path.join("/etc", name) for name in _FOR_THE_NETWORK] if self.network else []
        return [one for one in wanted if os.path.exists(one)]

    def words(self) -> list[str]:
        """The same for bubblewrap."""
        made = ["--share-net"] if self.network else []
        for path in self.system():  # often a link into a folder that is not there
            made += ["--ro-bind", os.path.realpath(path), path]
        for path in self._outer_first():
            made += ["--bind" if path in self.write else "--ro-bind", path, path]
        for name, path in self.named:
            made += ["--bind" if self._writes(path) else "--ro-bind", path, name]
        for path in self.pinned:
            made += ["--bind", path, path]
        return [*made, *laid_over(self.readonly, self.masked)]

    def _outer_first(self) -> list[str]:
        return sorted({*self.read, *self.write}, key=lambda path: (path.count("/"), path))

    def _writes(self, path: str) -> bool:
        holding = [one for one in self._outer_first() if _is_below(path, one)]
        return bool(holding) and holding[-1] in self.write


NOWHERE = Reach()


def laid_over(readonly: Sequence[str], masked: Sequence[str]) -> list[str]:
    """Words for bubblewrap that lay over what is not written, and what is not read either."""
    made = []
    for path in readonly:
        made += ["--ro-bind", path, path]
    for path in masked:
        made += ["--size", "4096", "--tmpfs", path, "--remount-ro", path] if os.path.isdir(path) else []
        made += ["--ro-bind", "/dev/null", path] if not os.path.isdir(path) else []
    return made


def reach(
    read: Mapping[str, str], write: Mapping[str, str], *, network: bool, hidden: Sequence[Path], holding: bool
) -> tuple[Reach, Placeholders, Sequence[Standing]]:
    """The reach to these paths, of which those that are there count, the placeholders that were made for it, and what
    stands at the names that it guards.

    Args:
        read: What is read: absolute paths, each with the real one.
        write: Folders that are read and written, in the same way.
        network: Whether it has the network.
        hidden: Absolute paths that it neither reads nor writes, present or absent.
        holding: Whether something can be laid over what is absent.
    """
    given = {name: real for name, real in {**read, **write}.items() if os.path.exists(real)}
    writes = tuple(dict.fromkeys(given[one] for one in write if one in given))
    reads = tuple(path for path in dict.fromkeys(given.values()) if path not in writes)
    trees = (*reads, *writes)
    names = [(name, path) for name, path in given.items() if not any(_is_below(name, tree) for tree in trees)]
    made = Reach(read=reads, write=writes, named=tuple(names), network=network)
    placed, standing = Placeholders(), list[Standing]()
    for tree in trees:
        # Landlock's rules only add up: what is read alone in a folder that is written must be guarded there.
        alone = [Path(one) for one in reads if tree in writes and _is_below(one, tree)]
        desk = Desk(root=tree, hidden=hidden, protected=alone, plain=True, placeholders=placed)
        guarded = desk.guarded(holding=holding and tree in writes)
        standing.append(desk.standing(only_read=tree not in writes))
        made = replace(
            made,
            pinned=(*made.pinned, *(guarded.pinned if tree in writes else ())),
            readonly=(*made.readonly, *guarded.readonly),
            masked=(*made.masked, *(one for one in guarded.masked if os.path.lexists(one))),
        )
    return made, placed, standing
