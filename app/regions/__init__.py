"""The places of Guangdong: one province, its cities and its counties, as data that never changes at run time."""
