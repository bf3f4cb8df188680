"""Hashes and files between the stages."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from flows import fingerprint, handover

FRAME = pd.DataFrame({"figure_id": ["a", "b"], "value": [1.0, 2.5], "note": ["", "x,y"]})


def test_the_hash_sees_content_and_not_order():
    shuffled = FRAME.iloc[::-1][["note", "value", "figure_id"]]
    assert fingerprint.frames_hash({"figures": FRAME}) == fingerprint.frames_hash({"figures": shuffled})
    changed = FRAME.assign(value=[1.0, 2.6])
    assert fingerprint.frames_hash({"figures": FRAME}) != fingerprint.frames_hash({"figures": changed})
    assert fingerprint.frames_hash({"figures": FRAME}) != fingerprint.frames_hash({"products": FRAME})
    assert fingerprint.frames_hash({"figures": FRAME}) != fingerprint.frames_hash({"figures": FRAME.iloc[:1]})


def test_the_hash_tells_the_smallest_change_of_a_number():
    near = FRAME.assign(value=[1.0, np.nextafter(2.5, 3)])
    assert fingerprint.frames_hash({"figures": FRAME}) != fingerprint.frames_hash({"figures": near})


def test_code_seed_and_chains_make_another_run(tmp_path: Path):
    (tmp_path / "chain.py").write_text("x = 1\n")
    before = fingerprint.code_hash(tmp_path)
    (tmp_path / "chain.py").write_text("x = 2\n")
    assert fingerprint.code_hash(tmp_path) != before
    hashes = {
        fingerprint.run_hash({"f": FRAME}, seed=seed, chains=chains) for seed in (1, 2) for chains in (2, 4)
    }
    assert len(hashes) == 4
    assert fingerprint.run_hash({"f": FRAME}, seed=1, chains=2) in hashes


def test_arrays_and_frames_come_back_as_they_went(tmp_path: Path):
    arrays = {
        "posterior__level": np.arange(6.0).reshape(1, 2, 3),
        "sample_stats__diverging": np.array([[False, True]]),
    }
    file = handover.save_arrays(tmp_path / "posterior" / "x.npz", arrays)
    back = handover.load_arrays(file)
    assert back.keys() == arrays.keys()
    assert all(np.array_equal(back[name], arrays[name]) for name in arrays)
    folder = handover.save_frames(tmp_path / "work", {"forecast": FRAME, "binding": FRAME.head(0)})
    (folder / "draws.parquet").write_bytes(b"not a table")
    frames = handover.load_frames(folder)
    pd.testing.assert_frame_equal(frames["forecast"], FRAME)
    assert len(frames["binding"]) == 0
    assert not list(tmp_path.rglob("*.part"))


def test_a_write_that_fails_leaves_nothing_that_looks_whole(tmp_path: Path, monkeypatch):
    def full(*args: object, **kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="No space"):
        handover.save_arrays(tmp_path / "x.npz", {"a": np.zeros(2)})
    assert not (tmp_path / "x.npz").exists()


def test_old_work_and_posteriors_go(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(handover, "KEPT_POSTERIORS", 2)
    for number in range(4):
        path = handover.save_arrays(tmp_path / "posterior" / f"{number}.npz", {"a": np.zeros(1)})
        os.utime(path, (number, number))
        handover.work_folder(tmp_path, f"night-{number}").mkdir(parents=True)
    handover.tidy(tmp_path, "night-3")
    assert sorted(path.stem for path in (tmp_path / "posterior").iterdir()) == ["2", "3"]
    assert [path.name for path in (tmp_path / "work").iterdir()] == ["night-3"]
