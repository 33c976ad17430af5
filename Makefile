# Everything a fresh machine needs is Python 3.10 to 3.13, make and a package index.
#
#   make demo     grade a small made-up class and show its marks
#   make test     lint, types, import rules and the whole test suite
#   make thorough the tests that take longest, of which `make test` runs a sample
#   make release  a zip of each assignment for students, in dist/
#   make verify   solutions, release and hidden suites belong together
#   make accuracy the bank of right and wrong answers through nbgrader: what is wrongly accepted, wrongly refused
#   make mutants  small slips made in the right answers by a program: the suites must notice each
#   make security hostile and awkward submissions through nbgrader, in both kinds of jail: what came of each
#   make fuzz     100,000 made-up inputs for what reads students' bytes
#   make bench    time and memory of grading, beside stock nbgrader (more: make bench BENCH="--growth 200 --json FILE")
#   make docs     README and docs/ as a site, in site/; fails where a link leads nowhere
#   make lint     only the quick checks
#   make picture  the demo once more, and README's pictures: its table, its class report, a terminal

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo picture release test thorough verify accuracy mutants security fuzz bench docs lint install bubblewrap chromium clean

demo: install
	$(BIN)/pset demo

picture: install chromium
	$(BIN)/pset demo --picture docs/pictures/demo.svg
	$(BIN)/python -m tests.report.picture demo/report/ps1.html docs/pictures/report.png
	$(BIN)/python docs/record.py docs/pictures/terminal.svg

release: install
	$(BIN)/pset release

# More processes than the two cores that it needs: many tests wait, for a browser or a time limit.
test: lint chromium
	$(BIN)/python -m pytest -n 4 --dist worksteal --durations=15

thorough: install
	$(BIN)/python -m pytest -n 2 --dist worksteal -m thorough --durations=15

verify: install
	$(BIN)/pset verify

accuracy: install
	$(BIN)/python -m tests.accuracy --publish docs/accuracy.md

mutants: install
	$(BIN)/python -m tests.mutation

security: install
	$(BIN)/python -m tests.attacks --isolation bubblewrap landlock --markdown docs/attacks.md

fuzz: install
	$(BIN)/python -m tests.fuzz --inputs 100000

# Options: python -m benchmarks --help
bench: install
	$(BIN)/python -m benchmarks $(BENCH)

docs: install
	$(BIN)/mkdocs build --strict

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

install: $(READY) bubblewrap

# Made again when the package or its pinned versions change; otherwise quick.
$(READY): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "No virtual environment could be made. On Debian or Ubuntu: sudo apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet -c constraints.txt -e ".[test]"
	touch $@

# System packages: bubblewrap is the walls around student code, libseccomp their filter of system calls (nearly every
# machine has it), Chromium the browser of the tests. They are installed where that needs no password; else the command
# to type is printed, and `make` goes on.
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo -n)
APT := $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get

bubblewrap:
	@command -v bwrap >/dev/null 2>&1 || { $(APT) update -qq && $(APT) install -y -qq bubblewrap libseccomp2; } || \
	  echo "bubblewrap is missing; grading takes weaker walls, or none. Type: sudo apt-get install bubblewrap libseccomp2"

chromium:
	@command -v chromium >/dev/null 2>&1 || { $(APT) update -qq && $(APT) install -y -qq chromium libjs-mathjax; } || \
	  echo "Chromium is missing; the tests in a browser will be skipped. Type: sudo apt-get install chromium libjs-mathjax"

clean:
	rm -rf $(VENV) demo site build dist *.egg-info .mypy_cache .ruff_cache .hypothesis .import_linter_cache .pytest_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
