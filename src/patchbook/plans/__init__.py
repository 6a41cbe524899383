"""How a market is divided.

A plan (`plan`) is read from and written to YAML by `file`; `carve` turns it and its accounts into a `result`; `out` and
`report` write that down; `score`, `compare` and `why` answer what people ask of it.
"""
