"""Signing in: passwords, sessions, tokens, single sign-on, and the roles people hold."""
