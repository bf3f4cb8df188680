"""Tables and draws handed from one night to the next."""

from datetime import date

import pandas as pd

from flows.runtime.artifacts import drawn_folder, keep_drawn, load_frames, save_frames, take_drawn


def test_kept_tables_come_back_under_the_new_run(tmp_path):
    frame = pd.DataFrame({"run_id": ["old"], "as_of": [date(2025, 1, 1)], "p50": [1.5]})
    vocabulary = pd.DataFrame({"quantity": ["q"]})
    work = save_frames(tmp_path / "work", {"forecast": frame, "quantities": vocabulary})
    (work / "draws.parquet").write_bytes(b"draws")
    kept = drawn_folder(tmp_path, tmp_path / "posterior" / "abc.npz", seed=1, draws=500)
    keep_drawn(work, kept)
    take_drawn(kept, tmp_path / "next", "new", date(2025, 1, 2))

    again = load_frames(tmp_path / "next")
    assert again["forecast"].to_dict("records") == [{"run_id": "new", "as_of": date(2025, 1, 2), "p50": 1.5}]
    assert (tmp_path / "next" / "draws.parquet").read_bytes() == b"draws"
    # What was kept is untouched, and only one night is kept.
    assert load_frames(kept)["forecast"]["run_id"].tolist() == ["old"]
    keep_drawn(work, drawn_folder(tmp_path, tmp_path / "abc.npz", seed=2, draws=500))
    assert not kept.exists()


def test_tables_of_other_evidence_have_another_place(tmp_path):
    places = {
        drawn_folder(tmp_path, tmp_path / "abc.npz", seed=1, draws=500, tables=tables)
        for tables in ("", "one", "two")
    }
    assert len(places) == 3
    assert len({place.parent for place in places}) == 1
