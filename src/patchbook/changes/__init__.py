"""Dated changes among people: hire, leave, departure, transfer, promotion, reorganisation."""
