CREATE TABLE delivery (
delivery_id TEXT NOT NULL,
target TEXT NOT NULL,
event TEXT NOT NULL,
subject TEXT NOT NULL,
payload JSONB NOT NULL,
made_at TIMESTAMP WITH TIME ZONE NOT NULL,
status TEXT NOT NULL,
attempts INTEGER NOT NULL,
next_at TIMESTAMP WITH TIME ZONE NOT NULL,
leased_until TIMESTAMP WITH TIME ZONE,
answer INTEGER,
problem TEXT,
ended_at TIMESTAMP WITH TIME ZONE,
CONSTRAINT pk_delivery PRIMARY KEY (delivery_id),
CONSTRAINT ck_delivery_status_is_known CHECK (status IN ('pending', 'delivered', 'dead'))
)
;;
CREATE INDEX ix_delivery_due ON delivery (status, next_at)
;;
CREATE INDEX ix_delivery_made ON delivery (made_at, delivery_id)
;;
CREATE INDEX ix_delivery_subject ON delivery (subject)
