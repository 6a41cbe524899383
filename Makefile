UV ?= .venv/bin/uv
