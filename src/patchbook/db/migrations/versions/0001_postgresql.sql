CREATE EXTENSION IF NOT EXISTS btree_gist
;;
CREATE TABLE work_outside_employment (
number SERIAL NOT NULL,
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
at TIMESTAMP WITH TIME ZONE NOT NULL,
by TEXT NOT NULL,
deed TEXT NOT NULL,
kind TEXT NOT NULL,
subject TEXT NOT NULL,
before JSONB,
after JSONB,
why TEXT,
previous TEXT NOT NULL,
digest TEXT NOT NULL,
CONSTRAINT pk_event PRIMARY KEY (number)
)
;;
CREATE INDEX ix_event_subject ON event (subject)
;;
CREATE INDEX ix_event_by ON event (by)
;;
CREATE FUNCTION event_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'event is only ever added to' USING ERRCODE = 'restrict_violation'; END $$
;;
CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event
FOR EACH STATEMENT EXECUTE FUNCTION event_append_only()
;;
CREATE TABLE person (
person_id TEXT NOT NULL,
revision INTEGER NOT NULL,
name TEXT NOT NULL,
email TEXT,
role TEXT,
segment TEXT,
manager_id TEXT,
skills JSONB NOT NULL,
languages JSONB NOT NULL,
products JSONB NOT NULL,
latitude FLOAT,
longitude FLOAT,
time_zone TEXT,
working_hours JSONB,
capacity FLOAT NOT NULL,
ramp FLOAT NOT NULL,
other JSONB NOT NULL,
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
opened TIMESTAMP WITH TIME ZONE,
closed TIMESTAMP WITH TIME ZONE,
won INTEGER,
CONSTRAINT pk_opportunity PRIMARY KEY (opportunity_id)
)
;;
CREATE INDEX ix_opportunity_account_id ON opportunity (account_id)
;;
CREATE TABLE tick (
one SERIAL NOT NULL,
last TIMESTAMP WITH TIME ZONE NOT NULL,
CONSTRAINT pk_tick PRIMARY KEY (one)
)
;;
CREATE TABLE territory (
territory_id TEXT NOT NULL,
made_at TIMESTAMP WITH TIME ZONE NOT NULL,
CONSTRAINT pk_territory PRIMARY KEY (territory_id)
)
;;
CREATE TABLE pool (
pool_id TEXT NOT NULL,
name TEXT NOT NULL,
members JSONB NOT NULL,
revision INTEGER NOT NULL,
CONSTRAINT pk_pool PRIMARY KEY (pool_id),
CONSTRAINT uq_pool_name UNIQUE (name)
)
;;
CREATE TABLE setting (
name TEXT NOT NULL,
value JSONB NOT NULL,
CONSTRAINT pk_setting PRIMARY KEY (name)
)
;;
CREATE TABLE kept_answer (
person_id TEXT NOT NULL,
key TEXT NOT NULL,
fingerprint TEXT NOT NULL,
status INTEGER NOT NULL,
headers JSONB NOT NULL,
body TEXT,
at TIMESTAMP WITH TIME ZONE NOT NULL,
CONSTRAINT pk_kept_answer PRIMARY KEY (person_id, key)
)
;;
CREATE INDEX ix_kept_answer_at ON kept_answer (at)
;;
CREATE TABLE attempt (
attempt_id SERIAL NOT NULL,
whom TEXT NOT NULL,
at TIMESTAMP WITH TIME ZONE NOT NULL,
CONSTRAINT pk_attempt PRIMARY KEY (attempt_id)
)
;;
CREATE INDEX ix_attempt_whom ON attempt (whom, at)
;;
CREATE TABLE sign_in_begun (
digest TEXT NOT NULL,
provider TEXT NOT NULL,
redirect_uri TEXT NOT NULL,
at TIMESTAMP WITH TIME ZONE NOT NULL,
CONSTRAINT pk_sign_in_begun PRIMARY KEY (digest)
)
;;
CREATE TABLE import_run (
number SERIAL NOT NULL,
import_id TEXT NOT NULL,
kind TEXT NOT NULL,
snapshot_id TEXT,
name TEXT NOT NULL,
rows INTEGER NOT NULL,
rejected INTEGER NOT NULL,
gone INTEGER NOT NULL,
notes JSONB NOT NULL,
mapping JSONB NOT NULL,
by TEXT NOT NULL,
at TIMESTAMP WITH TIME ZONE NOT NULL,
CONSTRAINT pk_import_run PRIMARY KEY (number),
CONSTRAINT uq_import_run_import_id UNIQUE (import_id)
)
;;
CREATE INDEX ix_import_run_kind ON import_run (kind, number)
;;
CREATE TABLE plan (
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
owners_at TIMESTAMP WITH TIME ZONE,
seed INTEGER NOT NULL,
seconds FLOAT NOT NULL,
engine_version TEXT,
result_id TEXT,
owner_id TEXT NOT NULL,
made_by TEXT NOT NULL,
made_at TIMESTAMP WITH TIME ZONE NOT NULL,
submitted_by TEXT,
submitted_at TIMESTAMP WITH TIME ZONE,
approved_by TEXT,
approved_at TIMESTAMP WITH TIME ZONE,
published_by TEXT,
published_at TIMESTAMP WITH TIME ZONE,
open_to_challenges_until TIMESTAMP WITH TIME ZONE,
CONSTRAINT pk_plan PRIMARY KEY (plan_id),
CONSTRAINT fk_plan_scenario_of FOREIGN KEY(scenario_of) REFERENCES plan (plan_id)
)
;;
CREATE INDEX ix_plan_status ON plan (status)
;;
CREATE INDEX ix_plan_made ON plan (made_at, plan_id)
;;
CREATE TABLE plan_people (
people_id TEXT NOT NULL,
people JSONB NOT NULL,
CONSTRAINT pk_plan_people PRIMARY KEY (people_id)
)
;;
CREATE TABLE holdover_extension (
extension_id TEXT NOT NULL,
opportunity_id TEXT NOT NULL,
account_id TEXT NOT NULL,
until TIMESTAMP WITH TIME ZONE NOT NULL,
why TEXT NOT NULL,
asked_by TEXT NOT NULL,
asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
is_granted BOOLEAN,
decided_by TEXT,
decided_at TIMESTAMP WITH TIME ZONE,
comment TEXT,
CONSTRAINT pk_holdover_extension PRIMARY KEY (extension_id),
CONSTRAINT ck_holdover_extension_decided_by_somebody CHECK ((is_granted IS NULL) = (decided_by IS NULL))
)
;;
CREATE INDEX ix_holdover_extension_opportunity ON holdover_extension (opportunity_id)
;;
CREATE TABLE change_freeze (
freeze_id TEXT NOT NULL,
starts TIMESTAMP WITH TIME ZONE NOT NULL,
ends TIMESTAMP WITH TIME ZONE NOT NULL,
why TEXT NOT NULL,
by TEXT NOT NULL,
at TIMESTAMP WITH TIME ZONE NOT NULL,
lifted_by TEXT,
lifted_at TIMESTAMP WITH TIME ZONE,
CONSTRAINT pk_change_freeze PRIMARY KEY (freeze_id),
CONSTRAINT ck_change_freeze_freeze_is_not_empty CHECK (starts < ends)
)
;;
CREATE TABLE comment (
comment_id TEXT NOT NULL,
kind TEXT NOT NULL,
subject_id TEXT NOT NULL,
text TEXT NOT NULL,
by TEXT NOT NULL,
at TIMESTAMP WITH TIME ZONE NOT NULL,
withdrawn_at TIMESTAMP WITH TIME ZONE,
CONSTRAINT pk_comment PRIMARY KEY (comment_id)
)
;;
CREATE INDEX ix_comment_subject ON comment (kind, subject_id, at)
;;
CREATE INDEX ix_comment_by ON comment (by)
;;
CREATE TABLE employment (
fact_id SERIAL NOT NULL,
person_id TEXT NOT NULL,
valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
valid_to TIMESTAMP WITH TIME ZONE NOT NULL,
recorded_from TIMESTAMP WITH TIME ZONE NOT NULL,
recorded_to TIMESTAMP WITH TIME ZONE NOT NULL,
reason TEXT NOT NULL,
CONSTRAINT pk_employment PRIMARY KEY (fact_id),
CONSTRAINT fk_employment_person_id FOREIGN KEY(person_id) REFERENCES person (person_id),
CONSTRAINT ck_employment_valid_is_not_empty CHECK (valid_from < valid_to),
CONSTRAINT ck_employment_recorded_is_not_empty CHECK (recorded_from < recorded_to),
CONSTRAINT ck_employment_valid_is_in_the_calendar CHECK (valid_from >= '1900-01-01 00:00:00+00:00' AND valid_to <= '9999-12-31 00:00:00+00:00'),
CONSTRAINT ck_employment_recorded_is_in_the_calendar CHECK (recorded_from >= '1900-01-01 00:00:00+00:00' AND recorded_to <= '9999-12-31 00:00:00+00:00')
)
;;
CREATE INDEX ix_employment_person ON employment (person_id, valid_from)
;;
ALTER TABLE employment ADD CONSTRAINT employment_no_overlap EXCLUDE USING gist ((md5(person_id)::uuid) WITH =,
tstzrange(valid_from, valid_to) WITH &&, tstzrange(recorded_from, recorded_to) WITH &&)
;;
CREATE FUNCTION employment_only_closing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF OLD.recorded_to <> TIMESTAMPTZ '9999-12-31 00:00:00+00' OR NEW.recorded_to >= TIMESTAMPTZ '9999-12-31 00:00:00+00' OR NEW.fact_id IS DISTINCT FROM OLD.fact_id OR NEW.person_id IS DISTINCT FROM OLD.person_id OR NEW.valid_from IS DISTINCT FROM OLD.valid_from OR NEW.valid_to IS DISTINCT FROM OLD.valid_to OR NEW.recorded_from IS DISTINCT FROM OLD.recorded_from OR NEW.reason IS DISTINCT FROM OLD.reason
THEN RAISE EXCEPTION 'employment: history is closed and succeeded, never changed' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $$
;;
CREATE TRIGGER employment_only_closing BEFORE UPDATE ON employment
FOR EACH ROW EXECUTE FUNCTION employment_only_closing()
;;
CREATE FUNCTION employment_no_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'employment: history is closed and succeeded, never changed' USING ERRCODE = 'restrict_violation'; END $$
;;
CREATE TRIGGER employment_no_delete BEFORE DELETE OR TRUNCATE ON employment
FOR EACH STATEMENT EXECUTE FUNCTION employment_no_delete()
;;
CREATE TABLE assignment (
fact_id SERIAL NOT NULL,
account_id TEXT NOT NULL,
territory_id TEXT NOT NULL,
valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
valid_to TIMESTAMP WITH TIME ZONE NOT NULL,
recorded_from TIMESTAMP WITH TIME ZONE NOT NULL,
recorded_to TIMESTAMP WITH TIME ZONE NOT NULL,
cause TEXT NOT NULL,
source TEXT NOT NULL,
reason TEXT NOT NULL,
CONSTRAINT pk_assignment PRIMARY KEY (fact_id),
CONSTRAINT fk_assignment_territory_id FOREIGN KEY(territory_id) REFERENCES territory (territory_id),
CONSTRAINT ck_assignment_valid_is_not_empty CHECK (valid_from < valid_to),
CONSTRAINT ck_assignment_recorded_is_not_empty CHECK (recorded_from < recorded_to),
CONSTRAINT ck_assignment_valid_is_in_the_calendar CHECK (valid_from >= '1900-01-01 00:00:00+00:00' AND valid_to <= '9999-12-31 00:00:00+00:00'),
CONSTRAINT ck_assignment_recorded_is_in_the_calendar CHECK (recorded_from >= '1900-01-01 00:00:00+00:00' AND recorded_to <= '9999-12-31 00:00:00+00:00')
)
;;
CREATE INDEX ix_assignment_account ON assignment (account_id, valid_from)
;;
CREATE INDEX ix_assignment_territory ON assignment (territory_id, recorded_to, valid_to, valid_from, account_id)
;;
ALTER TABLE assignment ADD CONSTRAINT assignment_no_overlap EXCLUDE USING gist ((md5(account_id)::uuid) WITH =,
tstzrange(valid_from, valid_to) WITH &&, tstzrange(recorded_from, recorded_to) WITH &&)
;;
CREATE FUNCTION assignment_only_closing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF OLD.recorded_to <> TIMESTAMPTZ '9999-12-31 00:00:00+00' OR NEW.recorded_to >= TIMESTAMPTZ '9999-12-31 00:00:00+00' OR NEW.fact_id IS DISTINCT FROM OLD.fact_id OR NEW.account_id IS DISTINCT FROM OLD.account_id OR NEW.territory_id IS DISTINCT FROM OLD.territory_id OR NEW.valid_from IS DISTINCT FROM OLD.valid_from OR NEW.valid_to IS DISTINCT FROM OLD.valid_to OR NEW.recorded_from IS DISTINCT FROM OLD.recorded_from OR NEW.cause IS DISTINCT FROM OLD.cause OR NEW.source IS DISTINCT FROM OLD.source OR NEW.reason IS DISTINCT FROM OLD.reason
THEN RAISE EXCEPTION 'assignment: history is closed and succeeded, never changed' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $$
;;
CREATE TRIGGER assignment_only_closing BEFORE UPDATE ON assignment
FOR EACH ROW EXECUTE FUNCTION assignment_only_closing()
;;
CREATE FUNCTION assignment_no_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'assignment: history is closed and succeeded, never changed' USING ERRCODE = 'restrict_violation'; END $$
;;
CREATE TRIGGER assignment_no_delete BEFORE DELETE OR TRUNCATE ON assignment
FOR EACH STATEMENT EXECUTE FUNCTION assignment_no_delete()
;;
CREATE TABLE place (
fact_id SERIAL NOT NULL,
territory_id TEXT NOT NULL,
parent_id TEXT,
name TEXT NOT NULL,
kind TEXT NOT NULL,
steward_id TEXT,
review_on TIMESTAMP WITH TIME ZONE,
valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
valid_to TIMESTAMP WITH TIME ZONE NOT NULL,
recorded_from TIMESTAMP WITH TIME ZONE NOT NULL,
recorded_to TIMESTAMP WITH TIME ZONE NOT NULL,
reason TEXT NOT NULL,
CONSTRAINT pk_place PRIMARY KEY (fact_id),
CONSTRAINT fk_place_territory_id FOREIGN KEY(territory_id) REFERENCES territory (territory_id),
CONSTRAINT fk_place_parent_id FOREIGN KEY(parent_id) REFERENCES territory (territory_id),
CONSTRAINT fk_place_steward_id FOREIGN KEY(steward_id) REFERENCES person (person_id),
CONSTRAINT ck_place_valid_is_not_empty CHECK (valid_from < valid_to),
CONSTRAINT ck_place_recorded_is_not_empty CHECK (recorded_from < recorded_to),
CONSTRAINT ck_place_valid_is_in_the_calendar CHECK (valid_from >= '1900-01-01 00:00:00+00:00' AND valid_to <= '9999-12-31 00:00:00+00:00'),
CONSTRAINT ck_place_recorded_is_in_the_calendar CHECK (recorded_from >= '1900-01-01 00:00:00+00:00' AND recorded_to <= '9999-12-31 00:00:00+00:00')
)
;;
CREATE INDEX ix_place_territory ON place (territory_id, valid_from)
;;
CREATE INDEX ix_place_parent ON place (parent_id, valid_from)
;;
ALTER TABLE place ADD CONSTRAINT place_no_overlap EXCLUDE USING gist ((md5(territory_id)::uuid) WITH =,
tstzrange(valid_from, valid_to) WITH &&, tstzrange(recorded_from, recorded_to) WITH &&)
;;
CREATE FUNCTION place_only_closing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF OLD.recorded_to <> TIMESTAMPTZ '9999-12-31 00:00:00+00' OR NEW.recorded_to >= TIMESTAMPTZ '9999-12-31 00:00:00+00' OR NEW.fact_id IS DISTINCT FROM OLD.fact_id OR NEW.territory_id IS DISTINCT FROM OLD.territory_id OR NEW.parent_id IS DISTINCT FROM OLD.parent_id OR NEW.name IS DISTINCT FROM OLD.name OR NEW.kind IS DISTINCT FROM OLD.kind OR NEW.steward_id IS DISTINCT FROM OLD.steward_id OR NEW.review_on IS DISTINCT FROM OLD.review_on OR NEW.valid_from IS DISTINCT FROM OLD.valid_from OR NEW.valid_to IS DISTINCT FROM OLD.valid_to OR NEW.recorded_from IS DISTINCT FROM OLD.recorded_from OR NEW.reason IS DISTINCT FROM OLD.reason
THEN RAISE EXCEPTION 'place: history is closed and succeeded, never changed' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $$
;;
CREATE TRIGGER place_only_closing BEFORE UPDATE ON place
FOR EACH ROW EXECUTE FUNCTION place_only_closing()
;;
CREATE FUNCTION place_no_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'place: history is closed and succeeded, never changed' USING ERRCODE = 'restrict_violation'; END $$
;;
CREATE TRIGGER place_no_delete BEFORE DELETE OR TRUNCATE ON place
FOR EACH STATEMENT EXECUTE FUNCTION place_no_delete()
;;
CREATE TABLE seat (
seat_id TEXT NOT NULL,
territory_id TEXT NOT NULL,
role TEXT NOT NULL,
number INTEGER NOT NULL,
made_at TIMESTAMP WITH TIME ZONE NOT NULL,
CONSTRAINT pk_seat PRIMARY KEY (seat_id),
CONSTRAINT uq_seat_territory_id_role_number UNIQUE (territory_id, role, number),
CONSTRAINT fk_seat_territory_id FOREIGN KEY(territory_id) REFERENCES territory (territory_id)
)
;;
CREATE TABLE split (
fact_id SERIAL NOT NULL,
territory_id TEXT NOT NULL,
account_id TEXT NOT NULL,
role TEXT NOT NULL,
shares JSONB NOT NULL,
valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
valid_to TIMESTAMP WITH TIME ZONE NOT NULL,
recorded_from TIMESTAMP WITH TIME ZONE NOT NULL,
recorded_to TIMESTAMP WITH TIME ZONE NOT NULL,
reason TEXT NOT NULL,
CONSTRAINT pk_split PRIMARY KEY (fact_id),
CONSTRAINT fk_split_territory_id FOREIGN KEY(territory_id) REFERENCES territory (territory_id),
CONSTRAINT ck_split_valid_is_not_empty CHECK (valid_from < valid_to),
CONSTRAINT ck_split_recorded_is_not_empty CHECK (recorded_from < recorded_to),
CONSTRAINT ck_split_valid_is_in_the_calendar CHECK (valid_from >= '1900-01-01 00:00:00+00:00' AND valid_to <= '9999-12-31 00:00:00+00:00'),
CONSTRAINT ck_split_recorded_is_in_the_calendar CHECK (recorded_from >= '1900-01-01 00:00:00+00:00' AND recorded_to <= '9999-12-31 00:00:00+00:00')
)
;;
CREATE INDEX ix_split_territory ON split (territory_id, account_id, valid_from)
;;
ALTER TABLE split ADD CONSTRAINT split_no_overlap EXCLUDE USING gist ((md5(territory_id || chr(31) || account_id || chr(31) || role)::uuid) WITH =,
tstzrange(valid_from, valid_to) WITH &&, tstzrange(recorded_from, recorded_to) WITH &&)
;;
CREATE FUNCTION split_only_closing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF OLD.recorded_to <> TIMESTAMPTZ '9999-12-31 00:00:00+00' OR NEW.recorded_to >= TIMESTAMPTZ '9999-12-31 00:00:00+00' OR NEW.fact_id IS DISTINCT FROM OLD.fact_id OR NEW.territory_id IS DISTINCT FROM OLD.territory_id OR NEW.account_id IS DISTINCT FROM OLD.account_id OR NEW.role IS DISTINCT FROM OLD.role OR NEW.shares IS DISTINCT FROM OLD.shares OR NEW.valid_from IS DISTINCT FROM OLD.valid_from OR NEW.valid_to IS DISTINCT FROM OLD.valid_to OR NEW.recorded_from IS DISTINCT FROM OLD.recorded_from OR NEW.reason IS DISTINCT FROM OLD.reason
THEN RAISE EXCEPTION 'split: history is closed and succeeded, never changed' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $$
;;
CREATE TRIGGER split_only_closing BEFORE UPDATE ON split
FOR EACH ROW EXECUTE FUNCTION split_only_closing()
;;
CREATE FUNCTION split_no_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'split: history is closed and succeeded, never changed' USING ERRCODE = 'restrict_violation'; END $$
;;
CREATE TRIGGER split_no_delete BEFORE DELETE OR TRUNCATE ON split
FOR EACH STATEMENT EXECUTE FUNCTION split_no_delete()
;;
CREATE TABLE role_held (
held_id TEXT NOT NULL,
person_id TEXT NOT NULL,
role TEXT NOT NULL,
territory_id TEXT,
source TEXT NOT NULL,
by TEXT NOT NULL,
at TIMESTAMP WITH TIME ZONE NOT NULL,
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
at TIMESTAMP WITH TIME ZONE NOT NULL,
CONSTRAINT pk_password PRIMARY KEY (person_id),
CONSTRAINT fk_password_person_id FOREIGN KEY(person_id) REFERENCES person (person_id)
)
;;
CREATE TABLE session (
digest TEXT NOT NULL,
person_id TEXT NOT NULL,
how TEXT NOT NULL,
made_at TIMESTAMP WITH TIME ZONE NOT NULL,
used_at TIMESTAMP WITH TIME ZONE NOT NULL,
ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
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
scopes JSONB NOT NULL,
made_at TIMESTAMP WITH TIME ZONE NOT NULL,
ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
revoked_at TIMESTAMP WITH TIME ZONE,
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
at TIMESTAMP WITH TIME ZONE NOT NULL,
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
CONSTRAINT fk_plan_invite_plan_id FOREIGN KEY(plan_id) REFERENCES plan (plan_id)
)
;;
CREATE TABLE plan_file (
plan_id TEXT NOT NULL,
name TEXT NOT NULL,
content TEXT NOT NULL,
CONSTRAINT pk_plan_file PRIMARY KEY (plan_id, name),
CONSTRAINT fk_plan_file_plan_id FOREIGN KEY(plan_id) REFERENCES plan (plan_id)
)
;;
CREATE TABLE plan_edit (
plan_id TEXT NOT NULL,
number INTEGER NOT NULL,
result_id TEXT,
kind TEXT NOT NULL,
payload JSONB NOT NULL,
why TEXT,
by TEXT NOT NULL,
at TIMESTAMP WITH TIME ZONE NOT NULL,
undone BOOLEAN NOT NULL,
undone_by TEXT,
undone_at TIMESTAMP WITH TIME ZONE,
final BOOLEAN NOT NULL,
CONSTRAINT pk_plan_edit PRIMARY KEY (plan_id, number),
CONSTRAINT fk_plan_edit_plan_id FOREIGN KEY(plan_id) REFERENCES plan (plan_id)
)
;;
CREATE TABLE plan_change (
plan_id TEXT NOT NULL,
revision INTEGER NOT NULL,
what TEXT NOT NULL,
by TEXT NOT NULL,
at TIMESTAMP WITH TIME ZONE NOT NULL,
CONSTRAINT pk_plan_change PRIMARY KEY (plan_id, revision),
CONSTRAINT fk_plan_change_plan_id FOREIGN KEY(plan_id) REFERENCES plan (plan_id)
)
;;
CREATE TABLE publication (
number SERIAL NOT NULL,
publication_id TEXT NOT NULL,
plan_id TEXT NOT NULL,
kind TEXT NOT NULL,
"of" TEXT,
effective TIMESTAMP WITH TIME ZONE NOT NULL,
recorded TIMESTAMP WITH TIME ZONE NOT NULL,
recorded_to TIMESTAMP WITH TIME ZONE NOT NULL,
at TIMESTAMP WITH TIME ZONE NOT NULL,
by TEXT NOT NULL,
counts JSONB NOT NULL,
CONSTRAINT pk_publication PRIMARY KEY (number),
CONSTRAINT ck_publication_kind_is_known CHECK (kind IN ('publish', 'rollback')),
CONSTRAINT ck_publication_rollback_of_something CHECK ((kind = 'rollback') = (of IS NOT NULL)),
CONSTRAINT uq_publication_publication_id UNIQUE (publication_id),
CONSTRAINT fk_publication_plan_id FOREIGN KEY(plan_id) REFERENCES plan (plan_id),
CONSTRAINT uq_publication_of UNIQUE ("of"),
CONSTRAINT fk_publication_of FOREIGN KEY("of") REFERENCES publication (publication_id)
)
;;
CREATE INDEX ix_publication_plan_id ON publication (plan_id)
;;
CREATE INDEX ix_publication_effective ON publication (effective)
;;
CREATE FUNCTION publication_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'publication is only ever added to' USING ERRCODE = 'restrict_violation'; END $$
;;
CREATE TRIGGER publication_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON publication
FOR EACH STATEMENT EXECUTE FUNCTION publication_append_only()
;;
CREATE TABLE review (
review_id TEXT NOT NULL,
plan_id TEXT NOT NULL,
round INTEGER NOT NULL,
moved INTEGER NOT NULL,
made_by TEXT NOT NULL,
submitted_by TEXT NOT NULL,
opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
CONSTRAINT pk_review PRIMARY KEY (review_id),
CONSTRAINT uq_review_plan_id_round UNIQUE (plan_id, round),
CONSTRAINT fk_review_plan_id FOREIGN KEY(plan_id) REFERENCES plan (plan_id)
)
;;
CREATE FUNCTION review_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'review is only ever added to' USING ERRCODE = 'restrict_violation'; END $$
;;
CREATE TRIGGER review_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON review
FOR EACH STATEMENT EXECUTE FUNCTION review_append_only()
;;
CREATE TABLE proposal (
proposal_id TEXT NOT NULL,
plan_id TEXT NOT NULL,
status TEXT NOT NULL,
why TEXT NOT NULL,
effect JSONB NOT NULL,
warnings JSONB NOT NULL,
agreed JSONB NOT NULL,
revision INTEGER NOT NULL,
made_by TEXT NOT NULL,
made_at TIMESTAMP WITH TIME ZONE NOT NULL,
decided_by TEXT,
decided_at TIMESTAMP WITH TIME ZONE,
comment TEXT,
CONSTRAINT pk_proposal PRIMARY KEY (proposal_id),
CONSTRAINT fk_proposal_plan_id FOREIGN KEY(plan_id) REFERENCES plan (plan_id)
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
filed_at TIMESTAMP WITH TIME ZONE NOT NULL,
due TIMESTAMP WITH TIME ZONE NOT NULL,
status TEXT NOT NULL,
decided_by TEXT,
decided_at TIMESTAMP WITH TIME ZONE,
outcome TEXT,
CONSTRAINT pk_challenge PRIMARY KEY (challenge_id),
CONSTRAINT fk_challenge_plan_id FOREIGN KEY(plan_id) REFERENCES plan (plan_id)
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
starts TIMESTAMP WITH TIME ZONE NOT NULL,
expires TIMESTAMP WITH TIME ZONE NOT NULL,
status TEXT NOT NULL,
requested_by TEXT NOT NULL,
requested_at TIMESTAMP WITH TIME ZONE NOT NULL,
losing_territory_id TEXT,
gaining_territory_id TEXT,
losing_person_id TEXT,
cost JSONB NOT NULL,
renews_id TEXT,
ended_by TEXT,
ended_at TIMESTAMP WITH TIME ZONE,
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
fact_id SERIAL NOT NULL,
seat_id TEXT NOT NULL,
person_id TEXT,
pool_id TEXT,
interim_id TEXT,
valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
valid_to TIMESTAMP WITH TIME ZONE NOT NULL,
recorded_from TIMESTAMP WITH TIME ZONE NOT NULL,
recorded_to TIMESTAMP WITH TIME ZONE NOT NULL,
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
CONSTRAINT ck_staffing_valid_is_in_the_calendar CHECK (valid_from >= '1900-01-01 00:00:00+00:00' AND valid_to <= '9999-12-31 00:00:00+00:00'),
CONSTRAINT ck_staffing_recorded_is_in_the_calendar CHECK (recorded_from >= '1900-01-01 00:00:00+00:00' AND recorded_to <= '9999-12-31 00:00:00+00:00')
)
;;
CREATE INDEX ix_staffing_seat ON staffing (seat_id, valid_from)
;;
CREATE INDEX ix_staffing_person ON staffing (person_id, valid_from)
;;
CREATE INDEX ix_staffing_interim ON staffing (interim_id, valid_from)
;;
ALTER TABLE staffing ADD CONSTRAINT staffing_no_overlap EXCLUDE USING gist ((md5(seat_id)::uuid) WITH =,
tstzrange(valid_from, valid_to) WITH &&, tstzrange(recorded_from, recorded_to) WITH &&)
;;
CREATE FUNCTION staffing_only_closing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF OLD.recorded_to <> TIMESTAMPTZ '9999-12-31 00:00:00+00' OR NEW.recorded_to >= TIMESTAMPTZ '9999-12-31 00:00:00+00' OR NEW.fact_id IS DISTINCT FROM OLD.fact_id OR NEW.seat_id IS DISTINCT FROM OLD.seat_id OR NEW.person_id IS DISTINCT FROM OLD.person_id OR NEW.pool_id IS DISTINCT FROM OLD.pool_id OR NEW.interim_id IS DISTINCT FROM OLD.interim_id OR NEW.valid_from IS DISTINCT FROM OLD.valid_from OR NEW.valid_to IS DISTINCT FROM OLD.valid_to OR NEW.recorded_from IS DISTINCT FROM OLD.recorded_from OR NEW.cause IS DISTINCT FROM OLD.cause OR NEW.source IS DISTINCT FROM OLD.source OR NEW.reason IS DISTINCT FROM OLD.reason
THEN RAISE EXCEPTION 'staffing: history is closed and succeeded, never changed' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $$
;;
CREATE TRIGGER staffing_only_closing BEFORE UPDATE ON staffing
FOR EACH ROW EXECUTE FUNCTION staffing_only_closing()
;;
CREATE FUNCTION staffing_no_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'staffing: history is closed and succeeded, never changed' USING ERRCODE = 'restrict_violation'; END $$
;;
CREATE TRIGGER staffing_no_delete BEFORE DELETE OR TRUNCATE ON staffing
FOR EACH STATEMENT EXECUTE FUNCTION staffing_no_delete()
;;
CREATE FUNCTION staffing_person_id_employed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF NEW.person_id IS NOT NULL AND NEW.recorded_to = TIMESTAMPTZ '9999-12-31 00:00:00+00'
AND NOT EXISTS (SELECT 1 FROM employment AS e WHERE e.person_id = NEW.person_id AND e.recorded_to = TIMESTAMPTZ '9999-12-31 00:00:00+00'
AND e.valid_from <= NEW.valid_from AND e.valid_to >= NEW.valid_to)
THEN RAISE EXCEPTION 'staffing: person_id is not employed for the whole period' USING ERRCODE = 'foreign_key_violation'; END IF; RETURN NEW; END $$
;;
CREATE TRIGGER staffing_person_id_employed BEFORE INSERT ON staffing
FOR EACH ROW EXECUTE FUNCTION staffing_person_id_employed()
;;
CREATE FUNCTION staffing_person_id_keeps_employment() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF EXISTS (SELECT 1 FROM staffing AS w WHERE w.person_id = OLD.person_id AND w.recorded_to = TIMESTAMPTZ '9999-12-31 00:00:00+00'
AND NOT EXISTS (SELECT 1 FROM employment AS e WHERE e.person_id = w.person_id AND e.recorded_to = TIMESTAMPTZ '9999-12-31 00:00:00+00'
AND e.valid_from <= w.valid_from AND e.valid_to >= w.valid_to))
THEN RAISE EXCEPTION 'employment cannot be closed while staffing holds work in it' USING ERRCODE = 'foreign_key_violation'; END IF; RETURN NULL; END $$
;;
CREATE CONSTRAINT TRIGGER staffing_person_id_keeps_employment AFTER UPDATE ON employment
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION staffing_person_id_keeps_employment()
;;
CREATE FUNCTION staffing_interim_id_employed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF NEW.interim_id IS NOT NULL AND NEW.recorded_to = TIMESTAMPTZ '9999-12-31 00:00:00+00'
AND NOT EXISTS (SELECT 1 FROM employment AS e WHERE e.person_id = NEW.interim_id AND e.recorded_to = TIMESTAMPTZ '9999-12-31 00:00:00+00'
AND e.valid_from <= NEW.valid_from AND e.valid_to >= NEW.valid_to)
THEN RAISE EXCEPTION 'staffing: interim_id is not employed for the whole period' USING ERRCODE = 'foreign_key_violation'; END IF; RETURN NEW; END $$
;;
CREATE TRIGGER staffing_interim_id_employed BEFORE INSERT ON staffing
FOR EACH ROW EXECUTE FUNCTION staffing_interim_id_employed()
;;
CREATE FUNCTION staffing_interim_id_keeps_employment() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF EXISTS (SELECT 1 FROM staffing AS w WHERE w.interim_id = OLD.person_id AND w.recorded_to = TIMESTAMPTZ '9999-12-31 00:00:00+00'
AND NOT EXISTS (SELECT 1 FROM employment AS e WHERE e.person_id = w.interim_id AND e.recorded_to = TIMESTAMPTZ '9999-12-31 00:00:00+00'
AND e.valid_from <= w.valid_from AND e.valid_to >= w.valid_to))
THEN RAISE EXCEPTION 'employment cannot be closed while staffing holds work in it' USING ERRCODE = 'foreign_key_violation'; END IF; RETURN NULL; END $$
;;
CREATE CONSTRAINT TRIGGER staffing_interim_id_keeps_employment AFTER UPDATE ON employment
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION staffing_interim_id_keeps_employment()
;;
CREATE TABLE override (
fact_id SERIAL NOT NULL,
account_id TEXT NOT NULL,
role TEXT NOT NULL,
opportunity_id TEXT NOT NULL,
person_id TEXT NOT NULL,
kind TEXT NOT NULL,
valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
valid_to TIMESTAMP WITH TIME ZONE NOT NULL,
recorded_from TIMESTAMP WITH TIME ZONE NOT NULL,
recorded_to TIMESTAMP WITH TIME ZONE NOT NULL,
cause TEXT NOT NULL,
source TEXT NOT NULL,
reason TEXT NOT NULL,
CONSTRAINT pk_override PRIMARY KEY (fact_id),
CONSTRAINT ck_override_kind_is_known CHECK (kind IN ('holdover', 'exception', 'cover', 'named')),
CONSTRAINT fk_override_person_id FOREIGN KEY(person_id) REFERENCES person (person_id),
CONSTRAINT ck_override_valid_is_not_empty CHECK (valid_from < valid_to),
CONSTRAINT ck_override_recorded_is_not_empty CHECK (recorded_from < recorded_to),
CONSTRAINT ck_override_valid_is_in_the_calendar CHECK (valid_from >= '1900-01-01 00:00:00+00:00' AND valid_to <= '9999-12-31 00:00:00+00:00'),
CONSTRAINT ck_override_recorded_is_in_the_calendar CHECK (recorded_from >= '1900-01-01 00:00:00+00:00' AND recorded_to <= '9999-12-31 00:00:00+00:00')
)
;;
CREATE INDEX ix_override_account ON override (account_id, role, opportunity_id, valid_from)
;;
CREATE INDEX ix_override_person ON override (person_id, valid_from)
;;
ALTER TABLE override ADD CONSTRAINT override_no_overlap EXCLUDE USING gist ((md5(account_id || chr(31) || role || chr(31) || opportunity_id)::uuid) WITH =,
tstzrange(valid_from, valid_to) WITH &&, tstzrange(recorded_from, recorded_to) WITH &&)
;;
CREATE FUNCTION override_only_closing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF OLD.recorded_to <> TIMESTAMPTZ '9999-12-31 00:00:00+00' OR NEW.recorded_to >= TIMESTAMPTZ '9999-12-31 00:00:00+00' OR NEW.fact_id IS DISTINCT FROM OLD.fact_id OR NEW.account_id IS DISTINCT FROM OLD.account_id OR NEW.role IS DISTINCT FROM OLD.role OR NEW.opportunity_id IS DISTINCT FROM OLD.opportunity_id OR NEW.person_id IS DISTINCT FROM OLD.person_id OR NEW.kind IS DISTINCT FROM OLD.kind OR NEW.valid_from IS DISTINCT FROM OLD.valid_from OR NEW.valid_to IS DISTINCT FROM OLD.valid_to OR NEW.recorded_from IS DISTINCT FROM OLD.recorded_from OR NEW.cause IS DISTINCT FROM OLD.cause OR NEW.source IS DISTINCT FROM OLD.source OR NEW.reason IS DISTINCT FROM OLD.reason
THEN RAISE EXCEPTION 'override: history is closed and succeeded, never changed' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $$
;;
CREATE TRIGGER override_only_closing BEFORE UPDATE ON override
FOR EACH ROW EXECUTE FUNCTION override_only_closing()
;;
CREATE FUNCTION override_no_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'override: history is closed and succeeded, never changed' USING ERRCODE = 'restrict_violation'; END $$
;;
CREATE TRIGGER override_no_delete BEFORE DELETE OR TRUNCATE ON override
FOR EACH STATEMENT EXECUTE FUNCTION override_no_delete()
;;
CREATE FUNCTION override_person_id_employed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF NEW.person_id IS NOT NULL AND NEW.recorded_to = TIMESTAMPTZ '9999-12-31 00:00:00+00'
AND NOT EXISTS (SELECT 1 FROM employment AS e WHERE e.person_id = NEW.person_id AND e.recorded_to = TIMESTAMPTZ '9999-12-31 00:00:00+00'
AND e.valid_from <= NEW.valid_from AND e.valid_to >= NEW.valid_to)
THEN RAISE EXCEPTION 'override: person_id is not employed for the whole period' USING ERRCODE = 'foreign_key_violation'; END IF; RETURN NEW; END $$
;;
CREATE TRIGGER override_person_id_employed BEFORE INSERT ON override
FOR EACH ROW EXECUTE FUNCTION override_person_id_employed()
;;
CREATE FUNCTION override_person_id_keeps_employment() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF EXISTS (SELECT 1 FROM override AS w WHERE w.person_id = OLD.person_id AND w.recorded_to = TIMESTAMPTZ '9999-12-31 00:00:00+00'
AND NOT EXISTS (SELECT 1 FROM employment AS e WHERE e.person_id = w.person_id AND e.recorded_to = TIMESTAMPTZ '9999-12-31 00:00:00+00'
AND e.valid_from <= w.valid_from AND e.valid_to >= w.valid_to))
THEN RAISE EXCEPTION 'employment cannot be closed while override holds work in it' USING ERRCODE = 'foreign_key_violation'; END IF; RETURN NULL; END $$
;;
CREATE CONSTRAINT TRIGGER override_person_id_keeps_employment AFTER UPDATE ON employment
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION override_person_id_keeps_employment()
;;
CREATE TABLE cover (
fact_id SERIAL NOT NULL,
person_id TEXT NOT NULL,
cover_id TEXT NOT NULL,
valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
valid_to TIMESTAMP WITH TIME ZONE NOT NULL,
recorded_from TIMESTAMP WITH TIME ZONE NOT NULL,
recorded_to TIMESTAMP WITH TIME ZONE NOT NULL,
cause TEXT NOT NULL,
source TEXT NOT NULL,
reason TEXT NOT NULL,
CONSTRAINT pk_cover PRIMARY KEY (fact_id),
CONSTRAINT ck_cover_somebody_else CHECK (person_id <> cover_id),
CONSTRAINT fk_cover_person_id FOREIGN KEY(person_id) REFERENCES person (person_id),
CONSTRAINT fk_cover_cover_id FOREIGN KEY(cover_id) REFERENCES person (person_id),
CONSTRAINT ck_cover_valid_is_not_empty CHECK (valid_from < valid_to),
CONSTRAINT ck_cover_recorded_is_not_empty CHECK (recorded_from < recorded_to),
CONSTRAINT ck_cover_valid_is_in_the_calendar CHECK (valid_from >= '1900-01-01 00:00:00+00:00' AND valid_to <= '9999-12-31 00:00:00+00:00'),
CONSTRAINT ck_cover_recorded_is_in_the_calendar CHECK (recorded_from >= '1900-01-01 00:00:00+00:00' AND recorded_to <= '9999-12-31 00:00:00+00:00')
)
;;
CREATE INDEX ix_cover_person ON cover (person_id, valid_from)
;;
CREATE INDEX ix_cover_cover ON cover (cover_id, valid_from)
;;
ALTER TABLE cover ADD CONSTRAINT cover_no_overlap EXCLUDE USING gist ((md5(person_id)::uuid) WITH =,
tstzrange(valid_from, valid_to) WITH &&, tstzrange(recorded_from, recorded_to) WITH &&)
;;
CREATE FUNCTION cover_only_closing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF OLD.recorded_to <> TIMESTAMPTZ '9999-12-31 00:00:00+00' OR NEW.recorded_to >= TIMESTAMPTZ '9999-12-31 00:00:00+00' OR NEW.fact_id IS DISTINCT FROM OLD.fact_id OR NEW.person_id IS DISTINCT FROM OLD.person_id OR NEW.cover_id IS DISTINCT FROM OLD.cover_id OR NEW.valid_from IS DISTINCT FROM OLD.valid_from OR NEW.valid_to IS DISTINCT FROM OLD.valid_to OR NEW.recorded_from IS DISTINCT FROM OLD.recorded_from OR NEW.cause IS DISTINCT FROM OLD.cause OR NEW.source IS DISTINCT FROM OLD.source OR NEW.reason IS DISTINCT FROM OLD.reason
THEN RAISE EXCEPTION 'cover: history is closed and succeeded, never changed' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $$
;;
CREATE TRIGGER cover_only_closing BEFORE UPDATE ON cover
FOR EACH ROW EXECUTE FUNCTION cover_only_closing()
;;
CREATE FUNCTION cover_no_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'cover: history is closed and succeeded, never changed' USING ERRCODE = 'restrict_violation'; END $$
;;
CREATE TRIGGER cover_no_delete BEFORE DELETE OR TRUNCATE ON cover
FOR EACH STATEMENT EXECUTE FUNCTION cover_no_delete()
;;
CREATE FUNCTION cover_cover_id_employed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF NEW.cover_id IS NOT NULL AND NEW.recorded_to = TIMESTAMPTZ '9999-12-31 00:00:00+00'
AND NOT EXISTS (SELECT 1 FROM employment AS e WHERE e.person_id = NEW.cover_id AND e.recorded_to = TIMESTAMPTZ '9999-12-31 00:00:00+00'
AND e.valid_from <= NEW.valid_from AND e.valid_to >= NEW.valid_to)
THEN RAISE EXCEPTION 'cover: cover_id is not employed for the whole period' USING ERRCODE = 'foreign_key_violation'; END IF; RETURN NEW; END $$
;;
CREATE TRIGGER cover_cover_id_employed BEFORE INSERT ON cover
FOR EACH ROW EXECUTE FUNCTION cover_cover_id_employed()
;;
CREATE FUNCTION cover_cover_id_keeps_employment() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF EXISTS (SELECT 1 FROM cover AS w WHERE w.cover_id = OLD.person_id AND w.recorded_to = TIMESTAMPTZ '9999-12-31 00:00:00+00'
AND NOT EXISTS (SELECT 1 FROM employment AS e WHERE e.person_id = w.cover_id AND e.recorded_to = TIMESTAMPTZ '9999-12-31 00:00:00+00'
AND e.valid_from <= w.valid_from AND e.valid_to >= w.valid_to))
THEN RAISE EXCEPTION 'employment cannot be closed while cover holds work in it' USING ERRCODE = 'foreign_key_violation'; END IF; RETURN NULL; END $$
;;
CREATE CONSTRAINT TRIGGER cover_cover_id_keeps_employment AFTER UPDATE ON employment
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION cover_cover_id_keeps_employment()
;;
CREATE TABLE approval_step (
step_id TEXT NOT NULL,
review_id TEXT NOT NULL,
level INTEGER NOT NULL,
approver_id TEXT,
territories JSONB NOT NULL,
accounts INTEGER NOT NULL,
CONSTRAINT pk_approval_step PRIMARY KEY (step_id),
CONSTRAINT fk_approval_step_review_id FOREIGN KEY(review_id) REFERENCES review (review_id)
)
;;
CREATE INDEX ix_approval_step_approver ON approval_step (approver_id)
;;
CREATE INDEX ix_approval_step_review ON approval_step (review_id, level)
;;
CREATE FUNCTION approval_step_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'approval_step is only ever added to' USING ERRCODE = 'restrict_violation'; END $$
;;
CREATE TRIGGER approval_step_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON approval_step
FOR EACH STATEMENT EXECUTE FUNCTION approval_step_append_only()
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
CREATE FUNCTION exception_step_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'exception_step is only ever added to' USING ERRCODE = 'restrict_violation'; END $$
;;
CREATE TRIGGER exception_step_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON exception_step
FOR EACH STATEMENT EXECUTE FUNCTION exception_step_append_only()
;;
CREATE TABLE approval_decision (
step_id TEXT NOT NULL,
verdict TEXT NOT NULL,
by TEXT NOT NULL,
at TIMESTAMP WITH TIME ZONE NOT NULL,
comment TEXT,
CONSTRAINT pk_approval_decision PRIMARY KEY (step_id),
CONSTRAINT ck_approval_decision_verdict_is_known CHECK (verdict IN ('approved', 'rejected')),
CONSTRAINT ck_approval_decision_reject_says_why CHECK (verdict <> 'rejected' OR comment IS NOT NULL),
CONSTRAINT fk_approval_decision_step_id FOREIGN KEY(step_id) REFERENCES approval_step (step_id)
)
;;
CREATE FUNCTION approval_decision_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'approval_decision is only ever added to' USING ERRCODE = 'restrict_violation'; END $$
;;
CREATE TRIGGER approval_decision_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON approval_decision
FOR EACH STATEMENT EXECUTE FUNCTION approval_decision_append_only()
;;
CREATE TABLE exception_decision (
step_id TEXT NOT NULL,
verdict TEXT NOT NULL,
by TEXT NOT NULL,
at TIMESTAMP WITH TIME ZONE NOT NULL,
comment TEXT,
CONSTRAINT pk_exception_decision PRIMARY KEY (step_id),
CONSTRAINT ck_exception_decision_verdict_is_known CHECK (verdict IN ('approved', 'rejected')),
CONSTRAINT fk_exception_decision_step_id FOREIGN KEY(step_id) REFERENCES exception_step (step_id)
)
;;
CREATE FUNCTION exception_decision_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'exception_decision is only ever added to' USING ERRCODE = 'restrict_violation'; END $$
;;
CREATE TRIGGER exception_decision_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON exception_decision
FOR EACH STATEMENT EXECUTE FUNCTION exception_decision_append_only()
