-- +goose Up

-- What units owe a stage that gathers, counts marks or votes, and whether they have done it: never what they sent, marked
-- or chose. done is by the matter's clock; missed is set when the stage closes without it.
CREATE TABLE contribution (
    matter uuid NOT NULL REFERENCES matter,
    stage  text NOT NULL,
    round  integer NOT NULL,
    unit   text NOT NULL,
    done   timestamptz,
    missed boolean NOT NULL,
    PRIMARY KEY (matter, stage, round, unit)
);
CREATE INDEX contribution_unit ON contribution (unit, matter);

-- A post's scorecard as it last stood: one mark of one subject.
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

-- +goose Down
DROP TABLE scorecard, contribution;
