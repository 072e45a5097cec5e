"""nbgrader on this course's layout; nbgrader's own commands read this file.

Sources and solutions lie in `solutions`, what students get in `notebooks`, and all student data
in the private folder that `course.toml` names.
"""

import sys
from pathlib import Path

from autograder.course import RELEASED, SOURCES, load_course
from autograder.errors import CourseError
from autograder.preprocessors import autograde_steps, release_steps

c = get_config()  # noqa: F821 - nbgrader provides it

try:
    course = load_course(Path(__file__).parent)
except CourseError as error:
    # nbgrader would log this and go on with settings of its own: a gradebook beside course.toml
    if any("nbgrader" in part for part in Path(sys.argv[0]).parts[-2:]):
        raise SystemExit(f"nbgrader: {error}") from None
    raise
course.private.mkdir(mode=0o700, exist_ok=True)

c.CourseDirectory.root = str(course.root)
c.CourseDirectory.course_id = "deep-learning"
c.CourseDirectory.source_directory = SOURCES
c.CourseDirectory.release_directory = RELEASED
c.CourseDirectory.submitted_directory = str(course.private / "submitted")
c.CourseDirectory.autograded_directory = str(course.private / "autograded")
c.CourseDirectory.feedback_directory = str(course.private / "feedback")
c.CourseDirectory.solution_directory = str(course.private / "solution")
c.CourseDirectory.db_url = course.gradebook_url
# nbgrader copies what lies beside a source notebook into the release: never the sources
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback", "*.py"]

c.GenerateAssignment.preprocessors = release_steps()
c.Autograde.autograde_preprocessors = autograde_steps()
c.Execute.timeout = course.limits.seconds_per_cell
# formgrader shows what students wrote in the instructor's browser: without this, HTML of theirs
c.HTMLExporter.filters = {"markdown2html": "autograder.feedback_markup.markdown_for_formgrader"}
