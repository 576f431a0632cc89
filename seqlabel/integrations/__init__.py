"""Private data kept out of other packages' logs, traces, agents and proxies; each module serves one
of them.

Each module is imported by its own name, such as `seqlabel.integrations.logs`, and needs the package
that it serves.
"""
