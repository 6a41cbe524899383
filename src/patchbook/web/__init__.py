"""The edge towards browsers: for now a small server that shows reports."""
