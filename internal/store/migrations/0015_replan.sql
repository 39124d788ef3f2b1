-- +goose Up

-- Matters that are still to be told of a year's special days.
CREATE TABLE replan (
    matter uuid NOT NULL REFERENCES matter,
    year   integer NOT NULL REFERENCES calendar_year,
    leased timestamptz NOT NULL DEFAULT '-infinity', -- somebody tells it until then
    PRIMARY KEY (matter, year)
);
CREATE INDEX replan_year ON replan (year);

-- +goose Down
DROP TABLE replan;
