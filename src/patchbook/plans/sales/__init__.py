"""What a plan is expected to sell: its books, its accounts' worth, the planner's assumptions and history, compared."""

from patchbook.plans.sales.assumptions import Assumptions, read_assumptions
from patchbook.plans.sales.books import Books, Holder, books_today, planned_books
from patchbook.plans.sales.history import BadHistory, History, Learned, learn, read_history
from patchbook.plans.sales.outlook import Case, CaseSales, Outlook, Parts, Swing, outlook_of
from patchbook.plans.sales.worth import Worth, worth_of

__all__ = [
    "Assumptions",
    "BadHistory",
    "Books",
    "Case",
    "CaseSales",
    "History",
    "Holder",
    "Learned",
    "Outlook",
    "Parts",
    "Swing",
    "Worth",
    "books_today",
    "learn",
    "outlook_of",
    "planned_books",
    "read_assumptions",
    "read_history",
    "worth_of",
]
