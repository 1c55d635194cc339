"""The archive: what there is to see, compare, take back and count in runs that are kept."""
