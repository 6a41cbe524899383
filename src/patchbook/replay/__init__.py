"""Past leads and deals through a plan and its routing, beside what really happened. Nothing is written."""
