// Burst, idle, and one probe for each partition, with franz-go.
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

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"golang.org/x/sys/unix"
)

// producer returns a function that sends a message and waits for its acknowledgement.
func producer() func(text string, partition int) error {
	options := []kgo.Opt{
		kgo.SeedBrokers(os.Getenv("BOOTSTRAP")),
		kgo.DefaultProduceTopic(os.Getenv("TOPIC")),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
	}
	d, config := dialer(), security()
	switch {
	case d != nil && config != nil:
		options = append(options, kgo.Dialer((&tls.Dialer{NetDialer: d, Config: config}).DialContext))
	case d != nil:
		options = append(options, kgo.Dialer(d.DialContext))
	case config != nil:
		options = append(options, kgo.DialTLSConfig(config))
	}
	if config != nil {
		user := plain.Auth{User: os.Getenv("KAFKA_USER"), Pass: os.Getenv("KAFKA_SECRET")}
		options = append(options, kgo.SASL(user.AsMechanism()))
	}
	if os.Getenv("SETTING") == "max-idle" {
		options = append(options, kgo.ConnIdleTimeout(time.Duration(number("MAX_IDLE_MS"))*time.Millisecond))
	}
	client, err := kgo.NewClient(options...)
	if err != nil {
		log.Fatal(err)
	}
	return func(text string, partition int) error {
		record := &kgo.Record{Value: []byte(text), Partition: int32(partition)}
		return client.ProduceSync(context.Background(), record).FirstErr()
	}
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
