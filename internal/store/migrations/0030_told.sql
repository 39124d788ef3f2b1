-- +goose Up
ALTER TABLE calendar_year ADD COLUMN told integer NOT NULL DEFAULT 0; -- matters that were to be told of it as it was last imported

-- +goose Down
ALTER TABLE calendar_year DROP COLUMN told;
