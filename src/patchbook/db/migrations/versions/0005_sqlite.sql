CREATE TABLE delivery (
delivery_id TEXT NOT NULL,
target TEXT NOT NULL,
event TEXT NOT NULL,
subject TEXT NOT NULL,
payload TEXT NOT NULL,
made_at BIGINT NOT NULL,
status TEXT NOT NULL,
attempts INTEGER NOT NULL,
next_at BIGINT NOT NULL,
leased_until BIGINT,
answer INTEGER,
problem TEXT,
ended_at BIGINT,
CONSTRAINT pk_delivery PRIMARY KEY (delivery_id),
CONSTRAINT ck_delivery_status_is_known CHECK (status IN ('pending', 'delivered', 'dead'))
)
;;
CREATE INDEX ix_delivery_due ON delivery (status, next_at)
;;
CREATE INDEX ix_delivery_made ON delivery (made_at, delivery_id)
;;
CREATE INDEX ix_delivery_subject ON delivery (subject)
