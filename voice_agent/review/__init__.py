"""What the documents lack or get wrong, for the people who own them: from the documents themselves, and from what callers asked."""
