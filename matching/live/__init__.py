"""The live state: one exact best assignment that is kept up while people and offers come and go."""
