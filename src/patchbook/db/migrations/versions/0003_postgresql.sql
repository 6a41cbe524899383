CREATE TABLE job (
name TEXT NOT NULL,
schedule TEXT,
is_on INTEGER NOT NULL,
next_due TIMESTAMP WITH TIME ZONE NOT NULL,
token INTEGER NOT NULL,
leased_by TEXT,
leased_until TIMESTAMP WITH TIME ZONE,
started TIMESTAMP WITH TIME ZONE,
attempts INTEGER NOT NULL,
asked_by TEXT,
CONSTRAINT pk_job PRIMARY KEY (name),
CONSTRAINT ck_job_a_lease_has_an_end CHECK ((leased_by IS NULL) = (leased_until IS NULL))
)
;;
CREATE TABLE service_timer (
timer_id TEXT NOT NULL,
lead_id TEXT NOT NULL,
decision INTEGER NOT NULL,
what TEXT NOT NULL,
level TEXT NOT NULL,
person_id TEXT NOT NULL,
minutes FLOAT NOT NULL,
started TIMESTAMP WITH TIME ZONE NOT NULL,
remind_at TIMESTAMP WITH TIME ZONE,
due_at TIMESTAMP WITH TIME ZONE NOT NULL,
next_at TIMESTAMP WITH TIME ZONE,
state TEXT NOT NULL,
reassigns INTEGER NOT NULL,
manager_id TEXT,
ended TIMESTAMP WITH TIME ZONE,
CONSTRAINT pk_service_timer PRIMARY KEY (timer_id),
CONSTRAINT uq_service_timer_lead_id_decision_what UNIQUE (lead_id, decision, what),
CONSTRAINT ck_service_timer_runs_while_awaited CHECK ((state IN ('running', 'reminded')) = (next_at IS NOT NULL)),
CONSTRAINT fk_service_timer_lead_id FOREIGN KEY(lead_id) REFERENCES lead (lead_id),
CONSTRAINT fk_service_timer_person_id FOREIGN KEY(person_id) REFERENCES person (person_id)
)
;;
CREATE INDEX ix_service_timer_due_at ON service_timer (due_at, timer_id)
;;
CREATE INDEX ix_service_timer_person_id ON service_timer (person_id, state)
;;
CREATE INDEX ix_service_timer_next_at ON service_timer (next_at)
;;
CREATE TABLE live_change (
change_id TEXT NOT NULL,
plan_id TEXT NOT NULL,
account_id TEXT NOT NULL,
from_territory_id TEXT,
to_territory_id TEXT NOT NULL,
fields JSONB NOT NULL,
says TEXT NOT NULL,
reason TEXT NOT NULL,
status TEXT NOT NULL,
first_seen TIMESTAMP WITH TIME ZONE NOT NULL,
last_seen TIMESTAMP WITH TIME ZONE NOT NULL,
decided_at TIMESTAMP WITH TIME ZONE,
decided_by TEXT,
CONSTRAINT pk_live_change PRIMARY KEY (change_id),
CONSTRAINT ck_live_change_status_is_known CHECK (status IN ('waiting', 'proposed', 'moved', 'rejected', 'went back')),
CONSTRAINT fk_live_change_from_territory_id FOREIGN KEY(from_territory_id) REFERENCES territory (territory_id),
CONSTRAINT fk_live_change_to_territory_id FOREIGN KEY(to_territory_id) REFERENCES territory (territory_id)
)
;;
CREATE INDEX ix_live_change_status ON live_change (status, change_id)
;;
CREATE INDEX ix_live_change_account_id ON live_change (account_id, first_seen)
;;
CREATE TABLE job_run (
run_id TEXT NOT NULL,
name TEXT NOT NULL,
token INTEGER NOT NULL,
worker TEXT NOT NULL,
due TIMESTAMP WITH TIME ZONE NOT NULL,
started TIMESTAMP WITH TIME ZONE NOT NULL,
ended TIMESTAMP WITH TIME ZONE,
outcome TEXT NOT NULL,
attempt INTEGER NOT NULL,
asked_by TEXT,
says TEXT NOT NULL,
counts JSONB NOT NULL,
CONSTRAINT pk_job_run PRIMARY KEY (run_id),
CONSTRAINT fk_job_run_name FOREIGN KEY(name) REFERENCES job (name)
)
;;
CREATE UNIQUE INDEX ix_job_run_name ON job_run (name, token)
;;
CREATE INDEX ix_job_run_started ON job_run (started, run_id)
