package embedded

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"duban/internal/disk"
)

// folderFormat is the layout of the data folder. Raise it when a folder of today could no longer be read.
const folderFormat = "1"

// folder is the data folder, held by this process alone:
//
//	format             layout version
//	lock               held while a duban runs here; names its process
//	credentials.json   passwords of the cluster, readable by us only
//	postgres/cluster   the PostgreSQL cluster
//	postgres/run       its socket
//	postgres/log       its log
type folder struct {
	path        string
	lock        *os.File
	credentials credentials
}

// credentials are made once, at random, and never leave the folder.
type credentials struct {
	Superuser   string `json:"superuser"`
	Application string `json:"application"`
}

func (f *folder) postgres() string { return filepath.Join(f.path, "postgres") }
func (f *folder) cluster() string  { return filepath.Join(f.path, "postgres", "cluster") }
func (f *folder) socket() string   { return filepath.Join(f.path, "postgres", "run") }
func (f *folder) logFile() string  { return filepath.Join(f.path, "postgres", "log", "postgres.log") }

// openFolder makes the folder where it is missing, checks that it is ours to use and locks it. The lock goes when this
// process ends, however it ends.
func openFolder(path string, a account) (_ *folder, err error) {
	path, err = filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	mode := fs.FileMode(0o700)
	if a.switched() {
		mode = 0o711 // PostgreSQL's account passes through to its own part, and sees nothing else
	}
	if err := os.MkdirAll(path, mode); err != nil {
		return nil, fault(FolderClosed, facts{"path": path, "account": a.name}, err, "cannot make the data folder %s", path)
	}
	if a.switched() {
		if err := os.Chmod(path, mode); err != nil {
			return nil, err
		}
	}
	f := &folder{path: path}
	if err := f.acquire(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.close())
		}
	}()
	if err := f.checkFormat(); err != nil {
		return nil, err
	}
	if err := f.loadCredentials(); err != nil {
		return nil, err
	}
	return f, nil
}

func (f *folder) acquire() error {
	file, err := os.OpenFile(filepath.Join(f.path, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err != nil {
		holder, _ := os.ReadFile(file.Name())
		pid := strings.TrimSpace(string(holder))
		err = fault(FolderInUse, facts{"path": f.path, "pid": pid}, err,
			"the data folder %s is in use by another duban (process %s)", f.path, pid)
		return errors.Join(err, file.Close())
	}
	f.lock = file
	if err := file.Truncate(0); err != nil {
		return err
	}
	_, err = file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

func (f *folder) close() error { return f.lock.Close() }

func (f *folder) checkFormat() error {
	name := filepath.Join(f.path, "format")
	found, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return writeFile(name, []byte(folderFormat+"\n"), 0o644)
	}
	if err != nil {
		return err
	}
	if got := strings.TrimSpace(string(found)); got != folderFormat {
		return fault(FolderFormat, facts{"path": f.path, "found": got, "known": folderFormat}, nil,
			"the data folder %s has layout %q, this program knows %q", f.path, got, folderFormat)
	}
	return nil
}

func (f *folder) loadCredentials() error {
	name := filepath.Join(f.path, "credentials.json")
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		f.credentials = credentials{Superuser: rand.Text(), Application: rand.Text()}
		if text, err = json.Marshal(f.credentials); err != nil {
			return err
		}
		return writeFile(name, text, 0o600)
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, &f.credentials); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// writeFile writes the whole file or nothing, also when the power goes.
func writeFile(name string, text []byte, mode fs.FileMode) (err error) {
	temporary, err := os.OpenFile(name+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	_, err = temporary.Write(text)
	if err = errors.Join(err, temporary.Sync(), temporary.Close()); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), name)
}

func checkSpace(path string, reserve uint64) error {
	free, err := disk.Free(path)
	if err != nil {
		return err
	}
	if free < reserve {
		return fault(DiskFull, facts{"path": path, "free": free >> 20, "reserve": reserve >> 20}, nil,
			"only %d MiB are free on the disk of %s, %d MiB are needed", free>>20, path, reserve>>20)
	}
	return nil
}
