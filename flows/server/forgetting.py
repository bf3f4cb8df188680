"""What Prefect forgets of nights long past: left to itself it keeps every flow run for good."""

from datetime import UTC, datetime, timedelta

# So many are forgotten in one night: more than come in one, few enough to wait for.
MOST = 50


def vacuum_settings(days: int) -> dict[str, str]:
    """Give the environment by which a server that stays up forgets flow runs, their logs and artifacts.

    Parameters
    ----------
    days : int
        Days after the end of a run.
    """
    return {
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(
            timedelta(days=days) // timedelta(seconds=1)
        ),
    }


def forget_old_runs(days: int) -> int:
    """Delete flow runs that ended long ago: a server that lives for one night runs no such service.

    Parameters
    ----------
    days : int
        Days after the end of a run.

    Returns
    -------
    int
        Runs deleted.
    """
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import (
        ArtifactFilter,
        ArtifactFilterFlowRunId,
        FlowRunFilter,
        FlowRunFilterEndTime,
    )

    ended = FlowRunFilterEndTime.model_validate({"before_": datetime.now(UTC) - timedelta(days=days)})
    with get_client(sync_client=True) as client:
        old = [
            run.id for run in client.read_flow_runs(flow_run_filter=FlowRunFilter(end_time=ended), limit=MOST)
        ]
        if old:
            of_them = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=old))
            for artifact in client.read_artifacts(artifact_filter=of_them):
                client.delete_artifact(artifact.id)
        for run_id in old:
            client.delete_flow_run(run_id)
    return len(old)
