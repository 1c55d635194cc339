"""The image room: pictures made, changed, looked at and judged. What it needs beyond the base is the extra `images`."""
