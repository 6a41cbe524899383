"""What was taken into the record: accounts, people and opportunities, each import with its snapshot."""
