"""Rules of engagement in the record: registrations, claims, time-outs, who owns a family, and the document of it all."""
