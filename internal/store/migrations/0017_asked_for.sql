-- +goose Up

-- What another matter asked of a unit is no draft of its own.
UPDATE matter SET draft = false WHERE draft AND parent IS NOT NULL;

-- +goose Down
SELECT 1;
