-- +goose Up

-- Where a ballot that was replaced stands in the log, for when it is sent again. Only those replaced are in it.
CREATE INDEX poll_ballot_replaced ON poll_ballot (round, mark) WHERE superseded;

-- +goose Down
DROP INDEX poll_ballot_replaced;
