-- +goose Up

-- What is long and written at every action is compressed by lz4, which takes a fraction of the time, where this PostgreSQL
-- was built with it.
-- +goose StatementBegin
DO $$
BEGIN
    ALTER TABLE matter ALTER COLUMN spec SET COMPRESSION lz4, ALTER COLUMN state SET COMPRESSION lz4;
    ALTER TABLE journal ALTER COLUMN spec SET COMPRESSION lz4, ALTER COLUMN command SET COMPRESSION lz4;
    ALTER TABLE event ALTER COLUMN body SET COMPRESSION lz4;
    ALTER TABLE matter_search ALTER COLUMN words SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    NULL;
END $$;
-- +goose StatementEnd

-- +goose Down
ALTER TABLE matter ALTER COLUMN spec SET COMPRESSION default, ALTER COLUMN state SET COMPRESSION default;
ALTER TABLE journal ALTER COLUMN spec SET COMPRESSION default, ALTER COLUMN command SET COMPRESSION default;
ALTER TABLE event ALTER COLUMN body SET COMPRESSION default;
ALTER TABLE matter_search ALTER COLUMN words SET COMPRESSION default;
