"""The cookbook: questions in words, each with the SQL that answers it."""

from warehouse.statements import HERE

_COMMENT = "-- "


def cookbook() -> dict[str, str]:
    """Give each question of the cookbook with its SQL, in the order of the cookbook.

    Returns
    -------
    dict of str to str
        Question to SQL.
    """
    found = {}
    for file in sorted((HERE / "cookbook").glob("*.sql")):
        text = file.read_text(encoding="utf-8")
        question = text.splitlines()[0].removeprefix(_COMMENT)
        found[f"{int(file.name.split('_')[0])}. {question}"] = text
    return found
