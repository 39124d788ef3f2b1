package loopback_test

import (
	"net"
	"testing"

	"duban/internal/loopback"
)

func TestPortsHeldAreNotHandedOutTwice(t *testing.T) {
	first, release, err := loopback.Hold(t.Context(), 4)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 4 {
		if l, err := net.Listen("tcp", loopback.Address(first+i)); err == nil {
			t.Errorf("port %d was to be had while it was held: %v", first+i, l.Close())
		}
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", loopback.Address(first))
	if err != nil {
		t.Fatal("a released port was not to be had:", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestAServerThatComesBackFindsItsPortsLeftAlone(t *testing.T) {
	for range 20 {
		back, err := loopback.Free(t.Context(), 4)
		if err != nil {
			t.Fatal(err)
		}
		begins, release, err := loopback.Hold(t.Context(), 4)
		if err != nil {
			t.Fatal(err)
		}
		if err := release(); err != nil {
			t.Fatal(err)
		}
		if back < begins+4 {
			t.Errorf("ports from %d are for a server that comes back, and those from %d for one that begins", back, begins)
		}
	}
}
