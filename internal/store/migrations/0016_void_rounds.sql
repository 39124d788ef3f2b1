-- +goose Up

-- A round whose matter ended before it was counted: nothing of it is counted any more.
ALTER TABLE poll_round ADD COLUMN void boolean NOT NULL DEFAULT false;
UPDATE poll_round SET void = true, closed = COALESCE(poll_round.closed, now()) FROM matter
    WHERE matter.id::text = poll_round.matter AND matter.closed IS NOT NULL AND result IS NULL;

-- +goose Down
ALTER TABLE poll_round DROP COLUMN void;
