-- +goose Up

-- A round may be counted some time after it is closed, so that what came in its last minutes can still be looked into.
ALTER TABLE poll_round ADD COLUMN counts timestamptz; -- the first instant at which it may be counted; null: once it is closed

-- An exclusion is of the voter: a later ballot of theirs is left out too. Ballots excluded before this stay so.
ALTER TABLE poll_voter ADD COLUMN exclusion integer;
UPDATE poll_voter v SET exclusion = b.exclusion FROM poll_ballot b WHERE b.round = v.round AND b.leaf = v.leaf AND b.exclusion IS NOT NULL;

-- +goose Down
ALTER TABLE poll_voter DROP COLUMN exclusion;
ALTER TABLE poll_round DROP COLUMN counts;
