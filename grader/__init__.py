"""The grader: judges problem-set notebooks outside the process that runs the student's code."""
