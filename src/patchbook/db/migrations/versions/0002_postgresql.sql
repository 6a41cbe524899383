CREATE TABLE lead (
lead_id TEXT NOT NULL,
source TEXT NOT NULL,
source_id TEXT NOT NULL,
kind TEXT NOT NULL,
motion TEXT NOT NULL,
received_at TIMESTAMP WITH TIME ZONE NOT NULL,
fields JSONB NOT NULL,
digest TEXT NOT NULL,
status TEXT NOT NULL,
account_id TEXT,
territory_id TEXT,
person_id TEXT,
decisions INTEGER NOT NULL,
first_assigned_at TIMESTAMP WITH TIME ZONE,
assigned_at TIMESTAMP WITH TIME ZONE,
accepted_at TIMESTAMP WITH TIME ZONE,
touched_at TIMESTAMP WITH TIME ZONE,
closed_at TIMESTAMP WITH TIME ZONE,
holds_until TIMESTAMP WITH TIME ZONE,
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
state JSONB NOT NULL,
revision INTEGER NOT NULL,
CONSTRAINT pk_turn PRIMARY KEY (pool_id)
)
;;
CREATE TABLE routing (
version SERIAL NOT NULL,
document TEXT NOT NULL,
by TEXT NOT NULL,
at TIMESTAMP WITH TIME ZONE NOT NULL,
why TEXT NOT NULL,
CONSTRAINT pk_routing PRIMARY KEY (version)
)
;;
CREATE FUNCTION routing_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'routing is only ever added to' USING ERRCODE = 'restrict_violation'; END $$
;;
CREATE TRIGGER routing_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON routing
FOR EACH STATEMENT EXECUTE FUNCTION routing_append_only()
;;
CREATE TABLE decision (
decision_id TEXT NOT NULL,
lead_id TEXT NOT NULL,
number INTEGER NOT NULL,
at TIMESTAMP WITH TIME ZONE NOT NULL,
by TEXT NOT NULL,
cause TEXT NOT NULL,
routing_version INTEGER NOT NULL,
plan_id TEXT,
publication_id TEXT,
snapshot_id TEXT,
known TIMESTAMP WITH TIME ZONE,
person_id TEXT,
pool_id TEXT,
territory_id TEXT,
account_id TEXT,
route TEXT NOT NULL,
stage TEXT NOT NULL,
says TEXT NOT NULL,
decided JSONB NOT NULL,
answers JSONB NOT NULL,
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
CREATE FUNCTION decision_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'decision is only ever added to' USING ERRCODE = 'restrict_violation'; END $$
;;
CREATE TRIGGER decision_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON decision
FOR EACH STATEMENT EXECUTE FUNCTION decision_append_only()
;;
CREATE TABLE lead_event (
event_id TEXT NOT NULL,
lead_id TEXT NOT NULL,
at TIMESTAMP WITH TIME ZONE NOT NULL,
what TEXT NOT NULL,
by TEXT NOT NULL,
detail JSONB NOT NULL,
CONSTRAINT pk_lead_event PRIMARY KEY (event_id),
CONSTRAINT fk_lead_event_lead_id FOREIGN KEY(lead_id) REFERENCES lead (lead_id)
)
;;
CREATE INDEX ix_lead_event_lead ON lead_event (lead_id, at)
;;
CREATE FUNCTION lead_event_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'lead_event is only ever added to' USING ERRCODE = 'restrict_violation'; END $$
;;
CREATE TRIGGER lead_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON lead_event
FOR EACH STATEMENT EXECUTE FUNCTION lead_event_append_only()
