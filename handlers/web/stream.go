package web

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Bounds of answers that readers take more slowly than they are made.
const (
	// streamPiece is how much is sent at a time, in bytes.
	streamPiece = 64 << 10
	// streamStall is how long a reader may take for one piece; after that the connection is cut.
	streamStall = 10 * time.Second
	// streamMemory is how much of one answer is buffered in memory, in bytes; the rest is buffered in a file.
	streamMemory = 1 << 20
	// streamFile is how much of one answer is buffered in a file, and streamFiles how much of all, in bytes. Beyond
	// that the writer waits for the reader.
	streamFile  = 256 << 20
	streamFiles = 1 << 30
)

// spooled counts the bytes that wait in files, and sending the answers under way.
var spooled, sending atomic.Int64

// Streams returns how many long answers are being sent, and how many bytes of them wait in files.
func Streams() (under, bytes int64) { return sending.Load(), spooled.Load() }

// ErrReaderGone is what an answer ends with whose reader has gone, or takes nothing any more.
var ErrReaderGone = errors.New("web: the reader of the answer has gone")

// IsReaderGone reports whether an answer could not be sent because nobody takes it any more.
func IsReaderGone(err error) bool {
	return errors.Is(err, ErrReaderGone) || errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, os.ErrDeadlineExceeded)
}

// errStreamAborted is what a reader sees as a cut connection.
var errStreamAborted = errors.New("web: the answer was given up")

// Stream sends a long answer to a reader who may be slower than its writer. Unsent data is buffered in memory and then
// in a file, so that what the writer holds, a connection of the database, is free once everything is written.
type Stream struct {
	res     http.ResponseWriter
	control *http.ResponseController
	ended   chan struct{}

	mu      sync.Mutex
	changed *sync.Cond
	memory  []byte
	file    *os.File
	// from and to are the part of the file that waits.
	from, to int64
	closed   bool
	err      error
}

// NewStream starts to send what is written to it, after the header of the answer. It must be closed or aborted.
func NewStream(res http.ResponseWriter) *Stream {
	s := &Stream{res: res, control: http.NewResponseController(res), ended: make(chan struct{})}
	s.changed = sync.NewCond(&s.mu)
	sending.Add(1)
	go s.send()
	return s
}

// Write keeps a part of the answer for the reader. It fails when the reader has gone.
func (s *Stream) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.err == nil && s.full() {
		s.changed.Wait()
	}
	if s.err != nil {
		return 0, s.err
	}
	if s.to == s.from && len(s.memory)+len(p) <= streamMemory {
		s.memory = append(s.memory, p...)
	} else if err := s.spool(p); err != nil {
		return 0, err
	}
	s.changed.Broadcast()
	return len(p), nil
}

func (s *Stream) full() bool {
	waiting := s.to - s.from
	return waiting > streamFile || waiting > 0 && spooled.Load() > streamFiles
}

// spool appends to the file, which has no name, so that nothing is left of it whatever happens.
func (s *Stream) spool(p []byte) error {
	if s.file == nil {
		file, err := os.CreateTemp("", "roster-answer-*")
		if err != nil {
			return err
		}
		if err := os.Remove(file.Name()); err != nil {
			return errors.Join(err, file.Close())
		}
		s.file = file
	}
	n, err := s.file.WriteAt(p, s.to)
	s.to += int64(n)
	spooled.Add(int64(n))
	return err
}

// Close waits until the reader has taken the whole answer.
func (s *Stream) Close() error { return s.end(nil) }

// Abort drops what has not been sent and cuts the answer off.
func (s *Stream) Abort() { _ = s.end(errStreamAborted) }

func (s *Stream) end(err error) error {
	s.mu.Lock()
	if !s.closed {
		sending.Add(-1)
	}
	s.closed = true
	if s.err == nil {
		s.err = err
	}
	s.changed.Broadcast()
	s.mu.Unlock()
	<-s.ended
	s.mu.Lock()
	defer s.mu.Unlock()
	spooled.Add(s.from - s.to)
	if s.file != nil {
		_ = s.file.Close()
	}
	return s.err
}

func (s *Stream) send() {
	defer close(s.ended)
	piece := make([]byte, streamPiece)
	for {
		n, err := s.next(piece)
		if err == nil {
			_ = s.control.SetWriteDeadline(time.Now().Add(streamStall))
			_, err = s.res.Write(piece[:n])
		}
		if err == nil {
			err = s.control.Flush()
		}
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			s.fail(fmt.Errorf("%w: %w", ErrReaderGone, err))
			return
		}
	}
}

// next waits for a piece to send; io.EOF says that there is none left.
func (s *Stream) next(piece []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.err == nil && !s.closed && len(s.memory) == 0 && s.from == s.to {
		s.changed.Wait()
	}
	switch {
	case s.err != nil:
		return 0, s.err
	case len(s.memory) > 0:
		n := copy(piece, s.memory)
		s.memory = s.memory[n:]
		return n, nil
	case s.from < s.to:
		n, err := s.file.ReadAt(piece[:min(int64(len(piece)), s.to-s.from)], s.from)
		s.from += int64(n)
		spooled.Add(-int64(n))
		if s.from == s.to { // the file is written from its start again
			s.from = 0
			s.to = 0
		}
		s.changed.Broadcast()
		return n, err
	}
	return 0, io.EOF
}

func (s *Stream) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = err
	}
	s.changed.Broadcast()
}
