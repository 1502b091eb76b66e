// Burst, idle, and one probe for each partition, with segmentio's kafka-go.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/sasl/plain"
	"golang.org/x/sys/unix"
)

// producer returns a function that sends a message and waits for its acknowledgement.
func producer() func(text string, partition int) error {
	transport := &kafka.Transport{TLS: security()}
	if transport.TLS != nil {
		transport.SASL = plain.Mechanism{Username: os.Getenv("KAFKA_USER"), Password: os.Getenv("KAFKA_SECRET")}
	}
	if d := dialer(); d != nil {
		transport.Dial = d.DialContext
	}
	if os.Getenv("SETTING") == "max-idle" {
		transport.IdleTimeout = time.Duration(number("MAX_IDLE_MS")) * time.Millisecond
	}
	writer := &kafka.Writer{
		Addr:         kafka.TCP(os.Getenv("BOOTSTRAP")),
		Topic:        os.Getenv("TOPIC"),
		Balancer:     byNumber{},
		BatchTimeout: time.Millisecond,
		RequiredAcks: kafka.RequireAll,
		Transport:    transport,
	}
	return func(text string, partition int) error {
		message := kafka.Message{Value: []byte(text), WriterData: partition}
		return writer.WriteMessages(context.Background(), message)
	}
}

// byNumber sends each message to the partition in its WriterData.
type byNumber struct{}

func (byNumber) Balance(message kafka.Message, _ ...int) int {
	return message.WriterData.(int)
}

func number(name string) int {
	value, err := strconv.Atoi(os.Getenv(name))
	if err != nil {
		log.Fatal(name, ": ", err)
	}
	return value
}

// dialer returns one for the setting, or nil for the client's own.
func dialer() *net.Dialer {
	timers := net.KeepAliveConfig{
		Enable:   true,
		Idle:     time.Duration(number("KEEPALIVE_IDLE")) * time.Second,
		Interval: time.Duration(number("KEEPALIVE_INTERVAL")) * time.Second,
		Count:    number("KEEPALIVE_COUNT"),
	}
	switch os.Getenv("SETTING") {
	case "keepalive-timers":
		return &net.Dialer{Timeout: 10 * time.Second, KeepAliveConfig: timers}
	case "user-timeout":
		return &net.Dialer{Timeout: 10 * time.Second, KeepAlive: -1, Control: userTimeout}
	case "recommendation":
		return &net.Dialer{Timeout: 10 * time.Second, KeepAliveConfig: timers, Control: userTimeout}
	}
	return nil
}

func userTimeout(_, _ string, c syscall.RawConn) error {
	var failed error
	err := c.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, number("USER_TIMEOUT_MS"))
	})
	return errors.Join(err, failed)
}

// security returns nil for a plain connection.
func security() *tls.Config {
	file := os.Getenv("CA_FILE")
	if file == "" {
		return nil
	}
	certificate, err := os.ReadFile(file)
	if err != nil {
		log.Fatal(err)
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(certificate)
	return &tls.Config{RootCAs: trusted}
}

func main() {
	send := producer()
	partitions := number("PARTITIONS")
	for p := 0; p < partitions; p++ {
		if err := send("burst-"+strconv.Itoa(p), p); err != nil {
			log.Fatal(err)
		}
	}
	report(map[string]any{"step": "burst"})
	idle, _ := strconv.ParseFloat(os.Getenv("IDLE"), 64)
	time.Sleep(time.Duration(idle * float64(time.Second)))
	for p := 0; p < partitions; p++ {
		started := time.Now()
		err := send("probe-"+strconv.Itoa(p), p)
		probe := map[string]any{
			"step": "probe", "partition": p, "elapsedMs": time.Since(started).Milliseconds(),
			"outcome": "acknowledged", "error": nil,
		}
		if err != nil {
			probe["outcome"], probe["error"] = "failed", err.Error()
		}
		report(probe)
	}
}

func report(step map[string]any) {
	text, _ := json.Marshal(step)
	fmt.Println(string(text))
}
