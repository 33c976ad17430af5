"""`nbgrader zip_collect` for what Canvas and Moodle give: `Extractor` unpacks, `Collector` tells whose file is whose.

Put the platform's zip file into `downloaded/ASSIGNMENT/archive/`; nbgrader's command does the rest. nbgrader asks its
collector about one file at a time, so ours looks at all of them when it is first asked: of several that are the same
notebook of the same student, the newest counts.
"""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from filecmp import cmp
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.plugins import ExtractorPlugin, FileNameCollectorPlugin
from nbgrader.utils import parse_utc
from traitlets import Enum, Integer

from grader.lms import collected
from grader.lms.names import Sender, folder_name, junk, name_key, recognise, sender
from grader.lms.table import TableError, read_table
from grader.lms.unpack import OTHER_ARCHIVES, Budget, OverBudget, free, safe_parts, unpack

_LARGEST_READ = 20_000_000
# Columns of Moodle's worksheet that tell who is who; a site chooses which of them it shows.
_MARKS = ("Email address", "Username", "ID number")


class Extractor(ExtractorPlugin):  # type: ignore[misc]
    """Unpacks downloaded archives: what leads out of them, or is too much, is left out and named."""

    max_files = Integer(100_000, help="Files in one downloaded archive").tag(config=True)
    max_bytes = Integer(8 * 10**9, help="Bytes of one downloaded archive, unpacked").tag(config=True)
    one_file_bytes = Integer(100 * 10**6, help="Bytes of one file; what is larger is left out").tag(config=True)
    student_files = Integer(1000, help="Files in an archive that a student handed in").tag(config=True)
    student_bytes = Integer(300 * 10**6, help="Bytes of such an archive, unpacked").tag(config=True)

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Unpack every zip file below `archive_path` into a folder of its own below `extracted_path`; copy the rest."""
        source, target = Path(archive_path), Path(extracted_path)
        found = sorted(path for path in source.rglob("*") if not junk(path.relative_to(source).parts))
        for path in found:
            if path.is_symlink():
                self.log.warning("%s is a link, and is left out: put the file itself there.", path)
        files = [path for path in found if path.is_file() and not path.is_symlink()]
        if not files:
            self.log.warning("There is nothing in %s: put the zip file of your platform there.", source)
        for path in files:
            parts = safe_parts(path.relative_to(source).as_posix())
            place = target.joinpath(*parts or (path.name,))
            place.parent.mkdir(parents=True, exist_ok=True)
            if path.suffix.lower() != ".zip":
                place = free(place)
                shutil.copyfile(path, place)
                # Of two files that are the same notebook the newer counts.
                os.utime(place, (path.stat().st_mtime, path.stat().st_mtime))
                if path.suffix.lower() in OTHER_ARCHIVES:
                    self.log.warning("%s is an archive, but no zip file: unpack it, and put a zip file there.", path)
                continue
            self.log.info("Unpacking %s", path)
            whole = Budget(self.max_files, self.max_bytes, self.one_file_bytes)
            one = Budget(self.student_files, self.student_bytes, self.one_file_bytes)
            try:
                unpack(path, free(place.with_suffix("")), whole, one, self.log)
            except OverBudget as error:
                self._stop(f"{path}: {error}. If it is what you downloaded, raise c.Extractor.max_files or .max_bytes")
            except zipfile.BadZipFile as error:
                self._stop(f"{path} is no whole zip file ({error}); download it again")

    def _stop(self, message: str) -> None:
        self.log.error("%s, then type the same command again with --force. Nothing was collected.", message)
        raise SystemExit(1)


@dataclass(frozen=True)
class Person:
    """A student of the roster."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    number: str = ""


@dataclass
class Roster:
    """The students the gradebook knows, found by what a platform says of them."""

    people: list[Person]
    # What Moodle's grading worksheet says of each of its participants: e-mail address first, login, ID number.
    addresses: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def find_all(self, senders: Iterable[Sender]) -> dict[Sender, Person]:
        """Whoever can be told: no student is two senders, as one would lose what they handed in."""
        senders = list(senders)
        found: dict[Sender, Person] = {}
        for find in (self._by_mark, self._by_name):
            taken = {person.id for person in found.values()}
            new = {who: person for who in senders if who not in found and (person := find(who))}
            claims = Counter(person.id for person in new.values())
            found |= {who: one for who, one in new.items() if one.id not in taken and claims[one.id] == 1}
        return found

    def _by_mark(self, who: Sender) -> Person | None:
        """By Canvas's number, or by what Moodle's worksheet says."""
        if who.platform != "moodle":
            return _only(one for one in self.people if one.number and one.number == who.number)
        marks = {mark.casefold() for mark in self.addresses.get(who.number, ()) if mark}
        return _only(one for one in self.people if {one.email.casefold(), one.id.casefold()} & marks)

    def _by_name(self, who: Sender) -> Person | None:
        """By the name, if only one student has it who is not known under another address or number."""
        if who.platform == "moodle":
            address = next(iter(self.addresses.get(who.number, ())), "")
            people = [one for one in self.people if not (address and one.email)]
        else:
            people = [one for one in self.people if not one.number]
        return _only(one for one in people if same_name(who.name, one))


def _only(found: Iterable[Person]) -> Person | None:
    people = list(found)
    return people[0] if len(people) == 1 else None


def same_name(name: str, person: Person) -> bool:
    """True for a person's name, whichever part of it comes first."""
    first, last = person.first_name, person.last_name
    key = name_key(name)
    return bool(key) and key in (name_key(last, first), name_key(first, last))


@dataclass(frozen=True)
class _File:
    """One notebook of one student in what was unpacked."""

    path: Path
    notebook: str
    who: Sender
    # Known by its name or only by its cells, Canvas's number of the file, its date, the number of the copy.
    order: tuple[bool, int, float, int]
    given: str
    # The folders before that: the archive it came in.
    archive: tuple[str, ...]


@dataclass
class Plan:
    """Which file counts as which student's notebook, and what is to be said about the rest."""

    chosen: dict[Path, tuple[str, str]] = field(default_factory=dict)
    entries: dict[str, collected.Collected] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def make_plan(extracted: Path, notebooks: dict[str, set[str]], roster: Roster, platform: str) -> Plan:
    """Look at all that was unpacked; `notebooks` has the released ones, each with the ids of its cells."""
    plan = Plan()
    files: dict[tuple[str, str], list[tuple[Path, Sender, str]]] = {}
    for path in sorted(path for path in extracted.rglob("*") if path.is_file()):
        parts = path.relative_to(extracted).parts
        whose = None if junk(parts) else sender(parts, platform)
        if whose is not None and not junk([whose[1]]):
            who, own = whose
            files.setdefault((who.platform, who.number), []).append((path, who, own))
        elif whose is None and not junk(parts) and path.suffix == ".ipynb":
            plan.warnings.append(f"{path}: nobody's name is in it as Canvas or Moodle writes it; it is not collected.")
    # A platform's number stays with a person whose name changes.
    senders = {key: several[0][1] for key, several in files.items()}
    people = roster.find_all(senders.values())
    taken = {person.id for person in roster.people}
    for key, who in senders.items():
        student = people[who].id if who in people else _unknown(who, taken)
        taken.add(student)
        by_notebook = _by_notebook(plan, student, files[key], notebooks, extracted, platform)
        if by_notebook and who not in people and roster.people:
            plan.warnings.append(
                f"{who.name or who.number} ({who.platform} number {who.number}) is not in the roster, or somebody else "
                f"there or here has that name too. Nothing is lost: collected as {student!r}. To have it under the "
                f"right id, mend the roster (pset roster FILE), remove submitted/{student}, and collect again with "
                f"--force. Was it graded already, then type as well: nbgrader db student remove {student} --force"
            )
        _choose(plan, student, by_notebook)
    return plan


def _unknown(who: Sender, taken: set[str]) -> str:
    """An id for somebody whom the roster does not tell, and nobody else has."""
    name = folder_name(who.name, who.number)
    while name in taken:
        name += "_"
    return name


def _by_notebook(
    plan: Plan,
    student: str,
    files: list[tuple[Path, Sender, str]],
    notebooks: dict[str, set[str]],
    extracted: Path,
    platform: str,
) -> dict[str, list[_File]]:
    """What one student handed in, by the notebook that it is."""
    found: dict[str, list[_File]] = {}
    no_notebooks = []
    for path, who, own in files:
        if path.suffix != ".ipynb":
            no_notebooks.append(path.name)
            continue
        named = recognise(Path(own).stem, notebooks)
        which = named or by_content(path, notebooks)
        if which is None:
            plan.warnings.append(
                f"{student}: {path} is none of this assignment's notebooks ({', '.join(notebooks)}). If it is one, "
                f"copy it by hand to the folder of {student} in submitted/, under the notebook's name."
            )
            continue
        notebook, copy = which
        parts = path.relative_to(extracted).parts
        place = next(place for place, part in enumerate(parts) if sender((part,), platform))
        order = (named is not None, who.attachment, path.stat().st_mtime, copy)
        one = _File(path, notebook, who, order, parts[place], parts[:place])
        found.setdefault(notebook, []).append(one)
    if len(no_notebooks) == len(files):
        plan.warnings.append(
            f"{student}: no notebook is among what was handed in ({', '.join(no_notebooks[:5])}), so nothing is "
            f"collected. Look at it in {files[0][0].parent}."
        )
    return found


def _choose(plan: Plan, student: str, by_notebook: dict[str, list[_File]]) -> None:
    files = {}
    for notebook, several in sorted(by_notebook.items()):
        # Of two downloads the later attempt counts, whatever its file is called.
        newest_in: dict[tuple[str, ...], tuple[int, float]] = {}
        for one in several:
            _, attachment, date, _ = one.order
            newest_in[one.archive] = max(newest_in.get(one.archive, (0, 0.0)), (attachment, date))
        several.sort(key=lambda one: (newest_in[one.archive], one.order))
        *older, newest = several
        plan.chosen[newest.path] = (student, notebook)
        files[notebook] = newest.given
        if older:
            left = ", ".join(one.path.name for one in older)
            plan.notes.append(
                f"{student}: {notebook} is there {len(several)} times; {newest.path.name} counts, not {left}."
            )
    if not files:
        return
    who = max((one for several in by_notebook.values() for one in several), key=lambda one: one.order).who
    late = any(one.who.late for several in by_notebook.values() for one in several)
    plan.entries[student] = collected.Collected(
        platform=who.platform, number=who.number, name=who.name, late=late, files=files
    )


def by_content(path: Path, notebooks: dict[str, set[str]]) -> tuple[str, int] | None:
    """A notebook under a name of its own is known by its cells, if most of one notebook's are in it."""
    if path.stat().st_size > _LARGEST_READ:
        return None
    names = cell_names(path)
    best = max(notebooks, key=lambda name: len(names & notebooks[name]), default=None)
    if best is None or len(names & notebooks[best]) * 2 <= len(notebooks[best]):
        return None
    return best, 0


def cell_names(path: Path) -> set[str]:
    """The nbgrader ids of a notebook's cells; none for a file that is no notebook."""
    try:
        cells = json.loads(path.read_bytes())["cells"]
        names = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in cells]
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return set()
    return {name for name in names if isinstance(name, str)}


class Collector(FileNameCollectorPlugin):  # type: ignore[misc]
    """Tells whose a file is, and which notebook: by the names that Canvas and Moodle give, and the roster."""

    platform = Enum(
        ["auto", "canvas", "moodle"], default_value="auto", help="Whose names to look for; 'auto' takes either."
    ).tag(config=True)

    _plan: Plan | None = None
    _times: dict[str, str]

    def collect(self, submitted_file: str) -> dict[str, str] | None:
        """nbgrader's question about one file: whose, and which notebook; None for one that does not count."""
        if self._plan is None:
            self._plan = self._look_at_all()
        chosen = self._plan.chosen.get(Path(submitted_file))
        if chosen is None:
            return None
        student, notebook = chosen
        found = {"student_id": student, "file_id": f"{notebook}.ipynb"}
        return found | ({"timestamp": self._times[student]} if student in self._times else {})

    def _look_at_all(self) -> Plan:
        app: Any = self.parent
        extracted = Path(app._format_collect_path(app.extracted_directory))
        assignment = app.coursedir.assignment_id
        released = Path(app.coursedir.format_path(app.coursedir.release_directory, ".", assignment))
        notebooks = {path.stem: cell_names(path) for path in sorted(released.glob("*.ipynb"))}
        if not notebooks:
            self.log.error(
                "There is no release in %s. Make it first: nbgrader generate_assignment %s", released, assignment
            )
            raise SystemExit(1)
        roster = Roster(people(app.coursedir), self._addresses(extracted))
        plan = make_plan(extracted, notebooks, roster, self.platform)
        for note in plan.notes:
            self.log.info(note)
        for warning in plan.warnings:
            self.log.warning(warning)
        late = [student for student, entry in plan.entries.items() if entry.late]
        if late:
            self.log.warning(
                "Late, as Canvas says, but not by how much: %s. Let Canvas deduct for it, or write the time of handing "
                "in to timestamp.txt in the student's folder in submitted/, for c.LatePenalty.", ", ".join(late)
            )  # fmt: skip
        self._times = {}
        chosen: defaultdict[str, dict[str, Path]] = defaultdict(dict)
        for path, (student, notebook) in plan.chosen.items():
            chosen[student][notebook] = path
        for student in plan.entries if app.force else ():
            self._hand_in_anew(student, chosen[student])
        try:
            collected.write(collected.record(Path(app.coursedir.root), app.config, assignment), plan.entries)
        except collected.CollectedError as error:
            self.log.error("%s, after you have removed it.", error)
            raise SystemExit(1) from error
        return plan

    def _hand_in_anew(self, student: str, notebooks: dict[str, Path]) -> None:
        """Say what goes with the old files, and let `nbgrader autograde` grade what has changed since."""
        coursedir = self.parent.coursedir
        submitted, graded = (
            Path(coursedir.format_path(step, student, coursedir.assignment_id))
            for step in (coursedir.submitted_directory, coursedir.autograded_directory)
        )
        old = {path.stem: path for path in submitted.glob("*.ipynb")}
        gone = sorted(set(old) - set(notebooks))
        if gone:
            self.log.warning("%s: collected before, and not among what is there now: %s", student, ", ".join(gone))
        same = set(old) == set(notebooks) and all(cmp(path, notebooks[name], False) for name, path in old.items())
        time = submitted / "timestamp.txt"
        if time.is_file():
            when = time.read_text(encoding="utf-8", errors="replace").strip()
            if same and _is_time(when):
                self._times[student] = when
            else:
                self.log.warning("%s: timestamp.txt goes with the old files; it said %s.", student, when)
        if graded.is_dir() and not same:
            # nbgrader goes by timestamp.txt, which no platform gives, and would leave the old marks.
            shutil.rmtree(graded)
            self.log.warning(
                "%s handed in anew, and the graded copy of the earlier files is removed. Type: nbgrader autograde %s",
                student, coursedir.assignment_id,
            )  # fmt: skip

    def _addresses(self, extracted: Path) -> dict[str, tuple[str, ...]]:
        """Who is which participant, if Moodle's grading worksheet was put beside the archive."""
        found: dict[str, tuple[str, ...]] = {}
        for path in sorted(extracted.glob("*.csv")):
            try:
                table = read_table(path)
            except TableError as error:
                self.log.warning("%s is not read: %s", path, error)
                continue
            for row in table.rows:
                number = participant(row.get("Identifier", ""))
                if number:
                    found[number] = marks_of(row)
        return found


def _is_time(text: str) -> bool:
    try:
        parse_utc(text)
    except (ValueError, OverflowError):
        return False
    return True


def marks_of(row: Mapping[str, str]) -> tuple[str, ...]:
    """What a row of Moodle's worksheet says of who it is: e-mail address, login, ID number; '' for each left out."""
    return tuple(row.get(name, "").strip() for name in _MARKS)


def participant(identifier: str) -> str:
    """The number in "Participant 123", as Moodle's worksheet has it, whatever the language; '' where there is none."""
    digits = identifier.strip().rpartition(" ")[2]
    return digits if digits.isdecimal() else ""


def people(coursedir: Any) -> list[Person]:
    """The students in the gradebook; none where there is no gradebook yet, which is not made for the asking."""
    url = str(coursedir.db_url)
    file = url.removeprefix("sqlite:///").partition("?")[0]
    if url.startswith("sqlite:///") and not Path(file).is_file():
        return []
    with Gradebook(url, coursedir.course_id) as gradebook:
        return [
            Person(one.id, one.first_name or "", one.last_name or "", one.email or "", one.lms_user_id or "")
            for one in gradebook.students
        ]
