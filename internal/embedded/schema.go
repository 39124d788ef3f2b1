package embedded

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/tools/common/schema"
	sqltool "go.temporal.io/server/tools/sql"
)

// schemaLock is the advisory lock under which schemas are set up; any number nobody else uses.
const schemaLock = 0x647562616e

// prepareSchemas brings both databases to the server's version, from the files in the server's own module. The steps
// are no transaction but can be repeated, and the lock keeps a second process from repeating them at the same time.
func prepareSchemas(ctx context.Context, databaseURL string, main, visibility config.SQL, log logger) error {
	conn, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx)) // which lets go of the lock
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", schemaLock); err != nil {
		return err
	}
	for _, name := range []string{temporalName, visibilityName} {
		if err := ensureDatabase(ctx, databaseURL, name); err != nil {
			return fmt.Errorf("database %s: %w", name, err)
		}
	}
	if err := updateSchema(main, "postgresql/v12/temporal", log); err != nil {
		return err
	}
	return updateSchema(visibility, "postgresql/v12/visibility", log)
}

// ensureDatabase makes the database where a PostgreSQL that is not ours lacks it.
func ensureDatabase(ctx context.Context, databaseURL, name string) error {
	conf, err := pgx.ParseConfig(databaseURL)
	if err != nil {
		return err
	}
	beside := conf.Copy()
	beside.Database = name
	conn, err := pgx.ConnectConfig(ctx, beside)
	if err == nil {
		return conn.Close(ctx)
	}
	if !hasCode(err, unknownDatabase) {
		return err
	}
	if conn, err = pgx.ConnectConfig(ctx, conf); err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	_, err = conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize())
	if hasCode(err, duplicateDatabase) {
		return nil
	}
	return err
}

func updateSchema(store config.SQL, files string, log logger) error {
	conn, err := sqltool.NewConnection(&store, log)
	if err != nil {
		return fmt.Errorf("schema of %s: %w", store.DatabaseName, err)
	}
	defer conn.Close()
	// The version tables only: naming the files here too would make every table again.
	if err := schema.NewSetupSchemaTask(conn, &schema.SetupConfig{InitialVersion: "0.0"}, log).Run(); err != nil {
		return fmt.Errorf("schema of %s: %w", store.DatabaseName, err)
	}
	if err := schema.NewUpdateSchemaTask(conn, &schema.UpdateConfig{SchemaName: files}, log).Run(); err != nil {
		return fmt.Errorf("schema of %s: %w", store.DatabaseName, err)
	}
	return nil
}
