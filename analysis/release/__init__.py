"""What a release is: what it was made from, what it holds, and what became of its figures.

``manifest`` reads and writes the list; ``folder`` compares it with the files that are there;
``figures``, ``compare`` and ``changes`` set two releases side by side; ``pages`` tells readers.
"""
