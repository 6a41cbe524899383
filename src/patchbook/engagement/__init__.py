"""Rules of engagement in the record: registrations, claims, time-outs, families, and the document of it all."""
