"""Logs and metrics of a resource, sent to the council's workspace."""

from __future__ import annotations

import pulumi
from pulumi_azure_native import monitor


def diagnose(
    name: str,
    resource_id: pulumi.Input[str],
    workspace_id: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
    *,
    logs: bool = True,
    metrics: str = "AllMetrics",
) -> None:
    """Send every log (unless it has none) and every metric of `resource_id` to the workspace.

    Storage calls its metrics Transaction; `metrics` is "" for what has none to send.
    """
    monitor.DiagnosticSetting(
        f"{name}-diagnostics",
        name="to-council-workspace",
        resource_uri=resource_id,
        workspace_id=workspace_id,
        logs=[monitor.DiagnosticsLogSettingsArgs(category_group="allLogs", enabled=True)] if logs else None,
        metrics=[monitor.DiagnosticsMetricSettingsArgs(category=metrics, enabled=True)] if metrics else None,
        opts=opts,
    )
