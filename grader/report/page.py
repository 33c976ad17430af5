"""The report as one HTML file: nothing is fetched from anywhere, and no script runs but the one in page.js."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from grader.report.charts import SIGNS, histogram, slug, stacked, together
from grader.report.figures import FEW, LOW_DISCRIMINATION, LOW_SHARE, Report, StudentFigures
from grader.report.gather import STATES
from grader.report.tables import question_names

_HERE = Path(__file__).parent
# How many students a list names before it refers to the table.
_NAMED = 30
# How many misconceptions are shown before the others are folded away.
_SHOWN = 10
_MINUS = "\N{MINUS SIGN}"


def number(value: float | None, digits: int = 1) -> str:
    """A number as people write it: 76.5, 4, and a dash for none."""
    if value is None:
        return "\N{EN DASH}"
    text = f"{value:.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text.replace("-", _MINUS)


def two(value: float | None) -> str:
    """A correlation, always with both decimals."""
    return "\N{EN DASH}" if value is None else f"{value:.2f}".replace("-", _MINUS)


def percent(share: float | None) -> str:
    """A share as whole percents; 100 % and 0 % are said only where they are exact."""
    if share is None:
        return "\N{EN DASH}"
    whole = round(100 * share)
    if whole == 100 and share < 1:
        whole = 99
    if whole == 0 and share > 0:
        whole = 1
    return f"{whole} %"


def signed(value: float) -> str:
    """A change, with its sign."""
    text = number(value)
    return text if text == "0" or value < 0 else f"+{text}"


def seconds(value: float | None) -> str:
    """A time: 0.04 s, 3.1 s, 65 s."""
    if value is None:
        return "\N{EN DASH}"
    if value < 0.01:
        return "< 0.01 s"
    return f"{value:.2f} s" if value < 1 else f"{value:.1f} s" if value < 10 else f"{value:.0f} s"


def moment(iso: str) -> str:
    """A time stamp as people write it; the text itself where it is none."""
    try:
        found = datetime.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{found.day} {found:%B %Y, %H:%M}"


def remarks(student: StudentFigures) -> list[tuple[str, str]]:
    """What somebody should look at, as pairs of a word for the filter and a label."""
    found = [("decide", "to decide")] if student.look else []
    found += [("tampered-with", "tampered")] if student.tampered else []
    found += [("nothing", "nothing handed in")] if not student.handed_in else []
    if student.missing:
        found.append(("missing", f"{len(student.missing)} notebook{'s' * (len(student.missing) > 1)} missing"))
    return found + ([("low", "under half")] if student.low else [])


def _source(name: str) -> Markup:
    """A file of ours that goes into the page as it is."""
    return Markup((_HERE / name).read_text(encoding="utf-8"))


def _digest(text: str) -> str:
    """A text's hash as a Content-Security-Policy names it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def page(report: Report) -> str:
    """The whole page. Everything in it that is data is escaped by Jinja."""
    environment = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        "number": number, "two": two, "percent": percent, "signed": signed, "seconds": seconds, "moment": moment,
        "slug": slug,
    }  # fmt: skip
    style, script = _source("page.css"), _source("page.js")
    total = together([question.states for question in report.questions])
    return environment.get_template("page.html").render(
        report=report,
        names=question_names(report),
        histogram=histogram(report.distribution),
        stacked=stacked,
        states=[state for state in STATES if state in total],
        total=total,
        signs=SIGNS,
        remarks=remarks,
        named=_NAMED,
        first=_SHOWN,
        few=FEW,
        low_discrimination=LOW_DISCRIMINATION,
        low_share=LOW_SHARE,
        counted=lambda student: together([{mark.state: 1} for mark in student.marks]),
        style=style,
        script=script,
        policy=f"default-src 'none'; img-src data:; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'",
    )
