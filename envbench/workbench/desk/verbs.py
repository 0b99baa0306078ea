"""Which function answers which question; the child imports it when it is first asked."""

LOAD = "load"
"""Imports what the verbs in `names` need, so that the first real question is quick."""

WORKBENCH_VARIABLE = "ENVBENCH_WORKBENCH"
"""Set by a screen for its children: jobs that bear its value were submitted there."""

_HERE = "envbench.workbench"

LOOKING_VERBS: dict[str, str] = {
    "check_spec": f"{_HERE}.specs:check_spec",
    "check_text": f"{_HERE}.specs:check_text",
    "explain_problem": f"{_HERE}.specs:explain_problem",
    "describe_dependency": f"{_HERE}.dependency_form:describe_dependency",
    "write_dependency": f"{_HERE}.dependency_form:write_dependency",
    "write_changes": f"{_HERE}.spec_repairs:write_changes",
    "new_spec_text": f"{_HERE}.sample_specs:new_spec_text",
    "complete": f"{_HERE}.package_index:complete",
    "inspect": f"{_HERE}.package_index:inspect",
    "open_spec": f"{_HERE}.spec_files:open_spec",
    "save_spec": f"{_HERE}.spec_files:save_spec",
    "copy_sample": f"{_HERE}.sample_specs:copy_sample",
    "hash_file": f"{_HERE}.desk.small_verbs:hash_file",
    "list_specs": f"{_HERE}.spec_folder:list_specs",
    "note_recent": f"{_HERE}.recent:note_recent",
    "forget_recent": f"{_HERE}.recent:forget_recent",
    "keep_draft": f"{_HERE}.drafts:keep_draft",
    "drop_draft": f"{_HERE}.drafts:drop_draft",
    "list_drafts": f"{_HERE}.drafts:list_drafts",
    "list_jobs": f"{_HERE}.job_watch:list_watched_jobs",
    "watch_jobs": f"{_HERE}.job_watch:stream_jobs",
    "describe_job": f"{_HERE}.job_watch:describe_job",
    "cancel_job": f"{_HERE}.job_orders:cancel_job_named",
    "search_log": f"{_HERE}.logs:search_log",
    "find_first_error": f"{_HERE}.logs:find_first_error",
    "list_environment_rows": f"{_HERE}.environment_rows:list_environment_rows",
    "describe_environment": f"{_HERE}.environment_details:describe_environment",
    "measure_environment": f"{_HERE}.environment_details:measure_environment",
    "compare_environments": f"{_HERE}.environments:compare_environments",
    "compare_generations": f"{_HERE}.generation_comparison:compare_generations",
    "compare_in_words": f"{_HERE}.desk.small_verbs:compare_in_words",
    "examine_environment": f"{_HERE}.doctor:examine_environment",
    "report_compatibility": f"{_HERE}.compatibility:report_compatibility",
    "format_compatibility": f"{_HERE}.compatibility_files:format_compatibility",
    "save_compatibility": f"{_HERE}.compatibility_files:save_compatibility",
    "latest_probes": f"{_HERE}.probe_records:latest_probes",
    "list_probe_names": f"{_HERE}.probe_records:list_probe_names",
    "lock_offers": f"{_HERE}.locks.offers:lock_offers",
    "preview_lock": f"{_HERE}.locks.offers:preview_lock",
    "verify_environment": f"{_HERE}.verification.verify:verify_environment",
    "describe_box": f"{_HERE}.box_facts:describe_box",
    "identify_environments": f"{_HERE}.gpu_owners:identify_environments",
    "describe_host": f"{_HERE}.desk.small_verbs:describe_host_profile",
    "describe_settings": f"{_HERE}.preferences:describe_settings",
    "list_setting_problems": f"{_HERE}.desk.small_verbs:list_setting_problems",
    "set_preference": f"{_HERE}.preferences:set_preference",
}
"""Verbs that work whatever is wrong in envbench's own settings."""

ACTING_VERBS: dict[str, str] = {
    "solve": f"{_HERE}.desk.solving_room:solve",
    "find_fixes": f"{_HERE}.desk.solver_questions:find_fixes",
    "explain_package": f"{_HERE}.desk.solver_questions:explain_package",
    "what_if": f"{_HERE}.desk.solver_questions:what_if",
    "plan_lock_offers": f"{_HERE}.desk.plan_locks:plan_lock_offers",
    "preview_plan_lock": f"{_HERE}.desk.plan_locks:preview_plan_lock",
    "write_plan_lock": f"{_HERE}.desk.plan_locks:write_plan_lock",
    "submit_build": f"{_HERE}.job_orders:submit_build_job",
    "submit_locked_build": f"{_HERE}.job_orders:submit_locked_build_job",
    "submit_pack": f"{_HERE}.job_orders:submit_pack_job",
    "submit_probe": f"{_HERE}.job_orders:submit_probe_job",
    "repeat_job": f"{_HERE}.job_orders:repeat_job",
    "signal_process": f"{_HERE}.process_signals:signal_process",
    "rollback_environment": f"{_HERE}.environments:rollback_environment",
    "remove_environment": f"{_HERE}.environments:remove_environment",
    "write_lock": f"{_HERE}.locks.offers:write_lock",
    "prepare_demo": f"{_HERE}.demo_folder:prepare_demo",
}
"""Verbs that refuse wrong settings: a default in the place of a wrong value could ask a public
index, build elsewhere, or remove elsewhere."""

VERBS = LOOKING_VERBS | ACTING_VERBS
"""Verb to `module:function`.

The names of its parameters are those of the question's arguments; `settings` is filled by the
child, `report` becomes updates, and so does what a generator yields.
"""
