"""`make bench`: how fast the public pages are, as ratios to bare Django views in the same run."""
