"""The contract of a lesson, rule by rule: `course lint` says where one does not hold."""

from autograder.lint.rules import Finding, Rule
from autograder.lint.run import RULE_MODULES, all_rules, lint_week

__all__ = ["RULE_MODULES", "Finding", "Rule", "all_rules", "lint_week"]
