"""Runs over texts of files and streams: work in one process or several, in order, with a journal;
no work is known.
"""
