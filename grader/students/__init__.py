"""What students get beside their notebooks: the program that tries them outside Jupyter, and the folder's own files.

`check.py` is handed out as it stands, so it imports nothing of ours and nothing that students may not have.
"""
