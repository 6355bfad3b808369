"""The commands of `unless`, in the order in which a council meets them."""

from __future__ import annotations

from console.commands import (
    adopt,
    assess,
    check,
    demo,
    doctor,
    import_,
    init,
    inventory,
    library,
    plan,
    providers,
    rehearse,
    report,
    runbook,
)

COMMANDS = (
    init.register,
    import_.register,
    inventory.register,
    assess.register,
    plan.register,
    rehearse.register,
    library.register,
    adopt.register,
    providers.register,
    check.register,
    runbook.register,
    report.register,
    doctor.register,
    demo.register,
)

ORDER = (
    "init",
    "import",
    "inventory",
    "assess",
    "plan",
    "rehearse",
    "library",
    "providers",
    "check",
    "runbook",
    "report",
    "doctor",
    "demo",
)
