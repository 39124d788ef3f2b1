-- +goose Up

-- Who may act for a post at an instant, by the view that says so. A function of its own has its plan made once; within a
-- larger query the view is planned anew every time, or works out everybody's posts.
-- +goose StatementBegin
CREATE FUNCTION acting_for(asked text, at timestamptz) RETURNS TABLE (person uuid, for_person uuid) LANGUAGE plpgsql STABLE ROWS 1 AS $$
BEGIN
    RETURN QUERY SELECT a.person, a.for_person FROM acting a WHERE a.post = asked AND a.from_at <= at AND a.to_at > at;
END $$;
-- +goose StatementEnd

-- +goose Down
DROP FUNCTION acting_for;
