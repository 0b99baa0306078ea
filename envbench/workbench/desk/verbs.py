"""Which function answers which question; the child imports it when it is first asked."""

LOAD = "load"
"""Imports what the verbs in `names` need, so that the first real question is quick."""

_SPECS = "envbench.workbench.specs"
_ENVIRONMENTS = "envbench.workbench.environments"
_LOCKING = "envbench.workbench.locking"
_JOB_ORDERS = "envbench.workbench.job_orders"
_JOB_WATCH = "envbench.workbench.job_watch"

VERBS: dict[str, str] = {
    "check_spec": f"{_SPECS}:check_spec",
    "explain_problem": f"{_SPECS}:explain_problem",
    "solve": "envbench.workbench.desk.solving_room:solve",
    "submit_build": f"{_JOB_ORDERS}:submit_build_job",
    "submit_probe": f"{_JOB_ORDERS}:submit_probe_job",
    "cancel_job": f"{_JOB_ORDERS}:cancel_job_named",
    "list_jobs": f"{_JOB_WATCH}:list_watched_jobs",
    "watch_jobs": f"{_JOB_WATCH}:stream_jobs",
    "describe_job": f"{_JOB_WATCH}:describe_job",
    "list_environments": f"{_ENVIRONMENTS}:list_environments",
    "rollback_environment": f"{_ENVIRONMENTS}:rollback_environment",
    "remove_environment": f"{_ENVIRONMENTS}:remove_environment",
    "compare_environments": f"{_ENVIRONMENTS}:compare_environments",
    "export_lock": f"{_LOCKING}:export_lock",
    "verify_environment": f"{_LOCKING}:verify_environment",
    "describe_host": "envbench.workbench.host:describe_host",
}
"""Verb to `module:function`.

The names of its parameters are those of the question's arguments; `settings` is filled by the
child, `report` becomes updates, and so does what a generator yields.
"""

LOOKING = frozenset(
    {
        "check_spec",
        "explain_problem",
        "list_jobs",
        "watch_jobs",
        "describe_job",
        "cancel_job",
        "list_environments",
        "compare_environments",
        "verify_environment",
        "describe_host",
    }
)
"""Verbs that work whatever is wrong in envbench's own settings; for the others a default in the
place of a wrong value could ask a public index, or build elsewhere."""
