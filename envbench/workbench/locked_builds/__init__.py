"""Builds of locks: read, joined, and handed to a job."""
