"""Documents of any format as text: one converter for every room that reads documents.

`convert` tells the kind from the bytes, and from the name where they do not say; it reads the document in a process of
its own, which can be ended, and gives its text with places that can be cited. Nothing of a document is ever run, and
nothing that it names is fetched.
"""

from plugins._convert._document import Document, Limits, Part
from plugins._convert._process import convert

__all__ = ["Document", "Limits", "Part", "convert"]
