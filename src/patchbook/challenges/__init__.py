"""A rep asks for an account of a coming plan to be kept, dropped or added, and gets an answer."""
