"""Files, tables, objects and streams whose texts are redacted where they lie; values are found in
`finding`.
"""
