-- +goose Up

-- Lists of what is open, newest first, would otherwise go past everything of the procedure that was closed since.
CREATE INDEX matter_open ON matter (procedure, id) WHERE closed IS NULL;

-- +goose Down
DROP INDEX matter_open;
