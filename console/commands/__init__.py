"""The commands of `unless`, in the order in which a council meets them."""

from __future__ import annotations

from console.commands import (
    adopt,
    assess,
    bootstrap,
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
    telemetry,
)

COMMANDS = (
    init.register,
    import_.register,
    inventory.register,
    telemetry.register,
    assess.register,
    plan.register,
    library.register,
    bootstrap.register,
    rehearse.register,
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
    "telemetry",
    "assess",
    "plan",
    "library",
    "bootstrap",
    "rehearse",
    "adopt",
    "providers",
    "check",
    "runbook",
    "report",
    "doctor",
    "demo",
)
