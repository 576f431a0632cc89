"""Bytes and lines: files and folders written whole or not at all, text of any encoding; no format
is known.
"""
