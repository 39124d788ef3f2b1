-- +goose Up

-- What a ledger counts by and counts: of all of an organisation's matters it reads this index alone, not the matters.
CREATE INDEX matter_ledger ON matter (organisation, owner)
    INCLUDE (id, unit, draft, closed, outcome, yellow_at, red_at, leader, term, rulebook, procedure);

-- +goose Down
DROP INDEX matter_ledger;
