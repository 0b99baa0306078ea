"""The GPU sampler: a child that asks the driver, and a client that survives what befalls it.

The client's side, in the process of whoever looks: `client` (samples as they come) and `once` (one
of them) stand on `supervision`, which holds one `child` after the other. When a call hangs is told
by `stalls`, what is left alone by `quarantine`, how soon another child is started by `restarts`;
`scouting` tries again what was left alone, and `picture` puts together what is known meanwhile.

Between the two: `orders` go in, samples (`envbench.model.gpu`) come out, and `breadcrumb` says
which call is being made; `fields` tells what may be believed of a GPU that is silent.

The child's side (`__main__`): `ticking` is the loop, with `lanes` (what is due) and `meanwhile` (what
is told while the driver is slow). `nvidia` has all GPUs, `gpu` one of them. What is asked stands in `questions`; `asking` asks and remembers what will never be answered, through
`driver`; `answers` has the meaning of its error numbers. What is no plain question has a file of
its own: `process_lists`, `mig`, `links`, `retirement`, `throttling`.
"""
