"""The demo's data: real public companies, and made-up people, owners and opportunities that say so."""
