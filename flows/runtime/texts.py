"""How pandas keeps the texts of tables in this process: as Python's own strings, not as Arrow's.

Rows of evidence are read, checked and compared one by one, which with Arrow's texts took a night an eighth
longer. Imported for this alone, by what makes the first tables of a process; without it numbers are the same.
"""

import pandas as pd

pd.set_option("mode.string_storage", "python")
