"""What runs inside a detached job: each file joins the rooms below into one piece of work."""
