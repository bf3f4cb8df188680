"""What goes with a night: what the rule of `warehouse.retention` keeps no longer."""

import shutil
from datetime import timedelta

from flows.night.kept_runs import KeptRun, published_runs
from flows.runtime.settings import Settings
from warehouse import layout
from warehouse.atomic import remove_unfinished
from warehouse.history import runs_that_differ

# Posteriors of reruns of history, and of runs that were never published: the newest of them.
OTHERS = 4
# The runs published last keep theirs, whatever day they are for: the next night may rest on the very same.
LAST_RUNS = 3


def tidy(settings: Settings, run_id: str) -> None:
    """Remove what killed runs left, and posteriors that no run needs. Call only while holding the lock."""
    remove_unfinished(settings.state)
    for folder in layout.work_folder(settings.state).glob("*"):
        if folder.name != run_id:
            shutil.rmtree(folder, ignore_errors=True)
    wanted = wanted_posteriors(published_runs(settings.state), settings)
    files = (path for path in layout.posterior_folder(settings.state).glob("*") if path.is_file())
    others = [path for path in files if path.stem not in wanted]
    others.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for path in others[OTHERS:]:
        path.unlink(missing_ok=True)


def wanted_posteriors(runs: list[KeptRun], settings: Settings) -> set[str]:
    """Return the content hashes of the posteriors that are kept.

    Parameters
    ----------
    runs : list of KeptRun
        The published ones, the latest as-of day first.
    settings : Settings
    """
    if not runs:
        return set()
    oldest = runs[0].as_of - timedelta(days=settings.kept.posterior_days)
    last = sorted(runs, key=lambda run: run.run_id, reverse=True)[:LAST_RUNS]
    weighted = [run.content_hash for run in [*last, *runs] if run.reweighted_from]
    return {
        *(run.sampled_hash for run in [*last, *runs] if run in last or run.as_of >= oldest),
        *list(dict.fromkeys(weighted))[: settings.kept.weighted],
    }


def tidy_reports(settings: Settings) -> None:
    """Remove reports of runs that a later one repeats, and all but the newest of the others."""
    differ = set(runs_that_differ(settings.state))
    reports = sorted((settings.state / layout.REPORTS_FOLDER).glob("*.html"), reverse=True)
    kept = [path for path in reports if path.stem in differ][: settings.kept.reports]
    for path in reports:
        if path not in kept:
            path.unlink(missing_ok=True)
