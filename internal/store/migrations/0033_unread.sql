-- +goose Up

-- What was written and never read: the marks of a card are in the matter's state, and no list asks by these indexes.
DROP TABLE scorecard;
DROP INDEX assignment_open_unit, journal_matter, contribution_unit, attachment_sha256;

-- +goose Down
CREATE INDEX assignment_open_unit ON assignment (unit, red_at, matter, id) WHERE closed IS NULL AND NOT waits;
CREATE INDEX journal_matter ON journal (matter);
CREATE INDEX contribution_unit ON contribution (unit, matter);
CREATE INDEX attachment_sha256 ON attachment (sha256);
CREATE TABLE scorecard (
    matter    uuid NOT NULL REFERENCES matter,
    stage     text NOT NULL,
    round     integer NOT NULL,
    post      text NOT NULL,
    subject   text NOT NULL,
    indicator text NOT NULL,
    mark      double precision NOT NULL,
    at        timestamptz NOT NULL,
    PRIMARY KEY (matter, stage, round, post, subject, indicator)
);
