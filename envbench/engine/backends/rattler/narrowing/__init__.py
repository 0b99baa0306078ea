"""What can still be part of a solution: who accepts what of whom, and small indexes made of it."""
