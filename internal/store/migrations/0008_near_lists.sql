-- +goose Up

-- What a unit's list of matters is chosen and sorted by, beside the matters it concerns: who sees only those starts here
-- instead of at everybody's.
ALTER TABLE matter_unit
    ADD COLUMN procedure text NOT NULL DEFAULT '',
    ADD COLUMN open      boolean NOT NULL DEFAULT true,
    ADD COLUMN red_at    timestamptz NOT NULL DEFAULT 'infinity';
UPDATE matter_unit SET procedure = matter.procedure, open = matter.closed IS NULL, red_at = matter.red_at
    FROM matter WHERE matter.id = matter_unit.matter;
CREATE INDEX matter_unit_open ON matter_unit (unit, procedure, matter) WHERE open;
CREATE INDEX matter_unit_near ON matter_unit (unit, red_at, matter) INCLUDE (procedure) WHERE open;

-- Whoever remembers who bears a session is told when that may have changed, by whatever statement it was changed.
-- +goose StatementBegin
CREATE FUNCTION announce_people() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NOTIFY duban_people;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER announced AFTER DELETE OR UPDATE OF ended_at, expires_absolute, idle ON session FOR EACH STATEMENT EXECUTE FUNCTION announce_people();
CREATE TRIGGER announced AFTER INSERT OR DELETE OR UPDATE ON person FOR EACH STATEMENT EXECUTE FUNCTION announce_people();
CREATE TRIGGER announced AFTER INSERT OR DELETE OR UPDATE ON holding FOR EACH STATEMENT EXECUTE FUNCTION announce_people();
CREATE TRIGGER announced AFTER INSERT OR DELETE OR UPDATE ON deputy FOR EACH STATEMENT EXECUTE FUNCTION announce_people();
CREATE TRIGGER announced AFTER INSERT OR DELETE OR UPDATE ON unit FOR EACH STATEMENT EXECUTE FUNCTION announce_people();
CREATE TRIGGER announced AFTER INSERT OR DELETE OR UPDATE ON post FOR EACH STATEMENT EXECUTE FUNCTION announce_people();

-- +goose Down
DROP TRIGGER announced ON session;
DROP TRIGGER announced ON person;
DROP TRIGGER announced ON holding;
DROP TRIGGER announced ON deputy;
DROP TRIGGER announced ON unit;
DROP TRIGGER announced ON post;
DROP FUNCTION announce_people;
DROP INDEX matter_unit_open, matter_unit_near;
ALTER TABLE matter_unit DROP COLUMN procedure, DROP COLUMN open, DROP COLUMN red_at;
