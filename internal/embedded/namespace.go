package embedded

import (
	"context"
	"errors"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	temporallog "go.temporal.io/server/common/log"
	"google.golang.org/protobuf/types/known/durationpb"
)

// SearchAttributes are those of a matter's workflow. Identifiers and states only: they are stored in the clear, so no
// title and no person's name belongs there.
func SearchAttributes() map[string]enumspb.IndexedValueType {
	return map[string]enumspb.IndexedValueType{
		"DubanProcedure": enumspb.INDEXED_VALUE_TYPE_KEYWORD,
		"DubanUnit":      enumspb.INDEXED_VALUE_TYPE_KEYWORD,
	}
}

// namespaceLimit bounds the wait for a new namespace: each service reads the list of them every few seconds.
const namespaceLimit = 60 * time.Second

// prepareNamespace makes the namespace and its search attributes and waits until every service knows them.
func prepareNamespace(ctx context.Context, address, namespace string, log logger) error {
	ctx, cancel := context.WithTimeout(ctx, namespaceLimit)
	defer cancel()
	c, err := client.NewLazyClient(client.Options{HostPort: address, Namespace: namespace, Logger: sdkLogger(log)})
	if err != nil {
		return err
	}
	defer c.Close()
	for _, step := range []func(context.Context, client.Client, string) error{
		register, addSearchAttributes, countBySearchAttribute, reachHistory, reachMatching,
	} {
		if err := retry(ctx, func() error { return step(ctx, c, namespace) }); err != nil {
			return fault(TemporalFailed, facts{"reason": err.Error()}, err, "the namespace %s cannot be used", namespace)
		}
	}
	return nil
}

func sdkLogger(log logger) sdklog.Logger { return temporallog.NewSdkLogger(log) }

// retry repeats what a server that has only just started refuses.
func retry(ctx context.Context, f func() error) error {
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		err := f()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-again.C:
		}
	}
}

func register(ctx context.Context, c client.Client, namespace string) error {
	_, err := c.WorkflowService().RegisterNamespace(ctx, &workflowservice.RegisterNamespaceRequest{
		Namespace:                        namespace,
		Description:                      "duban",
		WorkflowExecutionRetentionPeriod: durationpb.New(Retention),
	})
	var exists *serviceerror.NamespaceAlreadyExists
	if errors.As(err, &exists) {
		return nil
	}
	return err
}

func addSearchAttributes(ctx context.Context, c client.Client, namespace string) error {
	_, err := c.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{
		Namespace: namespace, SearchAttributes: SearchAttributes(),
	})
	return err
}

// countBySearchAttribute succeeds once the frontend knows the namespace with its attributes.
func countBySearchAttribute(ctx context.Context, c client.Client, _ string) error {
	_, err := c.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Query: "DubanProcedure = 'none' AND DubanUnit = 'none'"})
	return err
}

// reachHistory succeeds once the history service knows the namespace: it then misses only the workflow.
func reachHistory(ctx context.Context, c client.Client, _ string) error {
	_, err := c.DescribeWorkflowExecution(ctx, "duban-start-probe", "")
	var missing *serviceerror.NotFound
	if errors.As(err, &missing) {
		return nil
	}
	return err
}

// reachMatching succeeds once the matching service knows the namespace.
func reachMatching(ctx context.Context, c client.Client, _ string) error {
	_, err := c.DescribeTaskQueue(ctx, "duban-start-probe", enumspb.TASK_QUEUE_TYPE_WORKFLOW)
	return err
}
