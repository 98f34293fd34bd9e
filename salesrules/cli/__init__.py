"""The command line: one verb a job, in files by the kind of job; each asks the door, prints and ends with a code."""

from salesrules.cli import (
    appealing,
    asking,
    assigning,
    auditing,
    keeping,
    packs,
    planning,
    pooling,
    seeing,
    showing,
    sources,
    testing,
    working,
)
from salesrules.cli.demo import demo
from salesrules.cli.verb import main

for _verb in (
    demo,
    packs.validate,
    testing.test,
    sources.import_files,
    sources.doctor,
    seeing.see,
    asking.kpi,
    asking.can,
    asking.why,
    working.due,
    working.advance,
    working.done,
    working.approve,
    working.follow_up,
    working.history,
    keeping.sync,
    keeping.run,
    assigning.assign,
    pooling.pool,
    pooling.claim,
    pooling.give_back,
    pooling.transfer,
    pooling.conflicts,
    pooling.judge,
    keeping.outbox,
    keeping.export,
    keeping.reconcile,
    keeping.verify,
    assigning.fairness,
    appealing.appeal,
    appealing.appeals,
    assigning.rebalance,
    assigning.handover,
    assigning.confirm,
    auditing.matrix,
    planning.balance,
    showing.serve,
    packs.format_files,
    packs.schema,
):
    main.add_command(_verb)

__all__ = ["main"]
