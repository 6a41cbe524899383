CREATE TABLE pack_acknowledgement (
acknowledgement_id TEXT NOT NULL,
plan_id TEXT NOT NULL,
person_id TEXT NOT NULL,
digest TEXT NOT NULL,
at TIMESTAMP WITH TIME ZONE NOT NULL,
CONSTRAINT pk_pack_acknowledgement PRIMARY KEY (acknowledgement_id),
CONSTRAINT uq_pack_acknowledgement_plan_id_person_id_digest UNIQUE (plan_id, person_id, digest),
CONSTRAINT fk_pack_acknowledgement_plan_id FOREIGN KEY(plan_id) REFERENCES plan (plan_id),
CONSTRAINT fk_pack_acknowledgement_person_id FOREIGN KEY(person_id) REFERENCES person (person_id)
)
;;
CREATE INDEX ix_pack_acknowledgement_person ON pack_acknowledgement (person_id)
;;
CREATE FUNCTION pack_acknowledgement_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'pack_acknowledgement is only ever added to' USING ERRCODE = 'restrict_violation'; END $$
;;
CREATE TRIGGER pack_acknowledgement_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON pack_acknowledgement
FOR EACH STATEMENT EXECUTE FUNCTION pack_acknowledgement_append_only()
