# /// script
# [tool.marimo.display]
# theme = "system"
# ///
"""The review app: what each tab shows. Whatever computes or reads stands in the modules beside it.

`hbmcast app` starts it. A tab's cells stop where another tab is on show: only what is seen is computed.
Controls stand in cells of their own that depend on no tab: a cell that runs anew makes its controls anew.
"""

import marimo

app = marimo.App(
    width="full",
    app_title="HBM and CoWoS forecast: review",
    css_file="look.css",
    html_head_file="head.html",
)


@app.cell
def _():
    import marimo as mo

    from dashboards.app import both_ways, parts, reading, review, what_if
    from dashboards.app.doors import doors

    given = doors()
    state = given.state
    return both_ways, given, mo, parts, reading, review, state, what_if


@app.cell
def _(mo):
    clock = mo.ui.refresh(options=["1m", "10m"], default_interval="1m", label="look for a new run every")
    tab = mo.ui.tabs(
        dict.fromkeys(("Forecast", "What-if", "Evidence", "Posterior", "Scoreboard", "Notes", "SQL"), ""),
        value=mo.query_params().get("tab") or "Forecast",
    )
    return clock, tab


@app.cell
def _(mo, reading, state):
    runs = reading.published_runs(state)
    mo.stop(runs.empty, mo.callout("No run is published yet: run `hbmcast nightly` first.", kind="warn"))
    run = mo.ui.dropdown(
        {f"{r.run_id}{' (served)' if r.is_served else ''}": r.run_id for r in runs.itertuples()},
        value=f"{runs.run_id[0]} (served)",
        allow_select_none=False,
        label="run",
    )
    return run, runs


@app.cell
def _(reading, run, state):
    frames = reading.frames_of(state, run.value)
    return (frames,)


@app.cell
def _(clock, given, mo, review, run, runs, state, tab):
    # Looked at anew when the clock ticks.
    _ = clock.value
    _lines = review.warnings(state, run.value, runs.run_id[0], given.night_line())
    mo.vstack([
        mo.hstack([mo.md("## HBM and CoWoS forecast: review"), run, clock], wrap=True, align="center"),
        *[mo.callout(mo.plain_text(line), kind="warn") for line in _lines],
        tab,
    ])  # fmt: skip
    return


@app.cell
def _(both_ways, frames, mo):
    quantity = mo.ui.dropdown(
        both_ways.quantities_in(frames),
        value=next(iter(both_ways.quantities_in(frames))),
        allow_select_none=False,
        searchable=True,
        label="quantity",
    )
    period = mo.ui.dropdown(
        list(dict.fromkeys(sorted(frames.forecast["period"].astype(str), key=lambda p: (len(p), p)))),
        value=str(frames.provenance.as_of)[:4],
        allow_select_none=False,
        searchable=True,
        label="period",
    )
    return period, quantity


@app.cell
def _(frames, mo, parts, quantity, tab):
    mo.stop(tab.value != "Forecast")
    mo.vstack([quantity, mo.iframe(parts.forecast_part(frames, quantity.value))])
    return


@app.cell
def _(frames, mo, reading, state, what_if):
    _classes, _makers = reading.what_can_be_late(state, frames.provenance.as_of)
    factors = mo.ui.dictionary({
        slider.name: mo.ui.slider(0.5, 1.5, step=0.05, value=1.0, debounce=True, show_value=True,
                                  label=f"{slider.label} ×")
        for slider in what_if.FACTORS
    })  # fmt: skip

    def _late_by(label):
        return mo.ui.slider(0, 6, step=0.5, value=0, debounce=True, show_value=True, label=label)

    mix_late, class_late, maker_late = (
        _late_by(f"{what} late by (quarters)") for what in ("all launches", "class", "maker")
    )
    one_class = mo.ui.dropdown(_classes, label="class")
    one_maker = mo.ui.dropdown(_makers, label="maker of HBM")
    first = mo.ui.dropdown(
        what_if.quarters_ahead(frames.provenance.as_of),
        value=next(iter(what_if.quarters_ahead(frames.provenance.as_of))),
        allow_select_none=False,
        label="from",
    )
    ramp = mo.ui.dropdown(what_if.RAMPS, value="at once", allow_select_none=False, label="reached")
    return class_late, factors, first, maker_late, mix_late, one_class, one_maker, ramp


@app.cell
def _(class_late, factors, first, maker_late, mix_late, mo, one_class, one_maker, ramp, run, runs, tab):
    mo.stop(tab.value != "What-if")
    mo.stop(
        run.value != runs.run_id[0],
        mo.callout("What-ifs rest on the posterior of the run served: choose it above.", kind="warn"),
    )
    _rows = (
        factors.elements.values(), (mix_late, first, ramp), (one_class, class_late, one_maker, maker_late)
    )  # fmt: skip
    mo.vstack([mo.hstack(list(row), wrap=True, justify="start", gap=1.5) for row in _rows])
    return


@app.cell
def _(mo):
    # What became of the last reading of a posterior; the cell that began it runs again with it.
    get_read, set_read = mo.state("", allow_self_loops=True)
    return get_read, set_read


@app.cell
def _(get_read, given, mo, reading, review, run, runs, set_read, state, tab):
    # Reading takes seconds, and a cell that takes them keeps every other tab waiting: a thread does it.
    why_no_basis = get_read()
    basis = reading.basis_if_read(state)
    _is_wanted = tab.value in ("What-if", "Evidence") and run.value == runs.run_id[0]

    def _read():
        read, why = review.answered(lambda: reading.served_basis(state, given.served_fit), given.errors)
        set_read(why)
        # Makers' shares cost seconds too, and a maker that is late asks for them.
        _ = read and read.shares

    if _is_wanted and basis is None and not why_no_basis:
        mo.Thread(target=_read, daemon=True).start()
        why_no_basis = review.READING
    return basis, why_no_basis


@app.cell
def _(
    basis, class_late, factors, first, frames, given, maker_late, mix_late, mo, one_class, one_maker, parts,
    ramp, review, run, runs, tab, what_if, why_no_basis,
):  # fmt: skip
    mo.stop(tab.value != "What-if" or run.value != runs.run_id[0])
    mo.stop(basis is None, mo.callout(mo.plain_text(why_no_basis)))
    _late = {what_if.LATE_MIX: mix_late.value}
    _late |= {one_class.value or "": class_late.value, one_maker.value or "": maker_late.value}
    _found, _why = review.answered(
        lambda: what_if.answer(basis, factors.value, _late, first.value, ramp.value), given.errors
    )
    mo.stop(bool(_why), mo.callout(mo.plain_text(_why), kind="danger"))
    mo.stop(_found is None, mo.callout("Move a slider: the forecast is then shown with and without it."))
    mo.iframe(parts.render_part(frames, [what_if.what_if_section(frames, _found)]))
    return


@app.cell
def _(both_ways, frames, mo, period, quantity, tab):
    mo.stop(tab.value != "Evidence")
    figures = mo.ui.table(
        both_ways.figures_of(frames, quantity.value, period.value), selection="single", show_download=False,
        show_data_types=False, show_column_summaries=False, page_size=12, freeze_columns_left=["figure"],
        format_mapping=both_ways.FIGURE_FORMATS,
    )  # fmt: skip
    mo.vstack([
        mo.md("### From a number to its figures"),
        mo.hstack([quantity, period], wrap=True, justify="start"),
        mo.md(f"**{both_ways.number_in_words(frames, quantity.value, period.value)}**"),
        mo.md(both_ways.hangs_on(frames, quantity.value, period.value)),
        figures,
        mo.md("### From a figure to what it pulls"),
    ])  # fmt: skip
    return (figures,)


@app.cell
def _(basis, both_ways, figures, frames, given, mo, parts, review, run, runs, tab, why_no_basis):
    mo.stop(tab.value != "Evidence")
    mo.stop(not len(figures.value), mo.callout("Choose a figure in the table above."))
    _id = str(figures.value["figure"].iloc[0])
    _blocks = [review.facts_block(both_ways.figure_in_words(frames, _id))]
    if run.value == runs.run_id[0]:
        _blocks += review.effects_of(frames, basis, _id, why_no_basis, given.errors)
    mo.iframe(parts.render_part(frames, [review.section(f"Figure {_id}", _blocks)]))
    return


@app.cell
def _(mo, reading, run, state, tab):
    mo.stop(tab.value not in ("Posterior", "Scoreboard"))
    mo.iframe(reading.part_of(state, run.value, tab.value.lower()))
    return


@app.cell
def _(mo):
    get_written, set_written = mo.state("")
    return get_written, set_written


@app.cell
def _(given, mo, review, run, set_written):
    def _submitted(value):
        if value is not None:
            set_written(review.noted(given, **value))

    note = (
        mo.md(review.NOTE_FORM)
        .batch(
            run_id=mo.ui.text(value=run.value, label="run", full_width=True),
            verdict=mo.ui.radio(list(review.VERDICTS), value="comment", inline=True),
            about=mo.ui.text(label="about (a quantity, a figure; empty: the whole run)", full_width=True),
            comment=mo.ui.text_area(label="comment", full_width=True),
            reviewer=mo.ui.text(label="your name"),
        )
        .form(submit_button_label="Write the note", clear_on_submit=True, on_change=_submitted)
    )
    return (note,)


@app.cell
def _(frames, get_written, mo, note, parts, review, state, tab):
    mo.stop(tab.value != "Notes")
    _told = get_written()
    mo.vstack([
        mo.md("A note is kept with the state folder for good, and stands on the page of the next night."),
        note,
        *([mo.callout(mo.plain_text(_told))] if _told else []),
        mo.iframe(parts.render_part(frames, [review.notes_part(state)])),
    ])  # fmt: skip
    return


@app.cell
def _(mo, review):
    recipe = mo.ui.dropdown(review.cookbook(), searchable=True, label="cookbook", full_width=True)
    return (recipe,)


@app.cell
def _(mo, recipe, review):
    query = mo.ui.code_editor(
        value=recipe.value or review.FIRST_QUERY, language="sql", min_height=120, label="question in SQL"
    ).form(submit_button_label="Ask", bordered=False)
    return (query,)


@app.cell
def _(given, mo, query, recipe, review, state, tab):
    mo.stop(tab.value != "SQL")
    _asked = query.value or recipe.value or review.FIRST_QUERY
    _table, _why = review.answered(lambda: review.asked(state, _asked), given.errors)
    _parts = [recipe, query]
    if _why:
        _parts.append(mo.callout(mo.plain_text(_why), kind="danger"))
    else:
        _parts += [
            mo.ui.table(_table, selection=None, show_download=False, show_column_summaries=False,
                        page_size=20, format_mapping=review.formats(_table)),
            mo.hstack([
                mo.download(lambda f=form: given.as_bytes(_table, f)[0], f"answer.{form}", label=form.upper())
                for form in review.DOWNLOADS
            ], justify="start", wrap=True),
        ]  # fmt: skip
    mo.vstack(_parts)
    return


if __name__ == "__main__":
    app.run()
