// Burst, idle, and one probe for each partition, with sarama.
package main

import (
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

	"github.com/IBM/sarama"
	"golang.org/x/sys/unix"
)

// producer returns a function that sends a message and waits for its acknowledgement.
func producer() func(text string, partition int) error {
	config := sarama.NewConfig()
	config.Producer.Return.Successes = true
	config.Producer.Partitioner = sarama.NewManualPartitioner
	if d := dialer(); d != nil {
		config.Net.Proxy.Enable = true
		config.Net.Proxy.Dialer = d
	}
	if trusted := security(); trusted != nil {
		config.Net.TLS.Enable = true
		config.Net.TLS.Config = trusted
		config.Net.SASL.Enable = true
		config.Net.SASL.User = os.Getenv("KAFKA_USER")
		config.Net.SASL.Password = os.Getenv("KAFKA_SECRET")
	}
	client, err := sarama.NewSyncProducer([]string{os.Getenv("BOOTSTRAP")}, config)
	if err != nil {
		log.Fatal(err)
	}
	return func(text string, partition int) error {
		message := &sarama.ProducerMessage{
			Topic: os.Getenv("TOPIC"), Partition: int32(partition), Value: sarama.StringEncoder(text),
		}
		_, _, err := client.SendMessage(message)
		return err
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
