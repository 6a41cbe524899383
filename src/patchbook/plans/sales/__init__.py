"""What a plan is expected to sell: its books, its accounts' worth and the planner's assumptions, compared.

History (`history.py`) and what result folders keep (`kept.py`) are imported by who needs them: both read files.
"""

from patchbook.plans.sales.assumptions import Assumptions, read_assumptions
from patchbook.plans.sales.books import Books, Holder, SeatCosts, books_today, planned_books
from patchbook.plans.sales.outlook import Case, CaseSales, Outlook, Parts, Swing, outlook_of
from patchbook.plans.sales.worth import Worth, worth_of

__all__ = [
    "Assumptions",
    "Books",
    "Case",
    "CaseSales",
    "Holder",
    "Outlook",
    "Parts",
    "SeatCosts",
    "Swing",
    "Worth",
    "books_today",
    "outlook_of",
    "planned_books",
    "read_assumptions",
    "worth_of",
]
