"""Importing this module ties the process to its parent; Dramatiq is told to import it in every worker process."""

from app.kit.stack.parentwatch import die_with_parent

die_with_parent()
