CREATE TABLE registration (
registration_id TEXT NOT NULL,
account_id TEXT NOT NULL,
partner TEXT NOT NULL,
person_id TEXT NOT NULL,
deal TEXT NOT NULL,
reason TEXT NOT NULL,
status TEXT NOT NULL,
registered_by TEXT NOT NULL,
registered_at BIGINT NOT NULL,
starts BIGINT,
ends BIGINT,
extended_at BIGINT,
decided_by TEXT,
decided_at BIGINT,
comment TEXT,
CONSTRAINT pk_registration PRIMARY KEY (registration_id),
CONSTRAINT ck_registration_approved_for_a_while CHECK ((status = 'approved') <= (ends IS NOT NULL)),
CONSTRAINT fk_registration_person_id FOREIGN KEY(person_id) REFERENCES person (person_id)
)
;;
CREATE INDEX ix_registration_person ON registration (person_id)
;;
CREATE INDEX ix_registration_account ON registration (account_id, status, ends)
;;
CREATE TABLE claim (
claim_id TEXT NOT NULL,
account_id TEXT NOT NULL,
person_id TEXT NOT NULL,
reason TEXT NOT NULL,
claimed_at BIGINT NOT NULL,
ends BIGINT NOT NULL,
status TEXT NOT NULL,
returned_at BIGINT,
returned_by TEXT,
returned_why TEXT,
CONSTRAINT pk_claim PRIMARY KEY (claim_id),
CONSTRAINT ck_claim_returned_at_an_instant CHECK ((status = 'returned') = (returned_at IS NOT NULL)),
CONSTRAINT fk_claim_person_id FOREIGN KEY(person_id) REFERENCES person (person_id)
)
;;
CREATE INDEX ix_claim_account ON claim (account_id, claimed_at)
;;
CREATE INDEX ix_claim_person ON claim (person_id, claimed_at)
;;
CREATE TABLE activity (
activity_id TEXT NOT NULL,
account_id TEXT NOT NULL,
person_id TEXT NOT NULL,
kind TEXT NOT NULL,
at BIGINT NOT NULL,
note TEXT NOT NULL,
CONSTRAINT pk_activity PRIMARY KEY (activity_id),
CONSTRAINT fk_activity_person_id FOREIGN KEY(person_id) REFERENCES person (person_id)
)
;;
CREATE INDEX ix_activity_person ON activity (person_id, at)
;;
CREATE INDEX ix_activity_account ON activity (account_id, at)
;;
CREATE TABLE idle_notice (
notice_id TEXT NOT NULL,
account_id TEXT NOT NULL,
person_id TEXT NOT NULL,
idle_since BIGINT NOT NULL,
warned_at BIGINT NOT NULL,
due_at BIGINT NOT NULL,
returns_to TEXT NOT NULL,
status TEXT NOT NULL,
closed_at BIGINT,
CONSTRAINT pk_idle_notice PRIMARY KEY (notice_id),
CONSTRAINT ck_idle_notice_status_is_known CHECK (status IN ('warned', 'active', 'returned')),
CONSTRAINT fk_idle_notice_person_id FOREIGN KEY(person_id) REFERENCES person (person_id)
)
;;
CREATE INDEX ix_idle_notice_status ON idle_notice (status, due_at)
;;
CREATE INDEX ix_idle_notice_account ON idle_notice (account_id, status)
;;
CREATE INDEX ix_idle_notice_person ON idle_notice (person_id, status)
;;
CREATE TABLE appointment (
appointment_id TEXT NOT NULL,
family_id TEXT NOT NULL,
country TEXT NOT NULL,
person_id TEXT NOT NULL,
starts BIGINT NOT NULL,
ends BIGINT NOT NULL,
reason TEXT NOT NULL,
made_by TEXT NOT NULL,
made_at BIGINT NOT NULL,
CONSTRAINT pk_appointment PRIMARY KEY (appointment_id),
CONSTRAINT ck_appointment_appointment_is_not_empty CHECK (starts < ends),
CONSTRAINT fk_appointment_person_id FOREIGN KEY(person_id) REFERENCES person (person_id)
)
;;
CREATE INDEX ix_appointment_family ON appointment (family_id, country, starts)
;;
CREATE INDEX ix_appointment_person ON appointment (person_id)
;;
CREATE TABLE rules_document (
version INTEGER NOT NULL,
digest TEXT NOT NULL,
routing_version INTEGER NOT NULL,
markdown TEXT NOT NULL,
at BIGINT NOT NULL,
CONSTRAINT pk_rules_document PRIMARY KEY (version)
)
;;
CREATE TRIGGER rules_document_no_update BEFORE UPDATE ON rules_document
BEGIN SELECT RAISE(ABORT, 'rules_document is only ever added to'); END
;;
CREATE TRIGGER rules_document_no_delete BEFORE DELETE ON rules_document
BEGIN SELECT RAISE(ABORT, 'rules_document is only ever added to'); END
;;
CREATE TRIGGER rules_document_no_replace BEFORE INSERT ON rules_document
WHEN EXISTS (SELECT 1 FROM rules_document WHERE version = NEW.version)
BEGIN SELECT RAISE(ABORT, 'rules_document is only ever added to'); END
;;
CREATE TABLE deal_territory (
opportunity_id TEXT NOT NULL,
territory_id TEXT,
status TEXT NOT NULL,
because TEXT NOT NULL,
candidates TEXT NOT NULL,
at BIGINT NOT NULL,
"by" TEXT NOT NULL,
CONSTRAINT pk_deal_territory PRIMARY KEY (opportunity_id),
CONSTRAINT ck_deal_territory_status_is_known CHECK (status IN ('assigned', 'review', 'chosen', 'locked')),
CONSTRAINT ck_deal_territory_review_has_none CHECK ((status = 'review') <= (territory_id IS NULL)),
CONSTRAINT fk_deal_territory_opportunity_id FOREIGN KEY(opportunity_id) REFERENCES opportunity (opportunity_id),
CONSTRAINT fk_deal_territory_territory_id FOREIGN KEY(territory_id) REFERENCES territory (territory_id)
)
;;
CREATE INDEX ix_deal_territory_status ON deal_territory (status, opportunity_id)
;;
CREATE INDEX ix_deal_territory_territory ON deal_territory (territory_id)
;;
CREATE TABLE handoff (
handoff_id TEXT NOT NULL,
opportunity_id TEXT NOT NULL,
account_id TEXT NOT NULL,
from_person TEXT,
to_person TEXT,
because TEXT NOT NULL,
checklist TEXT NOT NULL,
note TEXT NOT NULL,
status TEXT NOT NULL,
made_at BIGINT NOT NULL,
due_at BIGINT NOT NULL,
decided_at BIGINT,
CONSTRAINT pk_handoff PRIMARY KEY (handoff_id),
CONSTRAINT ck_handoff_status_is_known CHECK (status IN ('open', 'accepted', 'returned')),
CONSTRAINT uq_handoff_opportunity_id UNIQUE (opportunity_id),
CONSTRAINT fk_handoff_from_person FOREIGN KEY(from_person) REFERENCES person (person_id),
CONSTRAINT fk_handoff_to_person FOREIGN KEY(to_person) REFERENCES person (person_id)
)
;;
CREATE INDEX ix_handoff_to ON handoff (to_person, status, due_at)
;;
CREATE INDEX ix_handoff_account ON handoff (account_id)
;;
CREATE TABLE acknowledgement (
acknowledgement_id TEXT NOT NULL,
version INTEGER NOT NULL,
person_id TEXT NOT NULL,
digest TEXT NOT NULL,
at BIGINT NOT NULL,
CONSTRAINT pk_acknowledgement PRIMARY KEY (acknowledgement_id),
CONSTRAINT uq_acknowledgement_version_person_id UNIQUE (version, person_id),
CONSTRAINT fk_acknowledgement_version FOREIGN KEY(version) REFERENCES rules_document (version),
CONSTRAINT fk_acknowledgement_person_id FOREIGN KEY(person_id) REFERENCES person (person_id)
)
;;
CREATE INDEX ix_acknowledgement_person ON acknowledgement (person_id)
;;
CREATE TRIGGER acknowledgement_no_update BEFORE UPDATE ON acknowledgement
BEGIN SELECT RAISE(ABORT, 'acknowledgement is only ever added to'); END
;;
CREATE TRIGGER acknowledgement_no_delete BEFORE DELETE ON acknowledgement
BEGIN SELECT RAISE(ABORT, 'acknowledgement is only ever added to'); END
;;
CREATE TRIGGER acknowledgement_no_replace BEFORE INSERT ON acknowledgement
WHEN EXISTS (SELECT 1 FROM acknowledgement WHERE acknowledgement_id = NEW.acknowledgement_id)
BEGIN SELECT RAISE(ABORT, 'acknowledgement is only ever added to'); END
