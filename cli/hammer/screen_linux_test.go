package hammer

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"unsafe"
)

// noTerminal passes over a test where the system gives no terminals, and fails it where CI is set.
func noTerminal(t *testing.T, err error) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal("there are no terminals here: ", err)
	}
	t.Skip("NOTICE: there are no terminals here: ", err)
}

// openTerminal returns the two ends of a terminal.
func openTerminal(t *testing.T) (master, slave *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		noTerminal(t, err)
	}
	t.Cleanup(func() { master.Close() })
	var unlock, number int32
	size := [4]uint16{24, 200}
	ioctl := func(request uintptr, argument unsafe.Pointer) {
		if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, master.Fd(), request, uintptr(argument)); errno != 0 {
			noTerminal(t, errno)
		}
	}
	ioctl(syscall.TIOCSPTLCK, unsafe.Pointer(&unlock))
	ioctl(syscall.TIOCGPTN, unsafe.Pointer(&number))
	ioctl(syscall.TIOCSWINSZ, unsafe.Pointer(&size))
	slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		noTerminal(t, err)
	}
	t.Cleanup(func() { slave.Close() })
	return master, slave
}

// Attack 23 on a terminal of the system: the program knows it for one, on both streams and where a file of the output
// is the terminal.
func TestScreen_OnATerminal(t *testing.T) {
	s := newStage(t)
	s.spoil(hostile)
	master, slave := openTerminal(t)
	printed := make(chan string)
	go func() {
		var text []byte
		for chunk := make([]byte, 4096); !bytes.HasSuffix(text, []byte("the end")); {
			n, err := master.Read(chunk)
			if text = append(text, chunk[:n]...); err != nil {
				break
			}
		}
		printed <- string(text)
	}()
	run := func(args ...string) {
		Run(t.Context(), Options{Args: args, Environ: s.environ, Program: "roster", Stdout: slave, Stderr: slave})
	}
	run("organization", "list")
	run("user", "info", "--id", "1")
	run("--csv", "user", "list")
	run("user", "info", "--id", "4711"+hostile)
	run("--output-file", slave.Name(), "user", "list")
	if _, err := io.WriteString(slave, "the end"); err != nil {
		t.Fatal(err)
	}
	text := <-printed
	if !strings.HasSuffix(text, "the end") || strings.Count(text, `A\u001b[31mB`) < 10 {
		t.Errorf("got %q", text)
	}
	if strings.Contains(text, "\x1b[31mB") {
		t.Errorf("a value colours the text: %q", text)
	}
	own := strings.NewReplacer("\r\n", "\n", "\x1b[1m", "", "\x1b[31m", "", "\x1b[0m", "")
	for _, r := range own.Replace(text) {
		if acts(r) && r != '\n' {
			t.Fatalf("the terminal obeys %U in\n%q", r, text)
		}
	}
}
