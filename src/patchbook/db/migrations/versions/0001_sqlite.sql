CREATE TABLE work_outside_employment (
number INTEGER NOT NULL,
what TEXT NOT NULL,
person_id TEXT NOT NULL,
never INTEGER DEFAULT '-1' NOT NULL CONSTRAINT ck_work_outside_employment_refers_to_nothing CHECK (never = -1),
CONSTRAINT pk_work_outside_employment PRIMARY KEY (number),
CONSTRAINT uq_work_outside_employment_what_person_id UNIQUE (what, person_id),
CONSTRAINT fk_work_outside_employment_never FOREIGN KEY(never) REFERENCES work_outside_employment (number) DEFERRABLE INITIALLY DEFERRED
)
;;
CREATE TABLE event (
number INTEGER NOT NULL,
at BIGINT NOT NULL,
"by" TEXT NOT NULL,
deed TEXT NOT NULL,
kind TEXT NOT NULL,
subject TEXT NOT NULL,
"before" TEXT,
"after" TEXT,
why TEXT,
previous TEXT NOT NULL,
digest TEXT NOT NULL,
CONSTRAINT pk_event PRIMARY KEY (number)
)
;;
CREATE INDEX ix_event_subject ON event (subject)
;;
CREATE INDEX ix_event_by ON event ("by")
;;
CREATE TRIGGER event_no_update BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'event is only ever added to'); END
;;
CREATE TRIGGER event_no_delete BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'event is only ever added to'); END
;;
CREATE TRIGGER event_no_replace BEFORE INSERT ON event
WHEN EXISTS (SELECT 1 FROM event WHERE number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'event is only ever added to'); END
;;
CREATE TABLE person (
person_id TEXT NOT NULL,
revision INTEGER NOT NULL,
name TEXT NOT NULL,
email TEXT,
role TEXT,
segment TEXT,
manager_id TEXT,
skills TEXT NOT NULL,
languages TEXT NOT NULL,
products TEXT NOT NULL,
latitude FLOAT,
longitude FLOAT,
time_zone TEXT,
working_hours TEXT,
capacity FLOAT NOT NULL,
ramp FLOAT NOT NULL,
other TEXT NOT NULL,
CONSTRAINT pk_person PRIMARY KEY (person_id),
CONSTRAINT uq_person_email UNIQUE (email),
CONSTRAINT fk_person_manager_id FOREIGN KEY(manager_id) REFERENCES person (person_id)
)
;;
CREATE INDEX ix_person_manager_id ON person (manager_id)
;;
CREATE TABLE opportunity (
opportunity_id TEXT NOT NULL,
account_id TEXT NOT NULL,
name TEXT,
stage TEXT,
amount_usd FLOAT,
owner_id TEXT,
opened BIGINT,
closed BIGINT,
won INTEGER,
CONSTRAINT pk_opportunity PRIMARY KEY (opportunity_id)
)
;;
CREATE INDEX ix_opportunity_account_id ON opportunity (account_id)
;;
CREATE TABLE tick (
one INTEGER NOT NULL,
last BIGINT NOT NULL,
CONSTRAINT pk_tick PRIMARY KEY (one)
)
;;
CREATE TABLE territory (
territory_id TEXT NOT NULL,
made_at BIGINT NOT NULL,
CONSTRAINT pk_territory PRIMARY KEY (territory_id)
)
;;
CREATE TABLE pool (
pool_id TEXT NOT NULL,
name TEXT NOT NULL,
members TEXT NOT NULL,
revision INTEGER NOT NULL,
CONSTRAINT pk_pool PRIMARY KEY (pool_id),
CONSTRAINT uq_pool_name UNIQUE (name)
)
;;
CREATE TABLE setting (
name TEXT NOT NULL,
value TEXT NOT NULL,
CONSTRAINT pk_setting PRIMARY KEY (name)
)
;;
CREATE TABLE kept_answer (
person_id TEXT NOT NULL,
"key" TEXT NOT NULL,
fingerprint TEXT NOT NULL,
status INTEGER NOT NULL,
headers TEXT NOT NULL,
body TEXT,
at BIGINT NOT NULL,
CONSTRAINT pk_kept_answer PRIMARY KEY (person_id, "key")
)
;;
CREATE INDEX ix_kept_answer_at ON kept_answer (at)
;;
CREATE TABLE attempt (
attempt_id INTEGER NOT NULL,
whom TEXT NOT NULL,
at BIGINT NOT NULL,
CONSTRAINT pk_attempt PRIMARY KEY (attempt_id)
)
;;
CREATE INDEX ix_attempt_whom ON attempt (whom, at)
;;
CREATE TABLE sign_in_begun (
digest TEXT NOT NULL,
provider TEXT NOT NULL,
redirect_uri TEXT NOT NULL,
at BIGINT NOT NULL,
CONSTRAINT pk_sign_in_begun PRIMARY KEY (digest)
)
;;
CREATE TABLE import_run (
number INTEGER NOT NULL,
import_id TEXT NOT NULL,
kind TEXT NOT NULL,
snapshot_id TEXT,
name TEXT NOT NULL,
rows INTEGER NOT NULL,
rejected INTEGER NOT NULL,
gone INTEGER NOT NULL,
notes TEXT NOT NULL,
mapping TEXT NOT NULL,
"by" TEXT NOT NULL,
at BIGINT NOT NULL,
CONSTRAINT pk_import_run PRIMARY KEY (number),
CONSTRAINT uq_import_run_import_id UNIQUE (import_id)
)
;;
CREATE INDEX ix_import_run_kind ON import_run (kind, number)
;;
CREATE TABLE "plan" (
plan_id TEXT NOT NULL,
name TEXT NOT NULL,
status TEXT NOT NULL,
revision INTEGER NOT NULL,
effective DATE,
document TEXT NOT NULL,
confidential BOOLEAN NOT NULL,
scenario_of TEXT,
snapshot_id TEXT,
people_id TEXT,
owners_at BIGINT,
seed INTEGER NOT NULL,
seconds FLOAT NOT NULL,
engine_version TEXT,
result_id TEXT,
owner_id TEXT NOT NULL,
made_by TEXT NOT NULL,
made_at BIGINT NOT NULL,
submitted_by TEXT,
submitted_at BIGINT,
approved_by TEXT,
approved_at BIGINT,
published_by TEXT,
published_at BIGINT,
open_to_challenges_until BIGINT,
CONSTRAINT pk_plan PRIMARY KEY (plan_id),
CONSTRAINT fk_plan_scenario_of FOREIGN KEY(scenario_of) REFERENCES "plan" (plan_id)
)
;;
CREATE INDEX ix_plan_status ON "plan" (status)
;;
CREATE INDEX ix_plan_made ON "plan" (made_at, plan_id)
;;
CREATE TABLE plan_people (
people_id TEXT NOT NULL,
people TEXT NOT NULL,
CONSTRAINT pk_plan_people PRIMARY KEY (people_id)
)
;;
CREATE TABLE holdover_extension (
extension_id TEXT NOT NULL,
opportunity_id TEXT NOT NULL,
account_id TEXT NOT NULL,
until BIGINT NOT NULL,
why TEXT NOT NULL,
asked_by TEXT NOT NULL,
asked_at BIGINT NOT NULL,
is_granted BOOLEAN,
decided_by TEXT,
decided_at BIGINT,
comment TEXT,
CONSTRAINT pk_holdover_extension PRIMARY KEY (extension_id),
CONSTRAINT ck_holdover_extension_decided_by_somebody CHECK ((is_granted IS NULL) = (decided_by IS NULL))
)
;;
CREATE INDEX ix_holdover_extension_opportunity ON holdover_extension (opportunity_id)
;;
CREATE TABLE change_freeze (
freeze_id TEXT NOT NULL,
starts BIGINT NOT NULL,
ends BIGINT NOT NULL,
why TEXT NOT NULL,
"by" TEXT NOT NULL,
at BIGINT NOT NULL,
lifted_by TEXT,
lifted_at BIGINT,
CONSTRAINT pk_change_freeze PRIMARY KEY (freeze_id),
CONSTRAINT ck_change_freeze_freeze_is_not_empty CHECK (starts < ends)
)
;;
CREATE TABLE comment (
comment_id TEXT NOT NULL,
kind TEXT NOT NULL,
subject_id TEXT NOT NULL,
text TEXT NOT NULL,
"by" TEXT NOT NULL,
at BIGINT NOT NULL,
withdrawn_at BIGINT,
CONSTRAINT pk_comment PRIMARY KEY (comment_id)
)
;;
CREATE INDEX ix_comment_subject ON comment (kind, subject_id, at)
;;
CREATE INDEX ix_comment_by ON comment ("by")
;;
CREATE TABLE employment (
fact_id INTEGER NOT NULL,
person_id TEXT NOT NULL,
valid_from BIGINT NOT NULL,
valid_to BIGINT NOT NULL,
recorded_from BIGINT NOT NULL,
recorded_to BIGINT NOT NULL,
reason TEXT NOT NULL,
CONSTRAINT pk_employment PRIMARY KEY (fact_id),
CONSTRAINT fk_employment_person_id FOREIGN KEY(person_id) REFERENCES person (person_id),
CONSTRAINT ck_employment_valid_is_not_empty CHECK (valid_from < valid_to),
CONSTRAINT ck_employment_recorded_is_not_empty CHECK (recorded_from < recorded_to),
CONSTRAINT ck_employment_valid_is_in_the_calendar CHECK (valid_from >= -2208988800000000 AND valid_to <= 253402214400000000),
CONSTRAINT ck_employment_recorded_is_in_the_calendar CHECK (recorded_from >= -2208988800000000 AND recorded_to <= 253402214400000000)
)
;;
CREATE INDEX ix_employment_person ON employment (person_id, valid_from)
;;
CREATE TRIGGER employment_no_overlap BEFORE INSERT ON employment
WHEN EXISTS (SELECT 1 FROM employment AS o WHERE o.person_id = NEW.person_id
AND o.valid_from < NEW.valid_to AND NEW.valid_from < o.valid_to
AND o.recorded_from < NEW.recorded_to AND NEW.recorded_from < o.recorded_to)
BEGIN SELECT RAISE(ABORT, 'employment: overlaps a fact of the same person_id'); END
;;
CREATE TRIGGER employment_only_closing BEFORE UPDATE ON employment
WHEN OLD.recorded_to <> 253402214400000000 OR NEW.recorded_to >= 253402214400000000 OR NEW.fact_id IS NOT OLD.fact_id OR NEW.person_id IS NOT OLD.person_id OR NEW.valid_from IS NOT OLD.valid_from OR NEW.valid_to IS NOT OLD.valid_to OR NEW.recorded_from IS NOT OLD.recorded_from OR NEW.reason IS NOT OLD.reason
BEGIN SELECT RAISE(ABORT, 'employment: history is closed and succeeded, never changed'); END
;;
CREATE TRIGGER employment_no_delete BEFORE DELETE ON employment
BEGIN SELECT RAISE(ABORT, 'employment: history is closed and succeeded, never changed'); END
;;
CREATE TRIGGER employment_no_replace BEFORE INSERT ON employment
WHEN EXISTS (SELECT 1 FROM employment WHERE fact_id = NEW.fact_id)
BEGIN SELECT RAISE(ABORT, 'employment is only ever added to'); END
;;
CREATE TABLE assignment (
fact_id INTEGER NOT NULL,
account_id TEXT NOT NULL,
territory_id TEXT NOT NULL,
valid_from BIGINT NOT NULL,
valid_to BIGINT NOT NULL,
recorded_from BIGINT NOT NULL,
recorded_to BIGINT NOT NULL,
cause TEXT NOT NULL,
source TEXT NOT NULL,
reason TEXT NOT NULL,
CONSTRAINT pk_assignment PRIMARY KEY (fact_id),
CONSTRAINT fk_assignment_territory_id FOREIGN KEY(territory_id) REFERENCES territory (territory_id),
CONSTRAINT ck_assignment_valid_is_not_empty CHECK (valid_from < valid_to),
CONSTRAINT ck_assignment_recorded_is_not_empty CHECK (recorded_from < recorded_to),
CONSTRAINT ck_assignment_valid_is_in_the_calendar CHECK (valid_from >= -2208988800000000 AND valid_to <= 253402214400000000),
CONSTRAINT ck_assignment_recorded_is_in_the_calendar CHECK (recorded_from >= -2208988800000000 AND recorded_to <= 253402214400000000)
)
;;
CREATE INDEX ix_assignment_account ON assignment (account_id, valid_from)
;;
CREATE INDEX ix_assignment_territory ON assignment (territory_id, recorded_to, valid_to, valid_from, account_id)
;;
CREATE TRIGGER assignment_no_overlap BEFORE INSERT ON assignment
WHEN EXISTS (SELECT 1 FROM assignment AS o WHERE o.account_id = NEW.account_id
AND o.valid_from < NEW.valid_to AND NEW.valid_from < o.valid_to
AND o.recorded_from < NEW.recorded_to AND NEW.recorded_from < o.recorded_to)
BEGIN SELECT RAISE(ABORT, 'assignment: overlaps a fact of the same account_id'); END
;;
CREATE TRIGGER assignment_only_closing BEFORE UPDATE ON assignment
WHEN OLD.recorded_to <> 253402214400000000 OR NEW.recorded_to >= 253402214400000000 OR NEW.fact_id IS NOT OLD.fact_id OR NEW.account_id IS NOT OLD.account_id OR NEW.territory_id IS NOT OLD.territory_id OR NEW.valid_from IS NOT OLD.valid_from OR NEW.valid_to IS NOT OLD.valid_to OR NEW.recorded_from IS NOT OLD.recorded_from OR NEW.cause IS NOT OLD.cause OR NEW.source IS NOT OLD.source OR NEW.reason IS NOT OLD.reason
BEGIN SELECT RAISE(ABORT, 'assignment: history is closed and succeeded, never changed'); END
;;
CREATE TRIGGER assignment_no_delete BEFORE DELETE ON assignment
BEGIN SELECT RAISE(ABORT, 'assignment: history is closed and succeeded, never changed'); END
;;
CREATE TRIGGER assignment_no_replace BEFORE INSERT ON assignment
WHEN EXISTS (SELECT 1 FROM assignment WHERE fact_id = NEW.fact_id)
BEGIN SELECT RAISE(ABORT, 'assignment is only ever added to'); END
;;
CREATE TABLE place (
fact_id INTEGER NOT NULL,
territory_id TEXT NOT NULL,
parent_id TEXT,
name TEXT NOT NULL,
kind TEXT NOT NULL,
steward_id TEXT,
review_on BIGINT,
valid_from BIGINT NOT NULL,
valid_to BIGINT NOT NULL,
recorded_from BIGINT NOT NULL,
recorded_to BIGINT NOT NULL,
reason TEXT NOT NULL,
CONSTRAINT pk_place PRIMARY KEY (fact_id),
CONSTRAINT fk_place_territory_id FOREIGN KEY(territory_id) REFERENCES territory (territory_id),
CONSTRAINT fk_place_parent_id FOREIGN KEY(parent_id) REFERENCES territory (territory_id),
CONSTRAINT fk_place_steward_id FOREIGN KEY(steward_id) REFERENCES person (person_id),
CONSTRAINT ck_place_valid_is_not_empty CHECK (valid_from < valid_to),
CONSTRAINT ck_place_recorded_is_not_empty CHECK (recorded_from < recorded_to),
CONSTRAINT ck_place_valid_is_in_the_calendar CHECK (valid_from >= -2208988800000000 AND valid_to <= 253402214400000000),
CONSTRAINT ck_place_recorded_is_in_the_calendar CHECK (recorded_from >= -2208988800000000 AND recorded_to <= 253402214400000000)
)
;;
CREATE INDEX ix_place_territory ON place (territory_id, valid_from)
;;
CREATE INDEX ix_place_parent ON place (parent_id, valid_from)
;;
CREATE TRIGGER place_no_overlap BEFORE INSERT ON place
WHEN EXISTS (SELECT 1 FROM place AS o WHERE o.territory_id = NEW.territory_id
AND o.valid_from < NEW.valid_to AND NEW.valid_from < o.valid_to
AND o.recorded_from < NEW.recorded_to AND NEW.recorded_from < o.recorded_to)
BEGIN SELECT RAISE(ABORT, 'place: overlaps a fact of the same territory_id'); END
;;
CREATE TRIGGER place_only_closing BEFORE UPDATE ON place
WHEN OLD.recorded_to <> 253402214400000000 OR NEW.recorded_to >= 253402214400000000 OR NEW.fact_id IS NOT OLD.fact_id OR NEW.territory_id IS NOT OLD.territory_id OR NEW.parent_id IS NOT OLD.parent_id OR NEW.name IS NOT OLD.name OR NEW.kind IS NOT OLD.kind OR NEW.steward_id IS NOT OLD.steward_id OR NEW.review_on IS NOT OLD.review_on OR NEW.valid_from IS NOT OLD.valid_from OR NEW.valid_to IS NOT OLD.valid_to OR NEW.recorded_from IS NOT OLD.recorded_from OR NEW.reason IS NOT OLD.reason
BEGIN SELECT RAISE(ABORT, 'place: history is closed and succeeded, never changed'); END
;;
CREATE TRIGGER place_no_delete BEFORE DELETE ON place
BEGIN SELECT RAISE(ABORT, 'place: history is closed and succeeded, never changed'); END
;;
CREATE TRIGGER place_no_replace BEFORE INSERT ON place
WHEN EXISTS (SELECT 1 FROM place WHERE fact_id = NEW.fact_id)
BEGIN SELECT RAISE(ABORT, 'place is only ever added to'); END
;;
CREATE TABLE seat (
seat_id TEXT NOT NULL,
territory_id TEXT NOT NULL,
role TEXT NOT NULL,
number INTEGER NOT NULL,
made_at BIGINT NOT NULL,
CONSTRAINT pk_seat PRIMARY KEY (seat_id),
CONSTRAINT uq_seat_territory_id_role_number UNIQUE (territory_id, role, number),
CONSTRAINT fk_seat_territory_id FOREIGN KEY(territory_id) REFERENCES territory (territory_id)
)
;;
CREATE TABLE split (
fact_id INTEGER NOT NULL,
territory_id TEXT NOT NULL,
account_id TEXT NOT NULL,
role TEXT NOT NULL,
shares TEXT NOT NULL,
valid_from BIGINT NOT NULL,
valid_to BIGINT NOT NULL,
recorded_from BIGINT NOT NULL,
recorded_to BIGINT NOT NULL,
reason TEXT NOT NULL,
CONSTRAINT pk_split PRIMARY KEY (fact_id),
CONSTRAINT fk_split_territory_id FOREIGN KEY(territory_id) REFERENCES territory (territory_id),
CONSTRAINT ck_split_valid_is_not_empty CHECK (valid_from < valid_to),
CONSTRAINT ck_split_recorded_is_not_empty CHECK (recorded_from < recorded_to),
CONSTRAINT ck_split_valid_is_in_the_calendar CHECK (valid_from >= -2208988800000000 AND valid_to <= 253402214400000000),
CONSTRAINT ck_split_recorded_is_in_the_calendar CHECK (recorded_from >= -2208988800000000 AND recorded_to <= 253402214400000000)
)
;;
CREATE INDEX ix_split_territory ON split (territory_id, account_id, valid_from)
;;
CREATE TRIGGER split_no_overlap BEFORE INSERT ON split
WHEN EXISTS (SELECT 1 FROM split AS o WHERE o.territory_id = NEW.territory_id AND o.account_id = NEW.account_id AND o.role = NEW.role
AND o.valid_from < NEW.valid_to AND NEW.valid_from < o.valid_to
AND o.recorded_from < NEW.recorded_to AND NEW.recorded_from < o.recorded_to)
BEGIN SELECT RAISE(ABORT, 'split: overlaps a fact of the same territory_id and account_id and role'); END
;;
CREATE TRIGGER split_only_closing BEFORE UPDATE ON split
WHEN OLD.recorded_to <> 253402214400000000 OR NEW.recorded_to >= 253402214400000000 OR NEW.fact_id IS NOT OLD.fact_id OR NEW.territory_id IS NOT OLD.territory_id OR NEW.account_id IS NOT OLD.account_id OR NEW.role IS NOT OLD.role OR NEW.shares IS NOT OLD.shares OR NEW.valid_from IS NOT OLD.valid_from OR NEW.valid_to IS NOT OLD.valid_to OR NEW.recorded_from IS NOT OLD.recorded_from OR NEW.reason IS NOT OLD.reason
BEGIN SELECT RAISE(ABORT, 'split: history is closed and succeeded, never changed'); END
;;
CREATE TRIGGER split_no_delete BEFORE DELETE ON split
BEGIN SELECT RAISE(ABORT, 'split: history is closed and succeeded, never changed'); END
;;
CREATE TRIGGER split_no_replace BEFORE INSERT ON split
WHEN EXISTS (SELECT 1 FROM split WHERE fact_id = NEW.fact_id)
BEGIN SELECT RAISE(ABORT, 'split is only ever added to'); END
;;
CREATE TABLE role_held (
held_id TEXT NOT NULL,
person_id TEXT NOT NULL,
role TEXT NOT NULL,
territory_id TEXT,
source TEXT NOT NULL,
"by" TEXT NOT NULL,
at BIGINT NOT NULL,
CONSTRAINT pk_role_held PRIMARY KEY (held_id),
CONSTRAINT fk_role_held_person_id FOREIGN KEY(person_id) REFERENCES person (person_id),
CONSTRAINT fk_role_held_territory_id FOREIGN KEY(territory_id) REFERENCES territory (territory_id)
)
;;
CREATE INDEX ix_role_held_person_id ON role_held (person_id)
;;
CREATE TABLE password (
person_id TEXT NOT NULL,
hash TEXT NOT NULL,
at BIGINT NOT NULL,
CONSTRAINT pk_password PRIMARY KEY (person_id),
CONSTRAINT fk_password_person_id FOREIGN KEY(person_id) REFERENCES person (person_id)
)
;;
CREATE TABLE session (
digest TEXT NOT NULL,
person_id TEXT NOT NULL,
how TEXT NOT NULL,
made_at BIGINT NOT NULL,
used_at BIGINT NOT NULL,
ends_at BIGINT NOT NULL,
CONSTRAINT pk_session PRIMARY KEY (digest),
CONSTRAINT fk_session_person_id FOREIGN KEY(person_id) REFERENCES person (person_id)
)
;;
CREATE INDEX ix_session_person_id ON session (person_id)
;;
CREATE TABLE token (
token_id TEXT NOT NULL,
digest TEXT NOT NULL,
person_id TEXT NOT NULL,
name TEXT NOT NULL,
scopes TEXT NOT NULL,
made_at BIGINT NOT NULL,
ends_at BIGINT NOT NULL,
revoked_at BIGINT,
used_on DATE,
CONSTRAINT pk_token PRIMARY KEY (token_id),
CONSTRAINT uq_token_digest UNIQUE (digest),
CONSTRAINT fk_token_person_id FOREIGN KEY(person_id) REFERENCES person (person_id)
)
;;
CREATE INDEX ix_token_person_id ON token (person_id)
;;
CREATE TABLE identity (
issuer TEXT NOT NULL,
subject TEXT NOT NULL,
person_id TEXT NOT NULL,
at BIGINT NOT NULL,
CONSTRAINT pk_identity PRIMARY KEY (issuer, subject),
CONSTRAINT fk_identity_person_id FOREIGN KEY(person_id) REFERENCES person (person_id)
)
;;
CREATE INDEX ix_identity_person_id ON identity (person_id)
;;
CREATE TABLE plan_invite (
plan_id TEXT NOT NULL,
person_id TEXT NOT NULL,
CONSTRAINT pk_plan_invite PRIMARY KEY (plan_id, person_id),
CONSTRAINT fk_plan_invite_plan_id FOREIGN KEY(plan_id) REFERENCES "plan" (plan_id)
)
;;
CREATE TABLE plan_file (
plan_id TEXT NOT NULL,
name TEXT NOT NULL,
content TEXT NOT NULL,
CONSTRAINT pk_plan_file PRIMARY KEY (plan_id, name),
CONSTRAINT fk_plan_file_plan_id FOREIGN KEY(plan_id) REFERENCES "plan" (plan_id)
)
;;
CREATE TABLE plan_edit (
plan_id TEXT NOT NULL,
number INTEGER NOT NULL,
result_id TEXT,
kind TEXT NOT NULL,
payload TEXT NOT NULL,
why TEXT,
"by" TEXT NOT NULL,
at BIGINT NOT NULL,
undone BOOLEAN NOT NULL,
undone_by TEXT,
undone_at BIGINT,
final BOOLEAN NOT NULL,
CONSTRAINT pk_plan_edit PRIMARY KEY (plan_id, number),
CONSTRAINT fk_plan_edit_plan_id FOREIGN KEY(plan_id) REFERENCES "plan" (plan_id)
)
;;
CREATE TABLE plan_change (
plan_id TEXT NOT NULL,
revision INTEGER NOT NULL,
what TEXT NOT NULL,
"by" TEXT NOT NULL,
at BIGINT NOT NULL,
CONSTRAINT pk_plan_change PRIMARY KEY (plan_id, revision),
CONSTRAINT fk_plan_change_plan_id FOREIGN KEY(plan_id) REFERENCES "plan" (plan_id)
)
;;
CREATE TABLE publication (
number INTEGER NOT NULL,
publication_id TEXT NOT NULL,
plan_id TEXT NOT NULL,
kind TEXT NOT NULL,
"of" TEXT,
effective BIGINT NOT NULL,
recorded BIGINT NOT NULL,
recorded_to BIGINT NOT NULL,
at BIGINT NOT NULL,
"by" TEXT NOT NULL,
counts TEXT NOT NULL,
CONSTRAINT pk_publication PRIMARY KEY (number),
CONSTRAINT ck_publication_kind_is_known CHECK (kind IN ('publish', 'rollback')),
CONSTRAINT ck_publication_rollback_of_something CHECK ((kind = 'rollback') = (of IS NOT NULL)),
CONSTRAINT uq_publication_publication_id UNIQUE (publication_id),
CONSTRAINT fk_publication_plan_id FOREIGN KEY(plan_id) REFERENCES "plan" (plan_id),
CONSTRAINT uq_publication_of UNIQUE ("of"),
CONSTRAINT fk_publication_of FOREIGN KEY("of") REFERENCES publication (publication_id)
)
;;
CREATE INDEX ix_publication_plan_id ON publication (plan_id)
;;
CREATE INDEX ix_publication_effective ON publication (effective)
;;
CREATE TRIGGER publication_no_update BEFORE UPDATE ON publication
BEGIN SELECT RAISE(ABORT, 'publication is only ever added to'); END
;;
CREATE TRIGGER publication_no_delete BEFORE DELETE ON publication
BEGIN SELECT RAISE(ABORT, 'publication is only ever added to'); END
;;
CREATE TRIGGER publication_no_replace BEFORE INSERT ON publication
WHEN EXISTS (SELECT 1 FROM publication WHERE number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'publication is only ever added to'); END
;;
CREATE TABLE review (
review_id TEXT NOT NULL,
plan_id TEXT NOT NULL,
round INTEGER NOT NULL,
moved INTEGER NOT NULL,
made_by TEXT NOT NULL,
submitted_by TEXT NOT NULL,
opened_at BIGINT NOT NULL,
CONSTRAINT pk_review PRIMARY KEY (review_id),
CONSTRAINT uq_review_plan_id_round UNIQUE (plan_id, round),
CONSTRAINT fk_review_plan_id FOREIGN KEY(plan_id) REFERENCES "plan" (plan_id)
)
;;
CREATE TRIGGER review_no_update BEFORE UPDATE ON review
BEGIN SELECT RAISE(ABORT, 'review is only ever added to'); END
;;
CREATE TRIGGER review_no_delete BEFORE DELETE ON review
BEGIN SELECT RAISE(ABORT, 'review is only ever added to'); END
;;
CREATE TRIGGER review_no_replace BEFORE INSERT ON review
WHEN EXISTS (SELECT 1 FROM review WHERE review_id = NEW.review_id)
BEGIN SELECT RAISE(ABORT, 'review is only ever added to'); END
;;
CREATE TABLE proposal (
proposal_id TEXT NOT NULL,
plan_id TEXT NOT NULL,
status TEXT NOT NULL,
why TEXT NOT NULL,
effect TEXT NOT NULL,
warnings TEXT NOT NULL,
agreed TEXT NOT NULL,
revision INTEGER NOT NULL,
made_by TEXT NOT NULL,
made_at BIGINT NOT NULL,
decided_by TEXT,
decided_at BIGINT,
comment TEXT,
CONSTRAINT pk_proposal PRIMARY KEY (proposal_id),
CONSTRAINT fk_proposal_plan_id FOREIGN KEY(plan_id) REFERENCES "plan" (plan_id)
)
;;
CREATE INDEX ix_proposal_plan_id ON proposal (plan_id)
;;
CREATE INDEX ix_proposal_made_by ON proposal (made_by)
;;
CREATE INDEX ix_proposal_status ON proposal (status, made_at, proposal_id)
;;
CREATE TABLE challenge (
challenge_id TEXT NOT NULL,
plan_id TEXT NOT NULL,
account_id TEXT NOT NULL,
ask TEXT NOT NULL,
reason_code TEXT NOT NULL,
note TEXT NOT NULL,
territory TEXT,
wanted_territory TEXT,
planned_person TEXT,
filed_by TEXT NOT NULL,
filed_at BIGINT NOT NULL,
due BIGINT NOT NULL,
status TEXT NOT NULL,
decided_by TEXT,
decided_at BIGINT,
outcome TEXT,
CONSTRAINT pk_challenge PRIMARY KEY (challenge_id),
CONSTRAINT fk_challenge_plan_id FOREIGN KEY(plan_id) REFERENCES "plan" (plan_id)
)
;;
CREATE INDEX ix_challenge_plan ON challenge (plan_id, status)
;;
CREATE INDEX ix_challenge_filed_by ON challenge (filed_by)
;;
CREATE UNIQUE INDEX uq_challenge_open ON challenge (plan_id, account_id, filed_by) WHERE status = 'open'
;;
CREATE INDEX ix_challenge_due ON challenge (status, due)
;;
CREATE TABLE exception (
exception_id TEXT NOT NULL,
account_id TEXT NOT NULL,
role TEXT NOT NULL,
person_id TEXT NOT NULL,
kind TEXT NOT NULL,
reason TEXT NOT NULL,
starts BIGINT NOT NULL,
expires BIGINT NOT NULL,
status TEXT NOT NULL,
requested_by TEXT NOT NULL,
requested_at BIGINT NOT NULL,
losing_territory_id TEXT,
gaining_territory_id TEXT,
losing_person_id TEXT,
cost TEXT NOT NULL,
renews_id TEXT,
ended_by TEXT,
ended_at BIGINT,
ended_why TEXT,
CONSTRAINT pk_exception PRIMARY KEY (exception_id),
CONSTRAINT ck_exception_exception_is_not_empty CHECK (starts < expires),
CONSTRAINT fk_exception_person_id FOREIGN KEY(person_id) REFERENCES person (person_id),
CONSTRAINT fk_exception_losing_territory_id FOREIGN KEY(losing_territory_id) REFERENCES territory (territory_id),
CONSTRAINT fk_exception_gaining_territory_id FOREIGN KEY(gaining_territory_id) REFERENCES territory (territory_id)
)
;;
CREATE INDEX ix_exception_account ON exception (account_id)
;;
CREATE INDEX ix_exception_person_id ON exception (person_id)
;;
CREATE INDEX ix_exception_status ON exception (status, expires)
;;
CREATE INDEX ix_exception_losing ON exception (losing_territory_id)
;;
CREATE INDEX ix_exception_gaining ON exception (gaining_territory_id)
;;
CREATE INDEX ix_exception_requested_by ON exception (requested_by)
;;
CREATE TABLE staffing (
fact_id INTEGER NOT NULL,
seat_id TEXT NOT NULL,
person_id TEXT,
pool_id TEXT,
interim_id TEXT,
valid_from BIGINT NOT NULL,
valid_to BIGINT NOT NULL,
recorded_from BIGINT NOT NULL,
recorded_to BIGINT NOT NULL,
cause TEXT NOT NULL,
source TEXT NOT NULL,
reason TEXT NOT NULL,
CONSTRAINT pk_staffing PRIMARY KEY (fact_id),
CONSTRAINT ck_staffing_one_filler CHECK ((CASE WHEN person_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN pool_id IS NULL THEN 0 ELSE 1 END) <= 1),
CONSTRAINT ck_staffing_interim_of_vacant CHECK (interim_id IS NULL OR (person_id IS NULL AND pool_id IS NULL)),
CONSTRAINT fk_staffing_seat_id FOREIGN KEY(seat_id) REFERENCES seat (seat_id),
CONSTRAINT fk_staffing_person_id FOREIGN KEY(person_id) REFERENCES person (person_id),
CONSTRAINT fk_staffing_pool_id FOREIGN KEY(pool_id) REFERENCES pool (pool_id),
CONSTRAINT fk_staffing_interim_id FOREIGN KEY(interim_id) REFERENCES person (person_id),
CONSTRAINT ck_staffing_valid_is_not_empty CHECK (valid_from < valid_to),
CONSTRAINT ck_staffing_recorded_is_not_empty CHECK (recorded_from < recorded_to),
CONSTRAINT ck_staffing_valid_is_in_the_calendar CHECK (valid_from >= -2208988800000000 AND valid_to <= 253402214400000000),
CONSTRAINT ck_staffing_recorded_is_in_the_calendar CHECK (recorded_from >= -2208988800000000 AND recorded_to <= 253402214400000000)
)
;;
CREATE INDEX ix_staffing_seat ON staffing (seat_id, valid_from)
;;
CREATE INDEX ix_staffing_person ON staffing (person_id, valid_from)
;;
CREATE INDEX ix_staffing_interim ON staffing (interim_id, valid_from)
;;
CREATE TRIGGER staffing_no_overlap BEFORE INSERT ON staffing
WHEN EXISTS (SELECT 1 FROM staffing AS o WHERE o.seat_id = NEW.seat_id
AND o.valid_from < NEW.valid_to AND NEW.valid_from < o.valid_to
AND o.recorded_from < NEW.recorded_to AND NEW.recorded_from < o.recorded_to)
BEGIN SELECT RAISE(ABORT, 'staffing: overlaps a fact of the same seat_id'); END
;;
CREATE TRIGGER staffing_only_closing BEFORE UPDATE ON staffing
WHEN OLD.recorded_to <> 253402214400000000 OR NEW.recorded_to >= 253402214400000000 OR NEW.fact_id IS NOT OLD.fact_id OR NEW.seat_id IS NOT OLD.seat_id OR NEW.person_id IS NOT OLD.person_id OR NEW.pool_id IS NOT OLD.pool_id OR NEW.interim_id IS NOT OLD.interim_id OR NEW.valid_from IS NOT OLD.valid_from OR NEW.valid_to IS NOT OLD.valid_to OR NEW.recorded_from IS NOT OLD.recorded_from OR NEW.cause IS NOT OLD.cause OR NEW.source IS NOT OLD.source OR NEW.reason IS NOT OLD.reason
BEGIN SELECT RAISE(ABORT, 'staffing: history is closed and succeeded, never changed'); END
;;
CREATE TRIGGER staffing_no_delete BEFORE DELETE ON staffing
BEGIN SELECT RAISE(ABORT, 'staffing: history is closed and succeeded, never changed'); END
;;
CREATE TRIGGER staffing_no_replace BEFORE INSERT ON staffing
WHEN EXISTS (SELECT 1 FROM staffing WHERE fact_id = NEW.fact_id)
BEGIN SELECT RAISE(ABORT, 'staffing is only ever added to'); END
;;
CREATE TRIGGER staffing_person_id_employed BEFORE INSERT ON staffing
WHEN NEW.person_id IS NOT NULL AND NEW.recorded_to = 253402214400000000
AND NOT EXISTS (SELECT 1 FROM employment AS e WHERE e.person_id = NEW.person_id AND e.recorded_to = 253402214400000000
AND e.valid_from <= NEW.valid_from AND e.valid_to >= NEW.valid_to)
BEGIN SELECT RAISE(ABORT, 'staffing: person_id is not employed for the whole period'); END
;;
CREATE TRIGGER staffing_person_id_keeps_employment AFTER UPDATE ON employment
WHEN EXISTS (SELECT 1 FROM staffing AS w WHERE w.person_id = OLD.person_id AND w.recorded_to = 253402214400000000
AND NOT EXISTS (SELECT 1 FROM employment AS e WHERE e.person_id = w.person_id AND e.recorded_to = 253402214400000000
AND e.valid_from <= w.valid_from AND e.valid_to >= w.valid_to))
BEGIN INSERT OR IGNORE INTO work_outside_employment (what, person_id)
VALUES ('staffing.person_id', OLD.person_id); END
;;
CREATE TRIGGER staffing_person_id_employed_again AFTER INSERT ON employment
WHEN NOT EXISTS (SELECT 1 FROM staffing AS w WHERE w.person_id = NEW.person_id AND w.recorded_to = 253402214400000000
AND NOT EXISTS (SELECT 1 FROM employment AS e WHERE e.person_id = w.person_id AND e.recorded_to = 253402214400000000
AND e.valid_from <= w.valid_from AND e.valid_to >= w.valid_to))
BEGIN DELETE FROM work_outside_employment WHERE what = 'staffing.person_id' AND person_id = NEW.person_id; END
;;
CREATE TRIGGER staffing_person_id_closed AFTER UPDATE ON staffing
WHEN OLD.person_id IS NOT NULL AND EXISTS (SELECT 1 FROM work_outside_employment)
AND NOT EXISTS (SELECT 1 FROM staffing AS w WHERE w.person_id = OLD.person_id AND w.recorded_to = 253402214400000000
AND NOT EXISTS (SELECT 1 FROM employment AS e WHERE e.person_id = w.person_id AND e.recorded_to = 253402214400000000
AND e.valid_from <= w.valid_from AND e.valid_to >= w.valid_to))
BEGIN DELETE FROM work_outside_employment WHERE what = 'staffing.person_id' AND person_id = OLD.person_id; END
;;
CREATE TRIGGER staffing_interim_id_employed BEFORE INSERT ON staffing
WHEN NEW.interim_id IS NOT NULL AND NEW.recorded_to = 253402214400000000
AND NOT EXISTS (SELECT 1 FROM employment AS e WHERE e.person_id = NEW.interim_id AND e.recorded_to = 253402214400000000
AND e.valid_from <= NEW.valid_from AND e.valid_to >= NEW.valid_to)
BEGIN SELECT RAISE(ABORT, 'staffing: interim_id is not employed for the whole period'); END
;;
CREATE TRIGGER staffing_interim_id_keeps_employment AFTER UPDATE ON employment
WHEN EXISTS (SELECT 1 FROM staffing AS w WHERE w.interim_id = OLD.person_id AND w.recorded_to = 253402214400000000
AND NOT EXISTS (SELECT 1 FROM employment AS e WHERE e.person_id = w.interim_id AND e.recorded_to = 253402214400000000
AND e.valid_from <= w.valid_from AND e.valid_to >= w.valid_to))
BEGIN INSERT OR IGNORE INTO work_outside_employment (what, person_id)
VALUES ('staffing.interim_id', OLD.person_id); END
;;
CREATE TRIGGER staffing_interim_id_employed_again AFTER INSERT ON employment
WHEN NOT EXISTS (SELECT 1 FROM staffing AS w WHERE w.interim_id = NEW.person_id AND w.recorded_to = 253402214400000000
AND NOT EXISTS (SELECT 1 FROM employment AS e WHERE e.person_id = w.interim_id AND e.recorded_to = 253402214400000000
AND e.valid_from <= w.valid_from AND e.valid_to >= w.valid_to))
BEGIN DELETE FROM work_outside_employment WHERE what = 'staffing.interim_id' AND person_id = NEW.person_id; END
;;
CREATE TRIGGER staffing_interim_id_closed AFTER UPDATE ON staffing
WHEN OLD.interim_id IS NOT NULL AND EXISTS (SELECT 1 FROM work_outside_employment)
AND NOT EXISTS (SELECT 1 FROM staffing AS w WHERE w.interim_id = OLD.interim_id AND w.recorded_to = 253402214400000000
AND NOT EXISTS (SELECT 1 FROM employment AS e WHERE e.person_id = w.interim_id AND e.recorded_to = 253402214400000000
AND e.valid_from <= w.valid_from AND e.valid_to >= w.valid_to))
BEGIN DELETE FROM work_outside_employment WHERE what = 'staffing.interim_id' AND person_id = OLD.interim_id; END
;;
CREATE TABLE override (
fact_id INTEGER NOT NULL,
account_id TEXT NOT NULL,
role TEXT NOT NULL,
opportunity_id TEXT NOT NULL,
person_id TEXT NOT NULL,
kind TEXT NOT NULL,
valid_from BIGINT NOT NULL,
valid_to BIGINT NOT NULL,
recorded_from BIGINT NOT NULL,
recorded_to BIGINT NOT NULL,
cause TEXT NOT NULL,
source TEXT NOT NULL,
reason TEXT NOT NULL,
CONSTRAINT pk_override PRIMARY KEY (fact_id),
CONSTRAINT ck_override_kind_is_known CHECK (kind IN ('holdover', 'exception', 'cover', 'named')),
CONSTRAINT fk_override_person_id FOREIGN KEY(person_id) REFERENCES person (person_id),
CONSTRAINT ck_override_valid_is_not_empty CHECK (valid_from < valid_to),
CONSTRAINT ck_override_recorded_is_not_empty CHECK (recorded_from < recorded_to),
CONSTRAINT ck_override_valid_is_in_the_calendar CHECK (valid_from >= -2208988800000000 AND valid_to <= 253402214400000000),
CONSTRAINT ck_override_recorded_is_in_the_calendar CHECK (recorded_from >= -2208988800000000 AND recorded_to <= 253402214400000000)
)
;;
CREATE INDEX ix_override_account ON override (account_id, role, opportunity_id, valid_from)
;;
CREATE INDEX ix_override_person ON override (person_id, valid_from)
;;
CREATE TRIGGER override_no_overlap BEFORE INSERT ON override
WHEN EXISTS (SELECT 1 FROM override AS o WHERE o.account_id = NEW.account_id AND o.role = NEW.role AND o.opportunity_id = NEW.opportunity_id
AND o.valid_from < NEW.valid_to AND NEW.valid_from < o.valid_to
AND o.recorded_from < NEW.recorded_to AND NEW.recorded_from < o.recorded_to)
BEGIN SELECT RAISE(ABORT, 'override: overlaps a fact of the same account_id and role and opportunity_id'); END
;;
CREATE TRIGGER override_only_closing BEFORE UPDATE ON override
WHEN OLD.recorded_to <> 253402214400000000 OR NEW.recorded_to >= 253402214400000000 OR NEW.fact_id IS NOT OLD.fact_id OR NEW.account_id IS NOT OLD.account_id OR NEW.role IS NOT OLD.role OR NEW.opportunity_id IS NOT OLD.opportunity_id OR NEW.person_id IS NOT OLD.person_id OR NEW.kind IS NOT OLD.kind OR NEW.valid_from IS NOT OLD.valid_from OR NEW.valid_to IS NOT OLD.valid_to OR NEW.recorded_from IS NOT OLD.recorded_from OR NEW.cause IS NOT OLD.cause OR NEW.source IS NOT OLD.source OR NEW.reason IS NOT OLD.reason
BEGIN SELECT RAISE(ABORT, 'override: history is closed and succeeded, never changed'); END
;;
CREATE TRIGGER override_no_delete BEFORE DELETE ON override
BEGIN SELECT RAISE(ABORT, 'override: history is closed and succeeded, never changed'); END
;;
CREATE TRIGGER override_no_replace BEFORE INSERT ON override
WHEN EXISTS (SELECT 1 FROM override WHERE fact_id = NEW.fact_id)
BEGIN SELECT RAISE(ABORT, 'override is only ever added to'); END
;;
CREATE TRIGGER override_person_id_employed BEFORE INSERT ON override
WHEN NEW.person_id IS NOT NULL AND NEW.recorded_to = 253402214400000000
AND NOT EXISTS (SELECT 1 FROM employment AS e WHERE e.person_id = NEW.person_id AND e.recorded_to = 253402214400000000
AND e.valid_from <= NEW.valid_from AND e.valid_to >= NEW.valid_to)
BEGIN SELECT RAISE(ABORT, 'override: person_id is not employed for the whole period'); END
;;
CREATE TRIGGER override_person_id_keeps_employment AFTER UPDATE ON employment
WHEN EXISTS (SELECT 1 FROM override AS w WHERE w.person_id = OLD.person_id AND w.recorded_to = 253402214400000000
AND NOT EXISTS (SELECT 1 FROM employment AS e WHERE e.person_id = w.person_id AND e.recorded_to = 253402214400000000
AND e.valid_from <= w.valid_from AND e.valid_to >= w.valid_to))
BEGIN INSERT OR IGNORE INTO work_outside_employment (what, person_id)
VALUES ('override.person_id', OLD.person_id); END
;;
CREATE TRIGGER override_person_id_employed_again AFTER INSERT ON employment
WHEN NOT EXISTS (SELECT 1 FROM override AS w WHERE w.person_id = NEW.person_id AND w.recorded_to = 253402214400000000
AND NOT EXISTS (SELECT 1 FROM employment AS e WHERE e.person_id = w.person_id AND e.recorded_to = 253402214400000000
AND e.valid_from <= w.valid_from AND e.valid_to >= w.valid_to))
BEGIN DELETE FROM work_outside_employment WHERE what = 'override.person_id' AND person_id = NEW.person_id; END
;;
CREATE TRIGGER override_person_id_closed AFTER UPDATE ON override
WHEN OLD.person_id IS NOT NULL AND EXISTS (SELECT 1 FROM work_outside_employment)
AND NOT EXISTS (SELECT 1 FROM override AS w WHERE w.person_id = OLD.person_id AND w.recorded_to = 253402214400000000
AND NOT EXISTS (SELECT 1 FROM employment AS e WHERE e.person_id = w.person_id AND e.recorded_to = 253402214400000000
AND e.valid_from <= w.valid_from AND e.valid_to >= w.valid_to))
BEGIN DELETE FROM work_outside_employment WHERE what = 'override.person_id' AND person_id = OLD.person_id; END
;;
CREATE TABLE cover (
fact_id INTEGER NOT NULL,
person_id TEXT NOT NULL,
cover_id TEXT NOT NULL,
valid_from BIGINT NOT NULL,
valid_to BIGINT NOT NULL,
recorded_from BIGINT NOT NULL,
recorded_to BIGINT NOT NULL,
cause TEXT NOT NULL,
source TEXT NOT NULL,
reason TEXT NOT NULL,
CONSTRAINT pk_cover PRIMARY KEY (fact_id),
CONSTRAINT ck_cover_somebody_else CHECK (person_id <> cover_id),
CONSTRAINT fk_cover_person_id FOREIGN KEY(person_id) REFERENCES person (person_id),
CONSTRAINT fk_cover_cover_id FOREIGN KEY(cover_id) REFERENCES person (person_id),
CONSTRAINT ck_cover_valid_is_not_empty CHECK (valid_from < valid_to),
CONSTRAINT ck_cover_recorded_is_not_empty CHECK (recorded_from < recorded_to),
CONSTRAINT ck_cover_valid_is_in_the_calendar CHECK (valid_from >= -2208988800000000 AND valid_to <= 253402214400000000),
CONSTRAINT ck_cover_recorded_is_in_the_calendar CHECK (recorded_from >= -2208988800000000 AND recorded_to <= 253402214400000000)
)
;;
CREATE INDEX ix_cover_person ON cover (person_id, valid_from)
;;
CREATE INDEX ix_cover_cover ON cover (cover_id, valid_from)
;;
CREATE TRIGGER cover_no_overlap BEFORE INSERT ON cover
WHEN EXISTS (SELECT 1 FROM cover AS o WHERE o.person_id = NEW.person_id
AND o.valid_from < NEW.valid_to AND NEW.valid_from < o.valid_to
AND o.recorded_from < NEW.recorded_to AND NEW.recorded_from < o.recorded_to)
BEGIN SELECT RAISE(ABORT, 'cover: overlaps a fact of the same person_id'); END
;;
CREATE TRIGGER cover_only_closing BEFORE UPDATE ON cover
WHEN OLD.recorded_to <> 253402214400000000 OR NEW.recorded_to >= 253402214400000000 OR NEW.fact_id IS NOT OLD.fact_id OR NEW.person_id IS NOT OLD.person_id OR NEW.cover_id IS NOT OLD.cover_id OR NEW.valid_from IS NOT OLD.valid_from OR NEW.valid_to IS NOT OLD.valid_to OR NEW.recorded_from IS NOT OLD.recorded_from OR NEW.cause IS NOT OLD.cause OR NEW.source IS NOT OLD.source OR NEW.reason IS NOT OLD.reason
BEGIN SELECT RAISE(ABORT, 'cover: history is closed and succeeded, never changed'); END
;;
CREATE TRIGGER cover_no_delete BEFORE DELETE ON cover
BEGIN SELECT RAISE(ABORT, 'cover: history is closed and succeeded, never changed'); END
;;
CREATE TRIGGER cover_no_replace BEFORE INSERT ON cover
WHEN EXISTS (SELECT 1 FROM cover WHERE fact_id = NEW.fact_id)
BEGIN SELECT RAISE(ABORT, 'cover is only ever added to'); END
;;
CREATE TRIGGER cover_cover_id_employed BEFORE INSERT ON cover
WHEN NEW.cover_id IS NOT NULL AND NEW.recorded_to = 253402214400000000
AND NOT EXISTS (SELECT 1 FROM employment AS e WHERE e.person_id = NEW.cover_id AND e.recorded_to = 253402214400000000
AND e.valid_from <= NEW.valid_from AND e.valid_to >= NEW.valid_to)
BEGIN SELECT RAISE(ABORT, 'cover: cover_id is not employed for the whole period'); END
;;
CREATE TRIGGER cover_cover_id_keeps_employment AFTER UPDATE ON employment
WHEN EXISTS (SELECT 1 FROM cover AS w WHERE w.cover_id = OLD.person_id AND w.recorded_to = 253402214400000000
AND NOT EXISTS (SELECT 1 FROM employment AS e WHERE e.person_id = w.cover_id AND e.recorded_to = 253402214400000000
AND e.valid_from <= w.valid_from AND e.valid_to >= w.valid_to))
BEGIN INSERT OR IGNORE INTO work_outside_employment (what, person_id)
VALUES ('cover.cover_id', OLD.person_id); END
;;
CREATE TRIGGER cover_cover_id_employed_again AFTER INSERT ON employment
WHEN NOT EXISTS (SELECT 1 FROM cover AS w WHERE w.cover_id = NEW.person_id AND w.recorded_to = 253402214400000000
AND NOT EXISTS (SELECT 1 FROM employment AS e WHERE e.person_id = w.cover_id AND e.recorded_to = 253402214400000000
AND e.valid_from <= w.valid_from AND e.valid_to >= w.valid_to))
BEGIN DELETE FROM work_outside_employment WHERE what = 'cover.cover_id' AND person_id = NEW.person_id; END
;;
CREATE TRIGGER cover_cover_id_closed AFTER UPDATE ON cover
WHEN OLD.cover_id IS NOT NULL AND EXISTS (SELECT 1 FROM work_outside_employment)
AND NOT EXISTS (SELECT 1 FROM cover AS w WHERE w.cover_id = OLD.cover_id AND w.recorded_to = 253402214400000000
AND NOT EXISTS (SELECT 1 FROM employment AS e WHERE e.person_id = w.cover_id AND e.recorded_to = 253402214400000000
AND e.valid_from <= w.valid_from AND e.valid_to >= w.valid_to))
BEGIN DELETE FROM work_outside_employment WHERE what = 'cover.cover_id' AND person_id = OLD.cover_id; END
;;
CREATE TABLE approval_step (
step_id TEXT NOT NULL,
review_id TEXT NOT NULL,
level INTEGER NOT NULL,
approver_id TEXT,
territories TEXT NOT NULL,
accounts INTEGER NOT NULL,
CONSTRAINT pk_approval_step PRIMARY KEY (step_id),
CONSTRAINT fk_approval_step_review_id FOREIGN KEY(review_id) REFERENCES review (review_id)
)
;;
CREATE INDEX ix_approval_step_approver ON approval_step (approver_id)
;;
CREATE INDEX ix_approval_step_review ON approval_step (review_id, level)
;;
CREATE TRIGGER approval_step_no_update BEFORE UPDATE ON approval_step
BEGIN SELECT RAISE(ABORT, 'approval_step is only ever added to'); END
;;
CREATE TRIGGER approval_step_no_delete BEFORE DELETE ON approval_step
BEGIN SELECT RAISE(ABORT, 'approval_step is only ever added to'); END
;;
CREATE TRIGGER approval_step_no_replace BEFORE INSERT ON approval_step
WHEN EXISTS (SELECT 1 FROM approval_step WHERE step_id = NEW.step_id)
BEGIN SELECT RAISE(ABORT, 'approval_step is only ever added to'); END
;;
CREATE TABLE proposal_move (
proposal_id TEXT NOT NULL,
account_id TEXT NOT NULL,
number INTEGER NOT NULL,
from_territory TEXT,
to_territory TEXT NOT NULL,
from_person TEXT,
to_person TEXT,
CONSTRAINT pk_proposal_move PRIMARY KEY (proposal_id, account_id),
CONSTRAINT fk_proposal_move_proposal_id FOREIGN KEY(proposal_id) REFERENCES proposal (proposal_id)
)
;;
CREATE INDEX ix_proposal_move_account ON proposal_move (account_id)
;;
CREATE TABLE exception_step (
step_id TEXT NOT NULL,
exception_id TEXT NOT NULL,
number INTEGER NOT NULL,
side TEXT NOT NULL,
approver_id TEXT,
CONSTRAINT pk_exception_step PRIMARY KEY (step_id),
CONSTRAINT ck_exception_step_side_is_known CHECK (side IN ('losing', 'gaining', 'planner')),
CONSTRAINT fk_exception_step_exception_id FOREIGN KEY(exception_id) REFERENCES exception (exception_id)
)
;;
CREATE INDEX ix_exception_step_approver_id ON exception_step (approver_id)
;;
CREATE INDEX ix_exception_step_exception_id ON exception_step (exception_id)
;;
CREATE TRIGGER exception_step_no_update BEFORE UPDATE ON exception_step
BEGIN SELECT RAISE(ABORT, 'exception_step is only ever added to'); END
;;
CREATE TRIGGER exception_step_no_delete BEFORE DELETE ON exception_step
BEGIN SELECT RAISE(ABORT, 'exception_step is only ever added to'); END
;;
CREATE TRIGGER exception_step_no_replace BEFORE INSERT ON exception_step
WHEN EXISTS (SELECT 1 FROM exception_step WHERE step_id = NEW.step_id)
BEGIN SELECT RAISE(ABORT, 'exception_step is only ever added to'); END
;;
CREATE TABLE approval_decision (
step_id TEXT NOT NULL,
verdict TEXT NOT NULL,
"by" TEXT NOT NULL,
at BIGINT NOT NULL,
comment TEXT,
CONSTRAINT pk_approval_decision PRIMARY KEY (step_id),
CONSTRAINT ck_approval_decision_verdict_is_known CHECK (verdict IN ('approved', 'rejected')),
CONSTRAINT ck_approval_decision_reject_says_why CHECK (verdict <> 'rejected' OR comment IS NOT NULL),
CONSTRAINT fk_approval_decision_step_id FOREIGN KEY(step_id) REFERENCES approval_step (step_id)
)
;;
CREATE TRIGGER approval_decision_no_update BEFORE UPDATE ON approval_decision
BEGIN SELECT RAISE(ABORT, 'approval_decision is only ever added to'); END
;;
CREATE TRIGGER approval_decision_no_delete BEFORE DELETE ON approval_decision
BEGIN SELECT RAISE(ABORT, 'approval_decision is only ever added to'); END
;;
CREATE TRIGGER approval_decision_no_replace BEFORE INSERT ON approval_decision
WHEN EXISTS (SELECT 1 FROM approval_decision WHERE step_id = NEW.step_id)
BEGIN SELECT RAISE(ABORT, 'approval_decision is only ever added to'); END
;;
CREATE TABLE exception_decision (
step_id TEXT NOT NULL,
verdict TEXT NOT NULL,
"by" TEXT NOT NULL,
at BIGINT NOT NULL,
comment TEXT,
CONSTRAINT pk_exception_decision PRIMARY KEY (step_id),
CONSTRAINT ck_exception_decision_verdict_is_known CHECK (verdict IN ('approved', 'rejected')),
CONSTRAINT fk_exception_decision_step_id FOREIGN KEY(step_id) REFERENCES exception_step (step_id)
)
;;
CREATE TRIGGER exception_decision_no_update BEFORE UPDATE ON exception_decision
BEGIN SELECT RAISE(ABORT, 'exception_decision is only ever added to'); END
;;
CREATE TRIGGER exception_decision_no_delete BEFORE DELETE ON exception_decision
BEGIN SELECT RAISE(ABORT, 'exception_decision is only ever added to'); END
;;
CREATE TRIGGER exception_decision_no_replace BEFORE INSERT ON exception_decision
WHEN EXISTS (SELECT 1 FROM exception_decision WHERE step_id = NEW.step_id)
BEGIN SELECT RAISE(ABORT, 'exception_decision is only ever added to'); END
