"""Named misconceptions: the wrong answers students give, as code beside the reference, with a hint for each.

Written by themselves, as a student would write them, so that a slip in the reference cannot slip in here too. In a
result, `...` stands for whatever does not show the idea.
"""
