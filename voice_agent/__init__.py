"""A support line that answers the phone, from the company's own documents, and hands over to a person."""

__version__ = "0.1.0"
