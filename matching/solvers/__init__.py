"""One file per algorithm: `queue` ranks the offers of one request, `assignment` serves a whole set at once."""
