"""Learning platforms: submissions and rosters in, grades and feedback out.

Parts of nbgrader's own commands, chosen in nbgrader_config.py or on the command line: what `nbgrader zip_collect`
unpacks and collects (`collect`), what `nbgrader export` writes (`export`), what a late submission costs (`late`).
Commands of ours: `pset roster`, `pset feedback-zip`, `pset gradescope`. Nothing here judges anything.
"""
