"""What free text gives away: danger, private data, contacts, fees, and likeness to another text."""
