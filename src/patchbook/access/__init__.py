"""Signing in: passwords, sessions, tokens, single sign-on, and the roles people hold."""

from patchbook.access.grants import Held, first_admin, grant, grants, principal, revoke
from patchbook.access.passwords import set_password, sign_in
from patchbook.access.session import NewToken, SignedIn, Token
from patchbook.access.sessions import begin, end_sessions, note_use, session_principal, sign_out
from patchbook.access.tokens import make_token, revoke_token, token_principal, tokens

__all__ = [
    "Held",
    "NewToken",
    "SignedIn",
    "Token",
    "begin",
    "end_sessions",
    "first_admin",
    "grant",
    "grants",
    "make_token",
    "note_use",
    "principal",
    "revoke",
    "revoke_token",
    "session_principal",
    "set_password",
    "sign_in",
    "sign_out",
    "token_principal",
    "tokens",
]
