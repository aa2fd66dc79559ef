"""The health checks of the containers, asked of real processes."""

from scripts import container_health


def test_a_worker_that_runs_is_well(celery_worker_process):
    assert container_health.worker_is_well()


def test_a_worker_that_does_not_run_is_not(celery_worker_process, monkeypatch):
    monkeypatch.setattr("socket.gethostname", lambda: "another-container")
    monkeypatch.setattr(container_health, "PING_SECONDS", 1)
    assert not container_health.worker_is_well()


def test_beat_is_well_only_where_it_is_the_first_process():
    assert not container_health.beat_is_well()
