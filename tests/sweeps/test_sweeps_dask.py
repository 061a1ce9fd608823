"""Sweeps on a Dask cluster: the same bytes, also when a worker is lost on the way."""

import json
import os
import signal
from pathlib import Path

import pytest
from sweeping import area, content, scenarios

import geo_devolve as gd
from geo_devolve import cli
from geo_devolve.sweeps.run import sweep
from geo_devolve.sweeps.workers import hands_of

distributed = pytest.importorskip("distributed", reason="the extra cluster is not installed")


@pytest.mark.filterwarnings("ignore")
def test_a_dask_cluster_gives_the_same_bytes_and_outlives_a_lost_worker(
    tmp_path: Path, monkeypatch, capsys
) -> None:
    ground = area()
    sweep(ground, scenarios(), out=tmp_path / "alone", workers=1)
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=2, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        killed = []

        def lose_one(_stage: str, finished: int, _total: int | None = None) -> None:
            if finished and not killed:
                killed.append(next(iter(client.run(os.getpid).values())))
                os.kill(killed[0], signal.SIGKILL)

        with client.get_executor() as executor:
            assert hands_of(executor) == 4
            sweep(ground, scenarios(), executor, out=tmp_path / "dask", batch=2, progress=lose_one)
        monkeypatch.setattr(gd, "load_geography", lambda *_given, **_named: ground)
        (tmp_path / "SWEEP.toml").write_text("base = {areas = 3}\n[grid]\nareas = [2, 3]\n")
        options = ["--scheduler", cluster.scheduler_address, "--out", str(tmp_path / "command"), "--json"]
        assert cli.run(["sweep", str(tmp_path / "SWEEP.toml"), *options]) == 0
    assert killed
    assert content(tmp_path / "dask") == content(tmp_path / "alone")
    assert json.loads(capsys.readouterr().out)["status"] == {"found": 2}
    sweep(ground, tmp_path / "SWEEP.toml", out=tmp_path / "here", workers=1)
    assert content(tmp_path / "command") == content(tmp_path / "here")
