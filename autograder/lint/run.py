"""Run every rule over a week."""

import importlib

from autograder.course import Course, Week
from autograder.errors import CourseError
from autograder.lesson import read_lesson
from autograder.lint.rules import Context, Finding, Rule, rules_of

RULE_MODULES = (
    "front",
    "prose",
    "exercises",
    "markings",
    "checking",
    "names",
    "imports",
    "verified",
    "style",
    "figures",
    "built",
    "supplements",
)


def all_rules() -> list[Rule]:
    """Give every rule, in the order in which findings are reported."""
    modules = [importlib.import_module(f"autograder.lint.{name}") for name in RULE_MODULES]
    return [rule for module in modules for rule in rules_of(module)]


def lint_week(course: Course, week: Week) -> list[Finding]:
    """Hold a week against the contract of a lesson.

    Args:
        course: the course.
        week: the week.

    Returns:
        The findings by file and line; empty for a good lesson. A source that cannot be read is
        one finding.
    """
    source = week.source(course)
    try:
        lesson = read_lesson(source, week)
    except CourseError as error:
        path = source.relative_to(course.root).as_posix()
        return [Finding("readable", path, None, None, error.message, error.cure)]
    if not lesson.cells:
        path = source.relative_to(course.root).as_posix()
        return [Finding("readable", path, None, None, "it has no cells", "Write the lesson.")]
    context = Context(course, week, lesson)
    findings = [finding for rule in all_rules() for finding in rule.run(context)]
    return sorted(findings, key=lambda found: (found.file, found.line or 0))
