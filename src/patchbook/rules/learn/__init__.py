"""From a book to rules: few readable rules that give the assignment there is, and the accounts they do not."""

from patchbook.rules.learn.learn import learn
from patchbook.rules.learn.learned import Learned, LearnedRule, NothingToLearn

__all__ = ["Learned", "LearnedRule", "NothingToLearn", "learn"]
