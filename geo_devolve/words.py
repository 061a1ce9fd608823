"""Words for figures, which every message, table and page puts alike."""


def counted(number: float, one: str, many: str = "") -> str:
    """Say how many of something there are.

    Parameters
    ----------
    number
        How many.
    one, many
        What they are called; of many, `one` with an "s" unless it is given.

    Examples
    --------
    >>> from geo_devolve.words import counted
    >>> counted(1, "council"), counted(326, "council"), counted(1200, "body", "bodies")
    ('1 council', '326 councils', '1,200 bodies')
    """
    return f"{number:,.0f} {one if number == 1 else many or f'{one}s'}"
