"""Ways to solve, fetch and link: one package each."""
