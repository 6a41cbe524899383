CREATE TABLE lead (
lead_id TEXT NOT NULL,
source TEXT NOT NULL,
source_id TEXT NOT NULL,
kind TEXT NOT NULL,
motion TEXT NOT NULL,
received_at BIGINT NOT NULL,
fields TEXT NOT NULL,
digest TEXT NOT NULL,
status TEXT NOT NULL,
account_id TEXT,
territory_id TEXT,
person_id TEXT,
decisions INTEGER NOT NULL,
first_assigned_at BIGINT,
assigned_at BIGINT,
accepted_at BIGINT,
touched_at BIGINT,
closed_at BIGINT,
holds_until BIGINT,
value_usd FLOAT,
contact TEXT,
CONSTRAINT pk_lead PRIMARY KEY (lead_id),
CONSTRAINT uq_lead_source_source_id UNIQUE (source, source_id),
CONSTRAINT ck_lead_status_is_known CHECK (status IN ('assigned', 'queued', 'closed')),
CONSTRAINT ck_lead_assigned_to_somebody CHECK ((status = 'assigned') <= (person_id IS NOT NULL)),
CONSTRAINT fk_lead_person_id FOREIGN KEY(person_id) REFERENCES person (person_id)
)
;;
CREATE INDEX ix_lead_received ON lead (received_at, lead_id)
;;
CREATE INDEX ix_lead_status ON lead (status, received_at)
;;
CREATE INDEX ix_lead_account ON lead (account_id, received_at)
;;
CREATE INDEX ix_lead_territory ON lead (territory_id)
;;
CREATE INDEX ix_lead_person ON lead (person_id, status, assigned_at)
;;
CREATE INDEX ix_lead_contact ON lead (contact, assigned_at)
;;
CREATE TABLE turn (
pool_id TEXT NOT NULL,
state TEXT NOT NULL,
revision INTEGER NOT NULL,
CONSTRAINT pk_turn PRIMARY KEY (pool_id)
)
;;
CREATE TABLE routing (
version INTEGER NOT NULL,
document TEXT NOT NULL,
"by" TEXT NOT NULL,
at BIGINT NOT NULL,
why TEXT NOT NULL,
CONSTRAINT pk_routing PRIMARY KEY (version)
)
;;
CREATE TRIGGER routing_no_update BEFORE UPDATE ON routing
BEGIN SELECT RAISE(ABORT, 'routing is only ever added to'); END
;;
CREATE TRIGGER routing_no_delete BEFORE DELETE ON routing
BEGIN SELECT RAISE(ABORT, 'routing is only ever added to'); END
;;
CREATE TRIGGER routing_no_replace BEFORE INSERT ON routing
WHEN EXISTS (SELECT 1 FROM routing WHERE version = NEW.version)
BEGIN SELECT RAISE(ABORT, 'routing is only ever added to'); END
;;
CREATE TABLE decision (
decision_id TEXT NOT NULL,
lead_id TEXT NOT NULL,
number INTEGER NOT NULL,
at BIGINT NOT NULL,
"by" TEXT NOT NULL,
cause TEXT NOT NULL,
routing_version INTEGER NOT NULL,
plan_id TEXT,
publication_id TEXT,
snapshot_id TEXT,
known BIGINT,
person_id TEXT,
pool_id TEXT,
territory_id TEXT,
account_id TEXT,
route TEXT NOT NULL,
stage TEXT NOT NULL,
says TEXT NOT NULL,
decided TEXT NOT NULL,
answers TEXT NOT NULL,
answers_digest TEXT NOT NULL,
CONSTRAINT pk_decision PRIMARY KEY (decision_id),
CONSTRAINT uq_decision_lead_id_number UNIQUE (lead_id, number),
CONSTRAINT fk_decision_lead_id FOREIGN KEY(lead_id) REFERENCES lead (lead_id)
)
;;
CREATE INDEX ix_decision_at ON decision (at, decision_id)
;;
CREATE INDEX ix_decision_person ON decision (person_id, at)
;;
CREATE TRIGGER decision_no_update BEFORE UPDATE ON decision
BEGIN SELECT RAISE(ABORT, 'decision is only ever added to'); END
;;
CREATE TRIGGER decision_no_delete BEFORE DELETE ON decision
BEGIN SELECT RAISE(ABORT, 'decision is only ever added to'); END
;;
CREATE TRIGGER decision_no_replace BEFORE INSERT ON decision
WHEN EXISTS (SELECT 1 FROM decision WHERE decision_id = NEW.decision_id)
BEGIN SELECT RAISE(ABORT, 'decision is only ever added to'); END
;;
CREATE TABLE lead_event (
event_id TEXT NOT NULL,
lead_id TEXT NOT NULL,
at BIGINT NOT NULL,
what TEXT NOT NULL,
"by" TEXT NOT NULL,
detail TEXT NOT NULL,
CONSTRAINT pk_lead_event PRIMARY KEY (event_id),
CONSTRAINT fk_lead_event_lead_id FOREIGN KEY(lead_id) REFERENCES lead (lead_id)
)
;;
CREATE INDEX ix_lead_event_lead ON lead_event (lead_id, at)
;;
CREATE TRIGGER lead_event_no_update BEFORE UPDATE ON lead_event
BEGIN SELECT RAISE(ABORT, 'lead_event is only ever added to'); END
;;
CREATE TRIGGER lead_event_no_delete BEFORE DELETE ON lead_event
BEGIN SELECT RAISE(ABORT, 'lead_event is only ever added to'); END
;;
CREATE TRIGGER lead_event_no_replace BEFORE INSERT ON lead_event
WHEN EXISTS (SELECT 1 FROM lead_event WHERE event_id = NEW.event_id)
BEGIN SELECT RAISE(ABORT, 'lead_event is only ever added to'); END
