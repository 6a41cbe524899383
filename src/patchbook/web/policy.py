"""Who may call each operation of the API: a line for every one, or the app does not start.

The line is the first wall: no role that may do the deed, no answer, whatever the object. Which objects a person
reaches is asked again in each action, and narrowed in each list.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from patchbook.people.permission import Deed, allow_somewhere
from patchbook.people.principal import Principal


class Anybody(StrEnum):
    """What needs no role."""

    PUBLIC = "public"
    SIGNED_IN = "signed in"


class NoPolicy(Exception):
    """An operation has no line in `POLICY`; a mistake of ours, found when the app starts."""


POLICY: Mapping[str, Deed | Anybody] = {
    "get_health": Anybody.PUBLIC,
    "sign_in": Anybody.PUBLIC,
    "sign_out": Anybody.SIGNED_IN,
    "get_me": Anybody.SIGNED_IN,
    "list_tokens": Anybody.SIGNED_IN,
    "make_token": Anybody.SIGNED_IN,
    "revoke_token": Anybody.SIGNED_IN,
    "list_grants": Anybody.SIGNED_IN,
    "grant_role": Deed.GRANT,
    "revoke_role": Deed.GRANT,
    "set_password": Anybody.SIGNED_IN,
    "list_accounts": Deed.SEE,
    "get_account": Deed.SEE,
    "get_owner": Deed.SEE,
    "get_reasons": Deed.SEE,
    "list_history": Deed.SEE,
    "list_credit": Deed.SEE_CREDIT,
    "get_opportunity_owner": Deed.SEE,
    "list_opportunity_credit": Deed.SEE_CREDIT,
    "get_company": Deed.SEE,
    "list_people": Deed.SEE,
    "add_person": Deed.EDIT_PEOPLE,
    "get_person": Deed.SEE,
    "change_person": Deed.EDIT_PEOPLE,
    "employ_person": Deed.EDIT_PEOPLE,
    "list_book": Deed.SEE,
    "list_imports": Deed.IMPORT,
    "import_file": Deed.IMPORT,
    "get_import": Deed.IMPORT,
    "get_rejected": Deed.IMPORT,
    "get_gone": Deed.IMPORT,
    "list_duplicates": Deed.IMPORT,
    "list_account_decisions": Deed.IMPORT,
    "decide_accounts": Deed.IMPORT,
    "undo_account_decision": Deed.IMPORT,
    "list_territories": Deed.SEE,
    "add_territory": Deed.EDIT_TERRITORIES,
    "get_territory": Deed.SEE,
    "list_path": Deed.SEE,
    "change_territory": Deed.EDIT_TERRITORIES,
    "move_territory": Deed.EDIT_TERRITORIES,
    "close_territory": Deed.EDIT_TERRITORIES,
    "list_seats": Deed.SEE,
    "open_seat": Deed.EDIT_TERRITORIES,
    "list_staffings": Deed.SEE,
    "staff_seat": Deed.CHANGE_PEOPLE,
    "list_pools": Deed.SEE,
    "add_pool": Deed.EDIT_TERRITORIES,
    "get_pool": Deed.SEE,
    "change_pool": Deed.EDIT_TERRITORIES,
    "list_splits": Deed.SEE,
    "add_split": Deed.EDIT_TERRITORIES,
    "end_split": Deed.EDIT_TERRITORIES,
    "list_plans": Deed.SEE,
    "start_plan": Deed.EDIT_PLAN,
    "get_plan": Deed.SEE,
    "get_document": Deed.SEE_EVERYONE,
    "change_document": Deed.EDIT_PLAN,
    "clone_plan": Deed.EDIT_PLAN,
    "list_invitations": Deed.EDIT_PLAN,
    "invite": Deed.EDIT_PLAN,
    "uninvite": Deed.EDIT_PLAN,
    "submit_plan": Deed.EDIT_PLAN,
    "withdraw_plan": Deed.EDIT_PLAN,
    "list_revisions": Deed.SEE_EVERYONE,
    "carve_plan": Deed.EDIT_PLAN,
    "list_carves": Deed.SEE_EVERYONE,
    "get_carve": Deed.SEE_EVERYONE,
    "stop_carve": Deed.EDIT_PLAN,
    "list_studies": Deed.SEE_EVERYONE,
    "get_study": Deed.SEE_EVERYONE,
    "list_study_rows": Deed.SEE_EVERYONE,
    "ask_study": Deed.EDIT_PLAN,
    "get_study_run": Deed.SEE_EVERYONE,
    "stop_study_run": Deed.EDIT_PLAN,
    "list_edits": Deed.SEE_EVERYONE,
    "edit_plan": Deed.EDIT_PLAN,
    "undo_edit": Deed.EDIT_PLAN,
    "redo_edit": Deed.EDIT_PLAN,
    "list_planned_territories": Deed.SEE_EVERYONE,
    "list_planned_assignments": Deed.SEE_EVERYONE,
    "list_planned_borders": Deed.SEE_EVERYONE,
    "get_effect": Deed.PROPOSE,
    "propose": Deed.PROPOSE,
    "commit_moves": Deed.PROPOSE,
    "list_proposals": Deed.SEE,
    "get_proposal": Deed.SEE,
    "decide_proposal": Deed.DECIDE,
    "withdraw_proposal": Deed.PROPOSE,
    "get_review": Deed.SEE_EVERYONE,
    "approve_plan": Deed.APPROVE,
    "reject_plan": Deed.APPROVE,
    "recall_plan": Deed.EDIT_PLAN,
    "list_freezes": Deed.SEE,
    "freeze_drafts": Deed.EDIT_PLAN,
    "lift_freeze": Deed.EDIT_PLAN,
    "open_challenge_window": Deed.EDIT_PLAN,
    "list_future_book": Deed.CHALLENGE,
    "file_challenge": Deed.CHALLENGE,
    "list_challenges": Deed.SEE,
    "get_challenge": Deed.SEE,
    "decide_challenge": Deed.DECIDE,
    "withdraw_challenge": Deed.CHALLENGE,
    "list_exceptions": Deed.SEE,
    "request_exception": Deed.REQUEST_EXCEPTION,
    "get_exception_budget": Deed.SEE_EVERYONE,
    "get_exception": Deed.SEE,
    "approve_exception": Deed.DECIDE,
    "reject_exception": Deed.DECIDE,
    "renew_exception": Deed.REQUEST_EXCEPTION,
    "end_exception": Deed.REQUEST_EXCEPTION,
    "withdraw_exception": Deed.REQUEST_EXCEPTION,
    "hire": Deed.CHANGE_PEOPLE,
    "peel": Deed.CHANGE_PEOPLE,
    "leave": Deed.CHANGE_PEOPLE,
    "come_back": Deed.CHANGE_PEOPLE,
    "depart": Deed.CHANGE_PEOPLE,
    "transfer": Deed.CHANGE_PEOPLE,
    "promote": Deed.CHANGE_PEOPLE,
    "reorganise": Deed.CHANGE_PEOPLE,
    "compare_plans": Deed.SEE_EVERYONE,
    "get_difference": Deed.SEE_EVERYONE,
    "list_disruption": Deed.SEE_EVERYONE,
    "export_plan": Deed.SEE_EVERYONE,
    "take_plan": Deed.EDIT_PLAN,
    "list_audit": Deed.SEE,
    "verify_audit": Deed.SEE_AUDIT,
    "begin_single_sign_on": Anybody.PUBLIC,
    "finish_single_sign_on": Anybody.PUBLIC,
    "erase_person": Deed.ADMINISTER,
    "list_comments": Deed.SEE,
    "add_comment": Deed.COMMENT,
    "withdraw_comment": Deed.COMMENT,
    "get_inbox": Anybody.SIGNED_IN,
    "list_settings": Deed.SEE,
    "change_setting": Deed.ADMINISTER,
    "dry_run": Deed.PUBLISH,
    "publish_plan": Deed.PUBLISH,
    "list_publications": Deed.EDIT_PLAN,
    "get_publication": Deed.EDIT_PLAN,
    "roll_back": Deed.ROLL_BACK,
    "list_holdovers": Deed.SEE,
    "list_extensions": Deed.SEE,
    "ask_extension": Deed.REQUEST_EXCEPTION,
    "decide_extension": Deed.DECIDE,
    "list_registrations": Deed.SEE,
    "register_deal": Deed.REQUEST_EXCEPTION,
    "get_registration": Deed.SEE,
    "approve_registration": Deed.DECIDE,
    "reject_registration": Deed.DECIDE,
    "extend_registration": Deed.DECIDE,
    "end_registration": Deed.DECIDE,
    "withdraw_registration": Deed.REQUEST_EXCEPTION,
    "list_claimable": Deed.REQUEST_EXCEPTION,
    "list_claims": Deed.SEE,
    "claim_account": Deed.REQUEST_EXCEPTION,
    "return_claim": Deed.REQUEST_EXCEPTION,
    "list_warnings": Deed.SEE,
    "check_outreach": Deed.COMMENT,
    "note_activity": Deed.COMMENT,
    "get_rules_of_engagement": Deed.SEE,
    "list_acknowledgements": Deed.SEE,
    "acknowledge_rules": Deed.SEE,
    "list_due": Deed.EDIT_TERRITORIES,
    "enforce_rules": Deed.EDIT_TERRITORIES,
    "get_family": Deed.SEE,
    "appoint_owner": Deed.EDIT_TERRITORIES,
    "end_appointment": Deed.EDIT_TERRITORIES,
    "list_opportunity_territories": Deed.SEE,
    "choose_opportunity_territory": Deed.DECIDE,
    "get_transition_pack": Deed.SEE,
    "list_handoffs": Deed.SEE,
    "prepare_handoff": Deed.COMMENT,
    "accept_handoff": Deed.COMMENT,
    "return_handoff": Deed.COMMENT,
    "receive_lead": Deed.ROUTE,
    "receive_leads": Deed.ROUTE,
    "import_leads": Deed.ROUTE,
    "list_jobs": Deed.RUN_JOBS,
    "list_job_runs": Deed.RUN_JOBS,
    "ask_for_run": Deed.RUN_JOBS,
    "list_leads": Deed.SEE,
    "get_lead": Deed.SEE,
    "list_decisions": Deed.SEE,
    "list_lead_events": Deed.SEE,
    "accept_lead": Deed.WORK_LEADS,
    "touch_lead": Deed.WORK_LEADS,
    "return_lead": Deed.WORK_LEADS,
    "close_lead": Deed.WORK_LEADS,
    "reassign_lead": Deed.REASSIGN_LEADS,
    "reroute_lead": Deed.REASSIGN_LEADS,
    "erase_lead": Deed.ADMINISTER,
    "get_queue": Deed.SEE,
    "sweep_queue": Deed.ROUTE,
    "get_speed": Deed.SEE,
    "get_routing": Deed.SEE,
    "set_routing": Deed.ROUTE,
    "list_routing_versions": Deed.SEE,
    "take_hook": Anybody.PUBLIC,
    "list_deliveries": Deed.ADMINISTER,
    "send_again": Deed.ADMINISTER,
}
"""Operation → the deed it is, or that it takes none."""


def refuse(person: Principal, deed: Deed | Anybody | None) -> None:
    """
    Refuse whoever holds no role that may do this anywhere.

    Raises
    ------
    NotAllowed
        Worded as the gate words it; says nothing about any object.
    NoPolicy
        No line says which deed it is.
    """
    if deed is None:
        raise NoPolicy("An address asks who is there, and says of no deed that it is one.")
    if isinstance(deed, Deed):
        allow_somewhere(person, deed)


def check(operations: Iterable[str]) -> None:
    """Refuse to start with an operation that has no line, or a line that has no operation."""
    found = set(operations)
    if missing := found - set(POLICY):
        raise NoPolicy(f"No line in web/policy.py says who may call {', '.join(sorted(missing))}.")
    if idle := set(POLICY) - found:
        raise NoPolicy(f"web/policy.py has a line for {', '.join(sorted(idle))}, which the API does not have.")
