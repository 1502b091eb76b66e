#!/usr/bin/env bash
# Does a client recover when a NAT expires its flow? $1 is the admin address, $2 the client's IP address.
set -euo pipefail
api="http://$1/api/v1"
call() { curl --silent --show-error --fail-with-body "$@"; echo; }

call "$api/flows?client=$2&state=live"                  # its live flows
call -X PATCH "$api/middlebox" \
    -H 'Content-Type: application/json' \
    -d '{"idleTimeout": "30s", "onExpiry": "drop"}'     # settings of the middlebox
call -X POST "$api/flows/expire?client=$2"              # expire now: from here on the client gets no answer
sleep 1                                                 # ... and retransmits
call "$api/flows?client=$2&state=blackholed"            # discardedAfterMillis has the times
call -X POST "$api/flows/heal?client=$2"                # heal: the retransmitted data arrives
call -X PUT "$api/outage" -H 'Content-Type: application/json' -d '{"on": true}'
call -X PUT "$api/outage" -H 'Content-Type: application/json' -d '{"on": false}'
curl --silent --no-buffer --max-time 1 "$api/events?start=oldest" | grep '^event: ' | sort | uniq -c || true
