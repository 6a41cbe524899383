CREATE TABLE account_decision (
decision_id TEXT NOT NULL,
verdict TEXT NOT NULL,
account_id TEXT NOT NULL,
other_id TEXT NOT NULL,
parts JSONB NOT NULL,
why TEXT,
by TEXT NOT NULL,
at TIMESTAMP WITH TIME ZONE NOT NULL,
undone_by TEXT,
undone_at TIMESTAMP WITH TIME ZONE,
CONSTRAINT pk_account_decision PRIMARY KEY (decision_id),
CONSTRAINT ck_account_decision_verdict_is_known CHECK (verdict IN ('merge', 'keep apart', 'split off'))
)
;;
CREATE INDEX ix_account_decision_at ON account_decision (at, decision_id)
;;
CREATE INDEX ix_account_decision_other_id ON account_decision (other_id)
;;
CREATE INDEX ix_account_decision_account_id ON account_decision (account_id)
;;
CREATE TABLE import_difference (
import_id TEXT NOT NULL,
added INTEGER NOT NULL,
changed INTEGER NOT NULL,
merged INTEGER NOT NULL,
split_off INTEGER NOT NULL,
decisions JSONB NOT NULL,
told_as TEXT,
CONSTRAINT pk_import_difference PRIMARY KEY (import_id)
)
