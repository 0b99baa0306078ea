"""The verbs of the command line; read before anything is loaded."""

VERBS: dict[str, tuple[str, str]] = {
    "demo": ("envbench.cli.demo:demo", "Do the whole chain on a channel made from this Python"),
    "check": ("envbench.cli.specs:check", "Find the problems in a spec"),
    "solve": ("envbench.cli.specs:solve", "Show the plan for a spec, or the conflict"),
    "fix": ("envbench.cli.fix:fix", "Find ways out of a conflict, each solved beforehand"),
    "why": ("envbench.cli.why:why", "Tell who requires a package, and why it is not newer"),
    "build": ("envbench.cli.building:build", "Build a spec into an environment, in a detached job"),
    "probe": ("envbench.cli.building:probe", "Prove with numbers that an environment works"),
    "doctor": ("envbench.cli.doctor:doctor", "Find what will fail, without importing any of it"),
    "lock": ("envbench.cli.locks:lock", "Lock an environment, a spec or another lock into a file"),
    "pack": ("envbench.cli.pack:pack", "Put an environment with its archives into one tar"),
    "verify": (
        "envbench.cli.verify:verify",
        "Hold a lock against an environment, a spec or another lock",
    ),
    "envs": ("envbench.cli.environments:envs", "List environments of all tools"),
    "diff": ("envbench.cli.environments:diff", "Show what differs between two environments"),
    "rollback": ("envbench.cli.environments:rollback", "Put an earlier generation back in use"),
    "remove": ("envbench.cli.environments:remove", "Delete an environment"),
    "run": ("envbench.cli.running:run", "Run a command inside an environment"),
    "shell": ("envbench.cli.running:shell", "Open a shell inside an environment"),
    "jobs": ("envbench.cli.jobs:jobs", "List jobs"),
    "logs": ("envbench.cli.jobs:logs", "Show the log of a job"),
    "cancel": ("envbench.cli.jobs:cancel", "Cancel a job"),
    "gpus": ("envbench.cli.gpus:gpus", "Show the GPUs, and whose processes are on them"),
    "host": ("envbench.cli.box:host", "Describe this box as the solver sees it"),
    "channel": ("envbench.cli.channel:channel", "Make a local channel out of what is installed"),
    "config": ("envbench.cli.box:config", "Show every setting and where it came from"),
}
"""Verb to `module:function` and the line that `--help` shows, in the order of the work."""
