CREATE TABLE pack_acknowledgement (
acknowledgement_id TEXT NOT NULL,
plan_id TEXT NOT NULL,
person_id TEXT NOT NULL,
digest TEXT NOT NULL,
at BIGINT NOT NULL,
CONSTRAINT pk_pack_acknowledgement PRIMARY KEY (acknowledgement_id),
CONSTRAINT uq_pack_acknowledgement_plan_id_person_id_digest UNIQUE (plan_id, person_id, digest),
CONSTRAINT fk_pack_acknowledgement_plan_id FOREIGN KEY(plan_id) REFERENCES "plan" (plan_id),
CONSTRAINT fk_pack_acknowledgement_person_id FOREIGN KEY(person_id) REFERENCES person (person_id)
)
;;
CREATE INDEX ix_pack_acknowledgement_person ON pack_acknowledgement (person_id)
;;
CREATE TRIGGER pack_acknowledgement_no_update BEFORE UPDATE ON pack_acknowledgement
BEGIN SELECT RAISE(ABORT, 'pack_acknowledgement is only ever added to'); END
;;
CREATE TRIGGER pack_acknowledgement_no_delete BEFORE DELETE ON pack_acknowledgement
BEGIN SELECT RAISE(ABORT, 'pack_acknowledgement is only ever added to'); END
;;
CREATE TRIGGER pack_acknowledgement_no_replace BEFORE INSERT ON pack_acknowledgement
WHEN EXISTS (SELECT 1 FROM pack_acknowledgement WHERE acknowledgement_id = NEW.acknowledgement_id)
BEGIN SELECT RAISE(ABORT, 'pack_acknowledgement is only ever added to'); END
